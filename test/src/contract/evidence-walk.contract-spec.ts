import { afterEach, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import { carton, HOUR_MS } from './custody-world.js';
import { EvidenceWorld } from './evidence-world.js';

/** `SEED=…` repeats a run; `WALKS=…` runs more of them. */
const SEED = process.env['SEED'] ?? '20261125';
const WALKS = Number(process.env['WALKS'] ?? '4');
const MINUTE = 60_000;
const UNIT = carton(1);
const LOGGERS = ['L1', 'L2', 'ROOM'] as const;
const PLACES = ['cold-room', 'shelf'] as const;
/** Readings come every five minutes and hold so long. */
const HOLD_MINUTES = 5;

let world: EvidenceWorld;
afterEach(() => world.close());

/** What is true of the unit, kept apart from the platform: who is where, and in which minutes something speaks for it. */
class Truth {
  minute = 0;
  place: string | null = null;
  readonly bound = new Map<string, number>();
  readonly assigned = new Map<string, { readonly place: string; readonly since: number }>();
  private enteredAt = 0;
  private readonly covered: boolean[] = [];
  private readonly newest = new Map<string, number>();

  enter(place: string | null): void {
    this.place = place;
    this.enteredAt = this.minute;
  }

  /** Minutes pass in which some loggers measure, from now on every five minutes. */
  pass(minutes: number, measuring: ReadonlySet<string>): void {
    for (let passed = 0; passed < minutes; passed++) {
      const now = this.minute + passed;
      if (passed % HOLD_MINUTES === 0) for (const logger of measuring) this.newest.set(logger, now);
      this.covered[now] = LOGGERS.some((logger) => this.speaks(logger, now));
    }
    this.minute += minutes;
  }

  get missingMinutes(): number {
    return Array.from({ length: this.minute }, (_, minute) => this.covered[minute] === true).filter((one) => !one)
      .length;
  }

  /** Whether the newest reading still holds, and was evidence of the unit from when it was measured. */
  private speaks(logger: string, minute: number): boolean {
    const read = this.newest.get(logger);
    if (read === undefined || minute >= read + HOLD_MINUTES) return false;
    const boundAt = this.bound.get(logger);
    if (boundAt !== undefined) return read >= boundAt;
    const assigned = this.assigned.get(logger);
    return assigned !== undefined && assigned.place === this.place && read >= Math.max(assigned.since, this.enteredAt);
  }
}

async function step(truth: Truth, random: SeededRandom): Promise<void> {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random.unit() * values.length)] as Value;
  const logger = pick(LOGGERS);
  const place = pick(PLACES);
  const isBound = truth.bound.has(logger);
  const assigned = truth.assigned.get(logger);
  switch (pick(['bind', 'unbind', 'enter', 'leave', 'assign', 'remove'] as const)) {
    case 'bind':
      if (isBound || assigned !== undefined) return;
      await world.bind(UNIT, logger);
      truth.bound.set(logger, truth.minute);
      return;
    case 'unbind':
      if (!isBound) return;
      await world.unbind(UNIT, logger);
      truth.bound.delete(logger);
      return;
    case 'enter':
      await world.enter(place, UNIT);
      truth.enter(place);
      return;
    case 'leave':
      if (truth.place === null) return;
      await world.leave(truth.place, UNIT);
      truth.enter(null);
      return;
    case 'assign':
      if (isBound || assigned !== undefined) return;
      await world.assign(place, logger);
      truth.assigned.set(logger, { place, since: truth.minute });
      return;
    case 'remove':
      if (assigned === undefined) return;
      await world.api.expect(200, 'removePlaceLogger', {
        role: 'device-manager',
        params: { place: assigned.place, logger },
      });
      truth.assigned.delete(logger);
  }
}

describe('a unit that is moved about with loggers that come, go and fall silent', () => {
  it.each(Array.from({ length: WALKS }, (_, walk) => walk))(
    `is never ok with more time missing than its profile allows (seed ${SEED}, walk %d)`,
    async (walk) => {
      const random = new SeededRandom(`${SEED}/${walk}`);
      world = await EvidenceWorld.open('location-sensor');
      const truth = new Truth();
      await world.pack(UNIT, 1, 2, { logger: 'L1' });
      truth.bound.set('L1', 0);
      for (let round = 0; round < 40 && truth.missingMinutes <= 200; round++) {
        const measuring = new Set(LOGGERS.filter(() => random.unit() < 0.85));
        const minutes = 1 + Math.floor(random.unit() * 40);
        // The reading at the end belongs to the next stretch of time: it is not measured in this one.
        await world.pass(minutes * MINUTE - 1, Object.fromEntries([...measuring].map((logger) => [logger, 5])));
        world.api.custody.clock.advance(1);
        truth.pass(minutes, measuring);
        const verdict = await world.verdict(UNIT);
        const missingMs = truth.missingMinutes * MINUTE;
        if (missingMs > HOUR_MS) expect([round, verdict]).toEqual([round, 'unknown evidence-missing']);
        else expect([round, verdict]).toEqual([round, 'ok no-objection']);
        await step(truth, random);
      }
      const evaluated = await world.evaluate().then(() => world.evaluated());
      await world.recompute();
      expect(await world.evaluated()).toEqual(evaluated);
    },
    120_000,
  );
});
