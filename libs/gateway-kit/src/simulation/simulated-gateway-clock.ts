import type { Clock } from '@coldchain/kernel';
import { GatewayClock } from '../gateway-clock.js';
import { type Fault, faultsAt } from './fault.js';

/** The clocks of a simulated gateway: its faults show in the wall clock, the counting one is right. */
export class SimulatedGatewayClock extends GatewayClock {
  readonly span: string;

  constructor(
    private readonly truth: Clock,
    /** ms since 1970, true time. */
    private readonly startedAt: number,
    private readonly faults: readonly Fault[],
  ) {
    super();
    this.span = `simulated since ${startedAt}`;
  }

  now(): number {
    return this.wallAt(this.truth.now());
  }

  up(): number {
    return this.upAt(this.truth.now());
  }

  /** What the wall clock shows at a true instant. */
  wallAt(at: number): number {
    const offset = faultsAt(this.faults, 'clock-offset', at).reduce((sum, { value }) => sum + value, 0);
    const reset = faultsAt(this.faults, 'clock-year', at).at(-1);
    return offset + (reset === undefined ? at : Date.UTC(reset.value, 0) + (at - reset.from));
  }

  /** What the counting clock shows at a true instant. */
  upAt(at: number): number {
    return Math.max(0, at - this.startedAt);
  }
}
