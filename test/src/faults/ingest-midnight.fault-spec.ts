import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from '@coldchain/kernel';
import {
  connectGateway,
  count,
  eventually,
  frame,
  type IngestFixture,
  ingestFixture,
  readings,
  type SpecGateway,
  START,
  STORED,
} from '../contract/ingest-fixture.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** A clock that goes on and can be moved. */
class MovedClock extends Clock {
  private offset: number;

  constructor(now: number) {
    super();
    this.offset = now - Date.now();
  }

  now(): number {
    return Date.now() + this.offset;
  }

  advance(durationMs: number): void {
    this.offset += durationMs;
  }
}

describe('midnight between an acknowledgement and the redelivery of what it acknowledged', () => {
  /** Two seconds before midnight UTC. */
  const clock = new MovedClock(START + DAY - 2 * SECOND);
  let fixture: IngestFixture;
  let gateway: SpecGateway;
  beforeEach(async () => {
    fixture = await ingestFixture({ clock });
    gateway = await connectGateway(fixture);
  });
  afterEach(async () => {
    await gateway.close();
    await fixture.close();
  });

  it('leaves every frame once, those of the day before, those of both days and those of one reading', async () => {
    const midnight = START + DAY;
    const before = [
      frame('b', 0, readings('L1', midnight - 10 * MINUTE, 5)),
      // Readings may be newer than the server's clock by a little: this one reaches over midnight.
      frame('b', 1, readings('L1', midnight - 5 * MINUTE, 10)),
      frame('b', 2, readings('L1', midnight - SECOND, 1)),
      frame('b', 3, readings('L1', midnight + SECOND, 1)),
    ];
    for (const bytes of before) await gateway.publish('readings', bytes);
    await eventually(() => (gateway.acks.at(-1)?.boots[0]?.contiguous === 3 ? true : undefined));
    const days = async () =>
      fixture.owner.query(
        `SELECT day::text, seq FROM reading_frame UNION ALL SELECT day::text, seq FROM reading_single ORDER BY seq`,
      );
    const stored = await days();
    expect(new Set(stored.map((row) => (row as { day: string }).day)).size).toBe(2);

    clock.advance(10 * SECOND);
    for (const bytes of before) await gateway.publish('readings', bytes);
    await gateway.close();
    await fixture.restart();
    gateway = await connectGateway(fixture);
    clock.advance(DAY);
    for (const bytes of before.toReversed()) await gateway.publish('readings', bytes);
    await gateway.publish('readings', frame('b', 4, readings('L1', midnight + MINUTE, 3)));

    expect(await days()).toEqual([...stored, { day: new Date(midnight).toISOString().slice(0, 10), seq: 4 }]);
    expect(await count(fixture.owner, STORED)).toBe(5);
    expect(await count(fixture.owner, 'dead_letter')).toBe(0);
    expect(await fixture.owner.query('SELECT frames, bit_count(clash)::int AS clashes FROM stream_watermark')).toEqual([
      { frames: 5, clashes: 0 },
    ]);
    const told = await eventually(() => gateway.acks.find(({ boots }) => boots[0]?.contiguous === 4));
    expect(told.boots).toMatchObject([{ boot: 'b', missing: [], rejected: [] }]);
  });
});
