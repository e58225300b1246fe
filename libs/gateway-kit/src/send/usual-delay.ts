/** One in so long is kept: what others send for a minute is not what is usual. */
const EVERY_MS = 5_000;
const KEPT = 64;
/** Fewer say nothing. */
const LEAST = 16;
/** Share of them that is meant by the middle, and by most. */
const MIDDLE = 0.4;
const MOST = 0.9;

/**
 * How long confirmations take on a way while nothing of the backlog is on it, remembered over connections: a mobile way is
 * uneven by itself, and that it is so can be told from queueing only by what was seen before anything queued.
 */
export class UsualDelay {
  private readonly kept: number[] = [];
  private keptAt = -Infinity;
  private known: { readonly middleMs: number; readonly mostMs: number } = { middleMs: 0, mostMs: 0 };

  /** A confirmation took so long while nothing else was on its way. */
  add(tookMs: number, now: number): void {
    if (now - this.keptAt < EVERY_MS) return;
    this.keptAt = now;
    this.kept.push(tookMs);
    if (this.kept.length > KEPT) this.kept.shift();
    if (this.kept.length < LEAST) return;
    const ascending = this.kept.toSorted((one, other) => one - other);
    const later = (share: number): number =>
      (ascending[Math.floor(share * ascending.length)] ?? 0) - (ascending[0] ?? 0);
    this.known = { middleMs: later(MIDDLE), mostMs: later(MOST) };
  }

  /** By how much the quicker part of them is later than the quickest, ms; 0 while that is not known. */
  get middleMs(): number {
    return this.known.middleMs;
  }

  /** By how much nearly all of them are later than the quickest at most, ms; 0 while that is not known. */
  get mostMs(): number {
    return this.known.mostMs;
  }
}
