import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { encodeFrame, readingsOfRow, type StoredReadings } from '@coldchain/telemetry';
import {
  connectGateway,
  count,
  deadLetterCodes,
  eventually,
  type IngestFixture,
  ingestFixture,
  type SpecGateway,
  START,
} from './ingest-fixture.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A gateway whose clock lost its date: it began with 1970 when it was START. */
const YEAR_1970 = 0;

describe('clocks of gateways that are wrong', () => {
  let fixture: IngestFixture;
  let gateway: SpecGateway;
  beforeEach(async () => {
    fixture = await ingestFixture();
    gateway = await connectGateway(fixture);
  });
  afterEach(async () => {
    await gateway.close();
    await fixture.close();
  });

  /** A frame closed `up` ms after the start, with readings a minute apart up to then, dated by a wall clock. */
  const frameAt = (seq: number, wallAtStart: number, up: number | null, count = 3): Buffer =>
    encodeFrame({
      boot: 'b',
      seq,
      upMs: up,
      readings: Array.from({ length: count }, (_, index) => ({
        logger: 'L1',
        at: wallAtStart + (up ?? 0) - (count - 1 - index) * MINUTE,
        milliCelsius: 5_000 + index,
        humidityPermille: null,
        counter: null,
      })),
    });
  /** Tells that it was `trueStart` by the platform's clock when the wall clock showed `wallAtStart`. */
  const tell = (wallAtStart: number, trueStart: number): Promise<void> => {
    const up = 30 * MINUTE;
    const heard = { time: trueStart + 10 * MINUTE, up: 10 * MINUTE };
    return gateway.publish('status', JSON.stringify({ state: 'online', boot: 'b', time: wallAtStart + up, up, heard }));
  };
  const storedTimes = async (): Promise<number[]> => {
    const rows = await fixture.owner.query<StoredReadings>(
      `SELECT data, t0 AS at, milli_celsius AS "milliCelsius", humidity_permille AS "humidityPermille"
       FROM stored_reading ORDER BY t0`,
    );
    return rows.flatMap((row) => readingsOfRow(row)).map(({ at }) => at);
  };

  it('are set right by the time that was counted since the start; the bytes stay, the shift stands beside them', async () => {
    await tell(YEAR_1970, START);
    const raw = [frameAt(0, YEAR_1970, 2 * HOUR), frameAt(1, YEAR_1970, 3 * HOUR, 1)];
    for (const bytes of raw) await gateway.publish('readings', bytes);
    expect(await storedTimes()).toEqual([
      START + 2 * HOUR - 2 * MINUTE,
      START + 2 * HOUR - MINUTE,
      START + 2 * HOUR,
      START + 3 * HOUR,
    ]);
    const kept = await fixture.owner.query<{ raw: Buffer }>(
      'SELECT raw FROM (SELECT seq, raw FROM reading_frame UNION ALL SELECT seq, raw FROM reading_single) x ORDER BY seq',
    );
    expect(kept.map((row) => row.raw)).toEqual(raw);
    expect(await fixture.owner.query('SELECT seq, shift_ms, reason FROM redated_frame ORDER BY seq')).toEqual([
      { seq: 0, shift_ms: START, reason: 'boot-clock-wrong' },
      { seq: 1, shift_ms: START, reason: 'boot-clock-wrong' },
    ]);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    await fixture.ingest().lookAtDevices();
    expect(await fixture.owner.query('SELECT clock_offset_ms AS behind FROM gateway WHERE status IS NOT NULL')).toEqual(
      [{ behind: START }],
    );
  });

  it('date a frame once: a redelivery is a duplicate, also when the gateway tells its clock otherwise meanwhile', async () => {
    await tell(YEAR_1970, START);
    const raw = frameAt(0, YEAR_1970, 2 * HOUR);
    await gateway.publish('readings', raw);
    await tell(YEAR_1970, START + 2 * DAY);
    await gateway.publish('readings', raw);
    await fixture.restart();
    gateway = await reconnect();
    await gateway.publish('readings', raw);
    expect((await storedTimes()).length).toBe(3);
    expect(await count(fixture.owner, 'redated_frame')).toBe(1);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    const [row] = await fixture.owner.query('SELECT bit_count(clash)::int AS clashes FROM stream_watermark');
    expect(row).toEqual({ clashes: 0 });
  });

  it('are not a clash where a frame was stored before its clock was told, and comes again after it', async () => {
    // Two hours behind, over midnight: another day than the true one.
    const wall = START - HOUR;
    for (const seq of [0, 1]) await gateway.publish('readings', frameAt(seq, wall, 5 * MINUTE, 3 - 2 * seq));
    const before = await storedTimes();
    await tell(wall, START + HOUR);
    for (const seq of [0, 1]) await gateway.publish('readings', frameAt(seq, wall, 5 * MINUTE, 3 - 2 * seq));
    expect(await storedTimes()).toEqual(before);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    await gateway.publish('readings', frameAt(2, wall, 20 * MINUTE, 1));
    expect((await storedTimes()).at(-1)).toBe(START + HOUR + 20 * MINUTE);
  });

  it('set readings aside where nothing was told or counted, and leave loggers with clocks of their own alone', async () => {
    await gateway.publish('readings', frameAt(0, YEAR_1970, 2 * HOUR));
    await tell(YEAR_1970, START);
    await gateway.publish('readings', frameAt(1, YEAR_1970 + HOUR, null));
    // The newest reading says another time than the gateway's wrong clock: it is the logger's own.
    await gateway.publish('readings', frameAt(2, START, 2 * HOUR));
    expect(await deadLetterCodes(fixture.owner)).toEqual(['time-too-old', 'time-too-old']);
    expect((await storedTimes()).at(-1)).toBe(START + 2 * HOUR);
    expect(await count(fixture.owner, 'redated_frame')).toBe(0);
    const told = await eventually(() => gateway.acks.at(-1)?.boots.find(({ rejected }) => rejected.length === 2));
    expect(told.rejected).toEqual([
      [0, 'time-too-old'],
      [1, 'time-too-old'],
    ]);
  });

  it('are waited for where another process hears of them: nothing is set aside, nor does another gateway wait', async () => {
    const other = await fixture.second();
    const [there, neighbour] = [await connectGateway(other), await connectGateway(other, 'north/plain')];
    try {
      // Both gateways have the same lane.
      const order: string[] = [];
      const sent = [0, 1, 2].map((seq) =>
        there.publish('readings', frameAt(seq, YEAR_1970, (2 + seq) * HOUR)).then(() => order.push(`wrong ${seq}`)),
      );
      await sleep(200);
      await neighbour.publish('readings', frameAt(0, START, null, 1));
      order.push('neighbour');
      await tell(YEAR_1970, START);
      await Promise.all(sent);
      expect(order).toEqual(['neighbour', 'wrong 0', 'wrong 1', 'wrong 2']);
      expect(await deadLetterCodes(fixture.owner)).toEqual([]);
      expect(await count(fixture.owner, 'redated_frame')).toBe(3);
    } finally {
      await Promise.all([there.close(), neighbour.close()]);
    }
  });

  it('count from when another process heard of them, also where a frame was set aside just before', async () => {
    const other = await fixture.second();
    const there = await connectGateway(other);
    try {
      await there.publish('readings', frameAt(0, YEAR_1970, 2 * HOUR));
      expect(await deadLetterCodes(fixture.owner)).toEqual(['time-too-old']);
      await tell(YEAR_1970, START);
      await there.publish('readings', frameAt(1, YEAR_1970, 2 * HOUR));
      expect(await deadLetterCodes(fixture.owner)).toEqual(['time-too-old']);
      expect((await storedTimes()).at(-1)).toBe(START + 2 * HOUR);
    } finally {
      await there.close();
    }
  });

  it('are no clash where a re-dated frame comes again to a process that knows no clock of its boot', async () => {
    // Two hours behind, over midnight: another day than the true one.
    const wall = START - HOUR;
    await tell(wall, START + HOUR);
    const raw = [frameAt(0, wall, 5 * MINUTE), frameAt(1, wall, 5 * MINUTE, 1)];
    for (const bytes of raw) await gateway.publish('readings', bytes);
    expect(await count(fixture.owner, 'redated_frame')).toBe(2);
    await fixture.owner.query('DELETE FROM boot_clock');
    await fixture.restart();
    gateway = await reconnect();
    for (const bytes of raw) await gateway.publish('readings', bytes);
    expect(await deadLetterCodes(fixture.owner)).toEqual([]);
    expect((await storedTimes()).length).toBe(4);
  });

  it('are believed only within reason', async () => {
    // It claims to have heard of the platform what is yet to come: its readings would be of the future.
    await tell(YEAR_1970, Date.now() + 10 * DAY);
    await gateway.publish('status', '{"boot":"b","time":1e300,"up":-1,"heard":{"time":null}}');
    await gateway.publish('readings', frameAt(0, YEAR_1970, 2 * HOUR));
    expect(await deadLetterCodes(fixture.owner)).toEqual(['time-too-old']);
    expect(await count(fixture.owner, 'boot_clock')).toBe(0);
  });

  async function reconnect(): Promise<SpecGateway> {
    await gateway.close();
    return connectGateway(fixture);
  }
});
