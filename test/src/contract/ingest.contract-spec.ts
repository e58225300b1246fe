import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import { receivedBytes, unpackSeries } from '@coldchain/telemetry';
import { freePort } from '../support/index.js';
import {
  connectGateway,
  count,
  deadLetterCodes,
  eventually,
  frame,
  type IngestFixture,
  ingestFixture,
  PASSWORD,
  readings,
  START,
  STORED,
} from './ingest-fixture.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('accepting readings', () => {
  let fixture: IngestFixture;
  beforeEach(async () => {
    fixture = await ingestFixture();
  });
  afterEach(() => fixture.close());

  it('gives the PUBACK after the commit only', async () => {
    const gateway = await connectGateway(fixture);
    await gateway.publish('readings', frame('b', 0));
    const blocker = await fixture.owner.pool.connect();
    await blocker.query('BEGIN; LOCK TABLE reading_single IN EXCLUSIVE MODE');
    let acknowledged = false;
    const published = gateway.publish('readings', frame('b', 1)).then(() => {
      acknowledged = true;
    });
    await sleep(300);
    expect(acknowledged).toBe(false);
    expect(await count(fixture.owner, STORED)).toBe(1);
    await blocker.query('COMMIT');
    blocker.release();
    await published;
    expect(await count(fixture.owner, STORED)).toBe(2);
    await gateway.close();
  });

  it('keeps a frame of sixty readings of several loggers as it came, and its values', async () => {
    const gateway = await connectGateway(fixture);
    const content = Array.from({ length: 60 }, (_, index) => ({
      logger: `L${index % 6}`,
      at: START + Math.floor(index / 6) * 300_000,
      milliCelsius: 4_000 + index * 7 - (index % 6) * 1_500,
      humidityPermille: index % 6 === 2 ? 400 + index : null,
      counter: index,
    }));
    const bytes = frame('b', 7, content);
    await gateway.publish('readings', bytes);
    const [stored] = await fixture.owner.query<{ raw: Buffer; sha256: Buffer; n: number }>(
      'SELECT raw, sha256, n FROM reading_frame',
    );
    expect(stored).toMatchObject({ sha256: createHash('sha256').update(bytes).digest(), n: 60 });
    expect(receivedBytes(stored?.raw ?? Buffer.alloc(0)).toString()).toBe(bytes.toString());
    expect(stored?.raw.length).toBeLessThan(bytes.length / 5);
    const series = await fixture.owner.query<{ serial: string; data: string; lo: number; hi: number; n: number }>(
      `SELECT l.serial, encode(s.data, 'hex') AS data, s.lo, s.hi, s.n FROM reading_series s JOIN logger l ON l.id = s.logger
       ORDER BY l.serial`,
    );
    expect(series.map((row) => [row.serial, row.n])).toEqual([...'012345'].map((digit) => [`L${digit}`, 10]));
    for (const { serial, data, lo, hi } of series) {
      const expected = content.filter((reading) => reading.logger === serial);
      const values = expected.map((reading) => reading.milliCelsius);
      expect([lo, hi]).toEqual([Math.min(...values), Math.max(...values)]);
      expect(unpackSeries(Buffer.from(data, 'hex'))).toEqual(
        expected.map(({ at, milliCelsius, humidityPermille }) => ({ at, milliCelsius, humidityPermille })),
      );
    }
    await gateway.close();
  });

  it('stores a repeated frame once, also on another connection and within one group', async () => {
    const first = await connectGateway(fixture);
    const again = await connectGateway(fixture);
    const bytes = frame('b', 0);
    await Promise.all([
      first.publish('readings', bytes),
      first.publish('readings', bytes),
      again.publish('readings', bytes),
    ]);
    await again.publish('readings', bytes);
    expect(await count(fixture.owner, STORED)).toBe(1);
    expect(await count(fixture.owner, 'stored_reading')).toBe(1);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    await Promise.all([first.close(), again.close()]);
  });

  it.each([1, 7, 500])('ends in the same rows for any order and repetition, in groups of %i', async (groupSize) => {
    await fixture.restart({ groupSize });
    const random = new SeededRandom(`any-order-${groupSize}`);
    const frames = Array.from({ length: 60 }, (_, seq) => frame('b', seq, readings('L1', START + seq * HOUR, 3)));
    const sent = [...frames, ...frames.filter(() => random.unit() < 0.3)]
      .map((bytes) => ({ bytes, place: random.unit() }))
      .sort((a, b) => a.place - b.place);
    const gateway = await connectGateway(fixture);
    await Promise.all(sent.map(({ bytes }) => gateway.publish('readings', bytes)));
    const rows = await fixture.owner.query<{ seq: number; n: number }>('SELECT seq, n FROM reading_frame ORDER BY seq');
    expect(rows).toEqual(frames.map((_, seq) => ({ seq, n: 3 })));
    expect(await count(fixture.owner, 'stored_reading')).toBe(60);
    const [watermark] = await fixture.owner.query<{ got: number; clash: number; frames: number }>(
      'SELECT bit_count(got) AS got, bit_count(clash) AS clash, frames FROM stream_watermark',
    );
    expect(watermark).toEqual({ got: 60, clash: 0, frames: 60 });
    await gateway.close();
  });

  it('finds a number that comes again with other bytes, on the same day, on another, and within one group', async () => {
    const gateway = await connectGateway(fixture);
    await gateway.publish('readings', frame('b', 0));
    await gateway.publish('readings', frame('b', 0, readings('L1', START + HOUR, 1)));
    await gateway.publish('readings', frame('b', 0, readings('L1', START + 3 * DAY, 1)));
    await Promise.all([
      gateway.publish('readings', frame('b', 1, readings('L1', START, 2))),
      gateway.publish('readings', frame('b', 1, readings('L1', START, 3))),
    ]);
    expect(await count(fixture.owner, STORED)).toBe(2);
    expect(await deadLetterCodes(fixture.owner)).toEqual(['sequence-clash', 'sequence-clash', 'sequence-clash']);
    const [clash] = await fixture.owner.query<{ marked: number; raw: string }>(
      `SELECT (SELECT bit_count(clash) FROM stream_watermark) AS marked, encode(raw, 'escape') AS raw
       FROM dead_letter ORDER BY id LIMIT 1`,
    );
    expect(clash).toEqual({ marked: 2, raw: frame('b', 0, readings('L1', START + HOUR, 1)).toString('utf8') });
    await gateway.close();
  });

  it('says of other bytes that come twice at once both times that they were set aside', async () => {
    const ingestHttpPort = await freePort();
    await fixture.restart({ lingerMs: 500, source: { ingestHttpPort } });
    const post = async (body: Buffer): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`north/g1:${PASSWORD}`).toString('base64')}`;
      const url = `http://127.0.0.1:${ingestHttpPort}/v1/gateways/g1/frames`;
      const { status } = await fetch(url, { method: 'POST', headers: { authorization }, body: new Uint8Array(body) });
      return status;
    };
    expect(await post(frame('b', 0))).toBe(200);
    const other = frame('b', 0, readings('L1', START + HOUR, 2));
    expect(await Promise.all([post(other), post(other)])).toEqual([422, 422]);
    expect(new Set(await deadLetterCodes(fixture.owner))).toEqual(new Set(['sequence-clash']));
    expect(await count(fixture.owner, STORED)).toBe(1);
  });

  it('stores each number once when two processes get it at the same moment with other bytes or another day', async () => {
    const here = await connectGateway(fixture);
    const there = await connectGateway(await fixture.second());
    const numbers = Array.from({ length: 300 }, (_, seq) => seq);
    await Promise.all(
      numbers.flatMap((seq) => [
        here.publish('readings', frame('b', seq, readings('L1', START, 1))),
        there.publish('readings', frame('b', seq, readings('L1', START + (seq % 2) * DAY + 1, 1))),
      ]),
    );
    expect(await count(fixture.owner, STORED)).toBe(300);
    expect(await deadLetterCodes(fixture.owner)).toEqual(numbers.map(() => 'sequence-clash'));
    const [watermark] = await fixture.owner.query<{ got: number; clash: number; frames: number }>(
      'SELECT bit_count(got) AS got, bit_count(clash) AS clash, frames FROM stream_watermark',
    );
    expect(watermark).toEqual({ got: 300, clash: 300, frames: 300 });
    await Promise.all([here.close(), there.close()]);
  });

  it('sets bad messages aside with their code and goes on with the same connection', async () => {
    const gateway = await connectGateway(fixture);
    const foreign = 'coldchain/v1/south/g1/readings';
    await Promise.all([
      gateway.publish('readings', frame('b', 0)),
      gateway.publish('readings', '{"boot":"b","seq":1,"r":['),
      gateway.client.publishAsync(foreign, frame('b', 2), { qos: 1 }),
      gateway.publish('acks', '{}'),
      gateway.publish('readings', Buffer.alloc(300 * 1024, 0x20)),
      gateway.publish('readings', JSON.stringify({ d: 'L1', t: START, c: 5 })),
      gateway.publish('status', Buffer.alloc(5_000, 0x20)),
      gateway.publish('readings', frame('b', 3, readings('L1', START + 20 * DAY, 1))),
      gateway.publish('readings', frame('b', 4)),
    ]);
    expect(await deadLetterCodes(fixture.owner)).toEqual([
      'json-invalid',
      'topic-not-allowed',
      'topic-not-allowed',
      'frame-too-large',
      'sequence-missing',
      'status-too-large',
      'time-in-future',
    ]);
    expect(await fixture.owner.query(`SELECT seq FROM ${STORED} ORDER BY seq`)).toEqual([{ seq: 0 }, { seq: 4 }]);
    const [ack] = await eventually(() => {
      const boot = gateway.acks.at(-1)?.boots[0];
      return boot?.contiguous === 1 && boot.rejected.length === 2 && boot.last === 4 ? [boot] : undefined;
    });
    expect(ack).toEqual({
      boot: 'b',
      first: 0,
      contiguous: 1,
      last: 4,
      missing: [[2, 2]],
      rejected: [
        [1, 'json-invalid'],
        [3, 'time-in-future'],
      ],
    });
    await gateway.close();
  });

  it('sets a packet beyond all bounds aside with its beginning, once, and takes what is behind it', async () => {
    const gateway = await connectGateway(fixture);
    await Promise.all([
      gateway.publish('readings', Buffer.alloc(2 * 1024 * 1024)),
      gateway.publish('readings', frame('b', 0)),
    ]);
    expect(gateway.client.connected).toBe(true);
    expect(await count(fixture.owner, STORED)).toBe(1);
    expect(await deadLetterCodes(fixture.owner)).toEqual(['packet-too-large']);
    await gateway.close();
  });

  it('takes messages without numbers from gateways that are registered so, each once', async () => {
    const gateway = await connectGateway(fixture, 'north/plain');
    const reading = JSON.stringify({ d: 'L9', t: START, c: -4.25 });
    await gateway.publish('readings', reading);
    await gateway.publish('readings', reading);
    await gateway.publish('readings', JSON.stringify({ d: 'L9', t: START + 1, c: -4.25 }));
    expect(await count(fixture.owner, 'stored_reading')).toBe(2);
    expect(await count(fixture.owner, 'stream_watermark')).toBe(0);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    await gateway.close();
  });

  it('finds the one message that the database objects to', async () => {
    await fixture.owner.query(`ALTER TABLE logger ADD CONSTRAINT spec CHECK (serial <> 'bad')`);
    const gateway = await connectGateway(fixture);
    const serials = Array.from({ length: 20 }, (_, index) => (index === 13 ? 'bad' : `L${index}`));
    await Promise.all(
      serials.map((serial, seq) => gateway.publish('readings', frame('b', seq, readings(serial, START, 1)))),
    );
    expect(await deadLetterCodes(fixture.owner)).toEqual(['storage-refused']);
    expect(await count(fixture.owner, STORED)).toBe(19);
    await gateway.close();
  });

  it('holds acknowledgements while the database is away, and gives them when it is back', async () => {
    const gateway = await connectGateway(fixture);
    await gateway.publish('readings', frame('b', 0));
    await fixture.owner.query('REVOKE INSERT ON reading_single FROM cct_ingest');
    let acknowledged = 0;
    const published = Promise.all(
      [1, 2, 3].map((seq) => gateway.publish('readings', frame('b', seq)).then(() => acknowledged++)),
    );
    await sleep(400);
    expect(acknowledged).toBe(0);
    await fixture.owner.query('GRANT INSERT ON reading_single TO cct_ingest');
    await fixture.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'spec-ingest'`,
    );
    await published;
    expect(await count(fixture.owner, STORED)).toBe(4);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    await gateway.close();
  });

  it('stores and acknowledges what it took before it stops', async () => {
    await fixture.restart({ lingerMs: 1_000 });
    const gateway = await connectGateway(fixture);
    const published = Promise.all(Array.from({ length: 50 }, (_, seq) => gateway.publish('readings', frame('b', seq))));
    await sleep(200);
    const restarted = fixture.restart();
    await published;
    await restarted;
    expect(await count(fixture.owner, STORED)).toBe(50);
    await gateway.close();
  });
});
