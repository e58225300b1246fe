import { Clock } from '@coldchain/kernel';

/** The two clocks of a gateway: one that may be wrong, and one that only counts. */
export abstract class GatewayClock extends Clock {
  /** ms since the gateway started; never set, never runs back. */
  abstract up(): number;
}

/** The clocks of this process. */
export class SystemGatewayClock extends GatewayClock {
  private readonly startedAt = performance.now();

  now(): number {
    return Date.now();
  }

  up(): number {
    return Math.round(performance.now() - this.startedAt);
  }
}
