import { type Random, sleep } from '@coldchain/kernel';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/**
 * Keeps all writers away from a database that does not answer: after a failure everybody waits, twice as long after each
 * further one (with jitter, up to 5 s), then one tries first; the others follow when that one succeeded.
 */
export class OutageBreaker {
  private failures = 0;
  private waiting: Promise<void> | undefined;
  private probing = false;
  private readonly stopping = new AbortController();

  constructor(private readonly random: Random) {}

  /** Whether the database was away when it was last asked. */
  get open(): boolean {
    return this.failures > 0;
  }

  /** Resolves with true when it is the caller's turn to try, with false when the process stops. */
  async passed(): Promise<boolean> {
    const { signal } = this.stopping;
    while (!signal.aborted && (this.waiting !== undefined || (this.failures > 0 && this.probing))) {
      await (this.waiting ?? sleep(FIRST_WAIT_MS, signal));
    }
    if (this.failures > 0) this.probing = true;
    return !signal.aborted;
  }

  succeeded(): void {
    this.failures = 0;
    this.probing = false;
  }

  failed(): void {
    this.probing = false;
    const base = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
    this.failures++;
    this.waiting ??= sleep(base * (0.5 + this.random.unit() / 2), this.stopping.signal).then(() => {
      this.waiting = undefined;
    });
  }

  /** Gives up waiting: what is not stored stays unacknowledged. Work that already runs is not cut off. */
  stop(): void {
    this.stopping.abort();
  }
}
