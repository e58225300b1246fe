/** Confirmations that come so much later than the quickest ones mean that frames queue up on the way, ms. */
const QUEUED_MS = 20;
/** The quickest of the last one to two of these spans counts: ways become longer as well. */
const SPAN_MS = 5 * 60_000;
/** Between two times that it goes slower: what was sent before is still on its way. */
const SETTLE_MS = 200;
/** Slowest share of the full rate: a backlog must end however busy the platform is. */
const SLOWEST = 0.2;
/** Of the full rate, won back in a second. */
const REGAINED_PER_SECOND = 0.1;

/**
 * How much of the backlog goes in a second. What has waited for hours must not keep what was just measured waiting, wherever
 * the two meet: when confirmations come late it goes half as fast, and it becomes faster again while they are quick. The
 * idea is that of LEDBAT (RFC 6817): bulk that takes what others leave. Times are those of a clock that only counts (ms).
 */
export class BacklogPace {
  private rate: number;
  private tokens = 0;
  private filledAt: number | null = null;
  private slowedAt = -Infinity;
  private adjustedAt: number | null = null;
  private quickest = { spanAt: 0, now: Infinity, before: Infinity };

  /** @param perSecond full rate; Infinity: as much as there is, always */
  constructor(private readonly perSecond: number) {
    this.rate = perSecond;
  }

  /** Another connection may lead another way. */
  connected(now: number): void {
    this.quickest = { spanAt: now, now: Infinity, before: Infinity };
  }

  /** A frame was confirmed so long after it was sent. */
  confirmed(tookMs: number, now: number): void {
    if (this.perSecond === Infinity) return;
    const quickestMs = this.quickestOf(tookMs, now);
    if (tookMs - quickestMs <= QUEUED_MS) this.faster(now);
    else if (now - this.slowedAt >= SETTLE_MS) {
      this.rate = Math.max(this.perSecond * SLOWEST, this.rate / 2);
      this.slowedAt = now;
    }
    this.adjustedAt = now;
  }

  /** Whether one more may go now; then it counts. At most what a tenth of a second allows at once. */
  take(now: number): boolean {
    if (this.perSecond === Infinity) return true;
    const most = Math.max(1, this.rate / 10);
    const earned = this.filledAt === null ? most : ((now - this.filledAt) * this.rate) / 1_000;
    this.filledAt = now;
    this.tokens = Math.min(most, this.tokens + earned);
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  private faster(now: number): void {
    const seconds = Math.min(1, (now - (this.adjustedAt ?? now)) / 1_000);
    this.rate = Math.min(this.perSecond, this.rate + this.perSecond * REGAINED_PER_SECOND * seconds);
  }

  private quickestOf(tookMs: number, now: number): number {
    const { spanAt, before } = this.quickest;
    if (now - spanAt >= SPAN_MS) this.quickest = { spanAt: now, now: tookMs, before: this.quickest.now };
    else this.quickest = { spanAt, now: Math.min(this.quickest.now, tookMs), before };
    return Math.min(this.quickest.now, this.quickest.before);
  }
}
