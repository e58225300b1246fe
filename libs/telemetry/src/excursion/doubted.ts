import type { Source } from './sources.js';
import { clipped, type Span, union, within, without } from './spans.js';

/** When a source vouches for goods. In the rest of its time what it measures counts against them and is no evidence for them. */
export interface Vouching {
  /** It was claimed later to be with them: it vouches from here on. null: from its beginning. */
  readonly vouchesFrom: number | null;
  /**
   * From here on it vouches before that, too, where all speaks that goods were said, later, to have left: whether they were
   * here or there, it was measured that they were well. null: nothing seconds it.
   */
  readonly secondedFrom: number | null;
  /** It was said later that they were elsewhere since. null: it vouches to its end. */
  readonly vouchesUntil: number | null;
}

/** A source, and when it vouches. */
export type DoubtedSource = Pick<Source, 'samples' | 'intervalMs' | 'from' | 'to'> & Vouching;

/**
 * The parts of a time that only sources speak for which do not vouch then: their readings are counted there, as the worst
 * may be true, but nothing shows that the goods were well. A reading holds as in `combineSources`; one that was taken before
 * its source vouches shows nothing as long as it holds.
 *
 * @param vouched time for which packaging vouches, [from, to) each
 */
export function doubtedSpans(
  sources: readonly DoubtedSource[],
  time: { readonly from: number; readonly to: number },
  vouched: readonly Span[],
): Span[] {
  const parts = sources.map(partsOf);
  const left = parts.flatMap((part) => part.left);
  const silent = parts.flatMap((part) => without(part.since, part.spoken));
  const seconded = within(
    parts.flatMap((part) => part.claimed),
    without(left, silent),
  );
  const firm = [...vouched, ...parts.flatMap((part) => part.firm), ...seconded];
  return without(
    parts.flatMap((part) => part.spoken).map((span) => clipped(span, time.from, time.to)),
    firm,
  );
}

interface Parts {
  /** It speaks. */
  readonly spoken: readonly Span[];
  /** It speaks and vouches. */
  readonly firm: readonly Span[];
  /** It speaks, and vouches if it is seconded. */
  readonly claimed: readonly Span[];
  /** Goods are said to have left it, which was told later: it may speak or not. */
  readonly since: readonly Span[];
  /** Of that the time after it vouched for them: that they had been with it is no claim. */
  readonly left: readonly Span[];
}

function partsOf(source: DoubtedSource): Parts {
  const { vouchesUntil, secondedFrom } = source;
  const begins = source.vouchesFrom ?? -Infinity;
  const ends = vouchesUntil ?? Infinity;
  const spoken = holdsOf(source);
  const claimed = spoken.filter(([at]) => at < begins && secondedFrom !== null && at >= secondedFrom);
  const since = union([[Math.max(source.from, ends), source.to ?? Infinity]]);
  return {
    spoken,
    firm: spoken.filter(([at]) => at >= begins).map((hold) => clipped(hold, -Infinity, ends)),
    claimed: claimed.map((hold) => clipped(hold, -Infinity, ends)),
    since: vouchesUntil === null ? [] : since,
    left: vouchesUntil === null ? [] : within(since, [[begins, Infinity]]),
  };
}

function holdsOf({ samples, intervalMs, from, to }: DoubtedSource): Span[] {
  const end = to ?? Infinity;
  const inside = samples.filter(({ at }) => at >= from && at < end);
  return inside.map(({ at, until }, place) => [
    at,
    Math.min(at + intervalMs, until ?? Infinity, inside[place + 1]?.at ?? Infinity, end),
  ]);
}
