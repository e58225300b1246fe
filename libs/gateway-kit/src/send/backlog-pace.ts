import { UsualDelay } from './usual-delay.js';

/** Confirmations that come so much later than the quickest ones mean that frames queue up on the way, ms. */
const QUEUED_MS = 20;
/** On a way that is uneven by itself so many confirmations must all be late: of one, chance says nothing. */
const LATE_IN_A_ROW = 8;
/** Older ones say nothing of now. */
const RECENT_MS = 2_000;
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
 * idea is that of LEDBAT (RFC 6817): bulk that takes what others leave. Late is what is later than it was while nothing
 * waited here: a mobile way is uneven by itself. Times are those of a clock that only counts (ms).
 */
export class BacklogPace {
  private rate: number;
  private tokens = 0;
  private filledAt: number | null = null;
  private slowedAt = -Infinity;
  private adjustedAt: number | null = null;
  private quickest = { spanAt: 0, now: Infinity, before: Infinity };
  private readonly usual = new UsualDelay();
  private recent: { readonly tookMs: number; readonly at: number }[] = [];

  /** @param perSecond full rate; Infinity: as much as there is, always */
  constructor(private readonly perSecond: number) {
    this.rate = perSecond;
  }

  /** Another connection may lead another way; how uneven it is by itself is a matter of its kind. */
  connected(now: number): void {
    this.recent = [];
    this.quickest = { spanAt: now, now: Infinity, before: Infinity };
  }

  /** A frame was confirmed so long after it was sent. `alone`: nothing of the backlog was on its way lately. */
  confirmed(tookMs: number, now: number, alone: boolean): void {
    if (this.perSecond === Infinity) return;
    if (alone) this.usual.add(tookMs, now);
    const quickestMs = this.quickestOf(tookMs, now);
    const isUneven = this.usual.mostMs > QUEUED_MS;
    const laterMs = (isUneven ? this.quickestLately(tookMs, now) : tookMs) - quickestMs;
    if (laterMs <= Math.max(QUEUED_MS, this.usual.middleMs)) this.faster(now);
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

  private quickestLately(tookMs: number, now: number): number {
    this.recent = [...this.recent.filter(({ at }) => now - at < RECENT_MS), { tookMs, at: now }].slice(-LATE_IN_A_ROW);
    return Math.min(...this.recent.map((one) => one.tookMs));
  }

  private quickestOf(tookMs: number, now: number): number {
    const { spanAt, before } = this.quickest;
    if (now - spanAt >= SPAN_MS) this.quickest = { spanAt: now, now: tookMs, before: this.quickest.now };
    else this.quickest = { spanAt, now: Math.min(this.quickest.now, tookMs), before };
    return Math.min(this.quickest.now, this.quickest.before);
  }
}
