import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import { packSeries, type Reading } from '@coldchain/telemetry';
import fc from 'fast-check';
import {
  connectGateway,
  deadLetterCodes,
  frame,
  type IngestFixture,
  ingestFixture,
  readings,
  START,
} from './ingest-fixture.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('stored readings', () => {
  let fixture: IngestFixture;
  beforeAll(async () => {
    fixture = await ingestFixture();
  });
  afterAll(() => fixture.close());

  it('are unpacked by SQL as by the library', async () => {
    const reading = fc.record<Reading>({
      at: fc.integer({ min: -(2 ** 41), max: 2 ** 42 }),
      milliCelsius: fc.integer({ min: -200_000, max: 200_000 }),
      humidityPermille: fc.option(fc.integer({ min: 0, max: 1000 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { minLength: 1, maxLength: 60 }), async (content) => {
        const ascending = [...content].sort((a, b) => a.at - b.at);
        const rows = await fixture.owner.query<Reading>(
          `SELECT (extract(epoch FROM at) * 1000)::int8 AS at, milli_celsius AS "milliCelsius",
                  humidity_permille AS "humidityPermille" FROM unpack_series($1)`,
          [packSeries('x', content).data],
        );
        expect(rows).toEqual(ascending);
      }),
      { numRuns: 50 },
    );
    await expect(fixture.owner.query(`SELECT * FROM unpack_series('\\x0200')`)).rejects.toThrow('unknown form');
    await expect(fixture.owner.query(`SELECT * FROM unpack_series('\\x01000500')`)).rejects.toThrow('another length');
  });

  it('keep the bytes of a frame inside its row, compressed where the server has lz4', async () => {
    const gateway = await connectGateway(fixture);
    // With white space, as no gateway kit writes it: such a frame has no short form.
    const written = frame('compressed', 0, readings('compressed', START, 60)).toString();
    const raw = Buffer.from(`${written} `);
    await gateway.publish('readings', raw);
    await gateway.close();
    const [row] = await fixture.owner.query<{ raw: Buffer; compression: string | null; bytes: number; lz4: boolean }>(
      `SELECT f.raw, pg_column_compression(f.raw) AS compression, pg_column_size(f.raw) AS bytes,
              (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') AS lz4
       FROM reading_frame f JOIN stream s ON s.id = f.stream WHERE s.boot = 'compressed'`,
    );
    expect(row?.raw).toEqual(raw);
    expect(row?.compression).toBe(row?.lz4 === true ? 'lz4' : null);
    if (row?.lz4 === true) expect(row.bytes).toBeLessThan(raw.length / 2);
    const [outside] = await fixture.owner.query<{ bytes: number }>(
      `SELECT coalesce(sum(pg_relation_size(c.reltoastrelid)), 0)::int8 AS bytes
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'reading_frame'::regclass`,
    );
    expect(outside?.bytes).toBe(0);
  });

  it('are united by readings(): series over midnight and single readings, inside the window only', async () => {
    const gateway = await connectGateway(fixture);
    await gateway.publish('readings', frame('u', 0, readings('united', START - 2 * HOUR, 180)));
    await gateway.publish('readings', frame('u', 1, readings('united', START + 3 * HOUR, 1, -1_500)));
    await gateway.publish('readings', frame('u', 2, readings('other', START, 5)));
    const rows = await fixture.owner.query<{ at: Date; celsius: string; seq: number }>(
      `SELECT r.at, r.celsius, r.seq FROM logger l, readings(l.id, $1, $2) r WHERE l.serial = 'united'`,
      [new Date(START - HOUR), new Date(START + 4 * HOUR)],
    );
    expect(rows).toHaveLength(121);
    expect(rows[0]).toMatchObject({ at: new Date(START - HOUR), celsius: '5.6000000000000000', seq: 0 });
    expect(Number(rows.at(-1)?.celsius)).toBe(-1.5);
    expect(rows.at(-1)?.at).toEqual(new Date(START + 3 * HOUR));
    await gateway.close();
  });

  it('put a single reading into its lean row, with its bytes', async () => {
    const gateway = await connectGateway(fixture, 'south/g1');
    const bytes = frame('s', 0, [
      { logger: 'lean', at: START, milliCelsius: 5_120, humidityPermille: 441, counter: 7 },
    ]);
    await gateway.publish('readings', bytes);
    await gateway.publish('readings', bytes);
    const rows = await fixture.owner.query(
      `SELECT milli_celsius, humidity_permille, counter, encode(raw, 'escape') AS raw FROM reading_single r
       JOIN logger l ON l.id = r.logger WHERE l.serial = 'lean'`,
    );
    expect(rows).toEqual([{ milli_celsius: 5120, humidity_permille: 441, counter: 7, raw: bytes.toString() }]);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    await gateway.close();
  });

  it('keep detached days under another name, and take what comes late for them', async () => {
    const gateway = await connectGateway(fixture, 'north/g2');
    const day = START - 40 * DAY;
    await gateway.publish('readings', frame('d', 0, readings('old', day, 3)));
    await gateway.publish('readings', frame('d', 1, readings('old', START, 3)));
    const ingest = Database.open({ url: fixture.url, role: 'cct_ingest', applicationName: 'spec' });
    const [detached] = await ingest.query<{ count: number }>('SELECT detach_reading_partitions($1) AS count', [
      new Date(START - 20 * DAY).toISOString().slice(0, 10),
    ]);
    await ingest.close();
    expect(detached).toEqual({ count: 3 });
    const tables = await fixture.owner.query<{ name: string; rows: number }>(
      `SELECT regexp_replace(relname, '_[0-9]{17}$', '') AS name, reltuples >= -1 AS rows FROM pg_class
       WHERE relname LIKE 'detached\\_reading\\_%' AND relkind = 'r' ORDER BY 1`,
    );
    const suffix = new Date(day).toISOString().slice(0, 10).replaceAll('-', '');
    expect(tables.map(({ name }) => name)).toEqual(
      ['frame', 'series', 'single'].map((kind) => `detached_reading_${kind}_${suffix}`),
    );
    const kept = (): Promise<unknown[]> =>
      fixture.owner.query(
        `SELECT seq, n FROM reading_frame f JOIN stream s ON s.id = f.stream WHERE boot = 'd' ORDER BY 1`,
      );
    expect(await kept()).toEqual([{ seq: 1, n: 3 }]);
    await gateway.publish('readings', frame('d', 2, readings('old', day, 4)));
    expect(await kept()).toEqual([
      { seq: 1, n: 3 },
      { seq: 2, n: 4 },
    ]);
    await gateway.close();
  });

  it('know a redelivery for a detached day, and let no clash vanish: compared with what was detached while it is there', async () => {
    const gateway = await connectGateway(fixture, 'north/g2');
    const day = START - 60 * DAY;
    const sent = [
      frame('again', 0, readings('redelivered', day, 3)),
      frame('again', 1, readings('redelivered', day + HOUR, 1)),
      frame('again', 2, readings('redelivered', day + 2 * HOUR, 3)),
      frame('again', 3, readings('redelivered', START, 1)),
    ];
    const send = async (all: readonly Buffer[]): Promise<void> => {
      for (const bytes of all) await gateway.publish('readings', bytes);
    };
    const detach = async (): Promise<void> => {
      const ingest = Database.open({ url: fixture.url, role: 'cct_ingest', applicationName: 'spec' });
      await ingest.query('SELECT detach_reading_partitions($1)', [
        new Date(START - 50 * DAY).toISOString().slice(0, 10),
      ]);
      await ingest.close();
    };
    const setAside = async (): Promise<string[]> => {
      const rows = await fixture.owner.query<{ code: string; seq: number }>(
        `SELECT code, seq FROM dead_letter WHERE boot = 'again' ORDER BY id`,
      );
      return rows.map(({ code, seq }) => `${seq} ${code}`);
    };
    const marked = async (): Promise<unknown> => {
      const [row] = await fixture.owner.query<{ clashes: number; frames: number }>(
        `SELECT bit_count(w.clash) AS clashes, w.frames FROM stream_watermark w JOIN stream s ON s.id = w.stream
         WHERE s.boot = 'again'`,
      );
      return row;
    };
    await send(sent);
    await detach();
    await send(sent);
    // Twice detached: what was made for the redelivery is empty.
    await detach();
    await send(sent);
    expect(await setAside()).toEqual([]);
    expect(await marked()).toEqual({ clashes: 0, frames: 4 });

    await send([
      frame('again', 0, readings('redelivered', day, 2)),
      frame('again', 1, readings('redelivered', day + HOUR, 1, 9_000)),
      frame('again', 3, readings('redelivered', day, 1)),
    ]);
    expect(await setAside()).toEqual(['0 sequence-clash', '1 sequence-clash', '3 sequence-clash']);
    expect(await marked()).toEqual({ clashes: 3, frames: 4 });

    const tables = await fixture.owner.query<{ name: string }>(
      `SELECT name FROM detached_partition WHERE day = $1::date AND to_regclass(name) IS NOT NULL`,
      [new Date(day).toISOString().slice(0, 10)],
    );
    // What people do to a table of theirs keeps no other message waiting.
    for (const { name } of tables.filter((one) => one.name.includes('_frame_'))) {
      await fixture.owner.query(`ALTER TABLE ${name} DROP COLUMN sha256`);
    }
    await send([sent[0]!, sent[3]!, frame('again', 4, readings('redelivered', START, 3))]);
    expect((await setAside()).slice(3)).toEqual(['0 sequence-detached']);
    expect(await marked()).toEqual({ clashes: 3, frames: 5 });
    await fixture.owner.query(`DELETE FROM dead_letter WHERE code = 'sequence-detached' AND boot = 'again'`);

    for (const { name } of tables) await fixture.owner.query(`DROP TABLE ${name}`);
    await send([sent[2]!, frame('again', 2, readings('redelivered', day, 5)), sent[3]!]);
    expect((await setAside()).slice(3)).toEqual(['2 sequence-detached', '2 sequence-detached']);
    expect(await marked()).toEqual({ clashes: 3, frames: 5 });
    await gateway.close();
  });
});
