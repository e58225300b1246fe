import { sleep } from '@coldchain/kernel';
import { MAKER, PHARMACY, WHOLESALER } from './ledger.suite.js';
import type { Captured, OutboxWorld } from './outbox-world.js';

/** Units that are on their way beside each other. */
const LANES = 24;

/**
 * Custody events that are captured at a steady rate: units are packed, shipped and received until the pharmacy has them,
 * and new ones take their places. Each unit's events must come onto the ledger in their order, or one is refused.
 */
export class CustodyFlow {
  private readonly captured: Captured[] = [];
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  /** @param name names the units: one for each flow of a world */
  constructor(
    private readonly world: OutboxWorld,
    private readonly name: string,
    perSecond: number,
  ) {
    this.running = this.run(1_000 / perSecond);
  }

  /** Events so far. */
  get count(): number {
    return this.captured.length;
  }

  /** Ends the flow. @throws what a capture threw */
  async stop(): Promise<readonly Captured[]> {
    this.stopping.abort();
    await this.running;
    return this.captured;
  }

  private async run(everyMs: number): Promise<void> {
    const { signal } = this.stopping;
    let due = performance.now();
    for (let number = 0; !signal.aborted; number++) {
      this.captured.push(await capture(this.world, this.name, number));
      due += everyMs;
      await sleep(Math.max(0, due - performance.now()), signal);
    }
  }
}

/** As many custody events as fast as they can be captured. */
export async function captureMany(world: OutboxWorld, name: string, count: number): Promise<Captured[]> {
  const captured: Captured[] = [];
  for (let number = 0; number < count; number++) captured.push(await capture(world, name, number));
  return captured;
}

/** The event with this number: the lanes take turns, and each goes through the life of one unit after the other. */
function capture(world: OutboxWorld, name: string, number: number): Promise<Captured> {
  const steps = [
    (unit: string) => world.pack(unit, []),
    (unit: string) => world.ship(unit, MAKER, WHOLESALER),
    (unit: string) => world.receive(unit, WHOLESALER),
    (unit: string) => world.ship(unit, WHOLESALER, PHARMACY),
    (unit: string) => world.receive(unit, PHARMACY),
  ];
  const turn = Math.floor(number / LANES);
  const unit = `${name} ${number % LANES} ${Math.floor(turn / steps.length)}`;
  const step = steps[turn % steps.length];
  if (step === undefined) throw new RangeError('a turn has a step');
  return step(unit);
}
