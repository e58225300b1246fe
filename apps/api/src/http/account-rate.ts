/** What an account may send at once after a pause, as time of its rate. */
const BURST_MS = 10_000;
/** Accounts that are remembered. Of more, those that have asked least lately begin anew. */
const MOST_ACCOUNTS = 10_000;

/**
 * Limits the requests of each account to a rate, with bursts of ten seconds' worth: the generic cell rate algorithm (ITU-T
 * I.371, annex A), one number an account. It is kept in this process: several processes allow the rate each.
 */
export class AccountRate {
  /** When the requests so far would have ended at the rate, by account; ms since 1970. The last one stands last. */
  private readonly spentUntil = new Map<number, number>();
  private readonly intervalMs: number;
  private readonly burstMs: number;

  /** @param perMinute 0: no limit */
  constructor(
    perMinute: number,
    private readonly mostAccounts = MOST_ACCOUNTS,
  ) {
    this.intervalMs = perMinute === 0 ? 0 : 60_000 / perMinute;
    this.burstMs = Math.max(BURST_MS, this.intervalMs);
  }

  /** Counts a request. @returns 0, or the ms after which the next one is possible: then this one was not counted */
  take(accountId: number, now: number): number {
    if (this.intervalMs === 0) return 0;
    // No further ahead than a burst: a clock that was set back locks nobody out.
    const until = Math.min(Math.max(this.spentUntil.get(accountId) ?? now, now), now + this.burstMs);
    const waitMs = until + this.intervalMs - now - this.burstMs;
    if (waitMs > 1e-6) return Math.ceil(waitMs);
    this.spentUntil.delete(accountId);
    this.spentUntil.set(accountId, until + this.intervalMs);
    if (this.spentUntil.size > this.mostAccounts) this.forgetOldest();
    return 0;
  }

  private forgetOldest(): void {
    const [oldest] = this.spentUntil.keys();
    if (oldest !== undefined) this.spentUntil.delete(oldest);
  }
}
