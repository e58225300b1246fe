import type { Source } from './sources.js';

/** A logger that was said, later, to have been elsewhere since an instant. */
export interface DoubtedSource extends Pick<Source, 'samples' | 'intervalMs' | 'from' | 'to'> {
  /** From here on its readings count against the goods and are no evidence for them; null: it is not doubted. */
  readonly vouchesUntil: number | null;
}

type Span = readonly [number, number];

/**
 * How much of a time only doubted sources speak for, ms: their readings are counted there, as the worst may be true, but
 * nothing shows that the goods were well. A reading holds as in `combineSources`.
 *
 * @param vouched time for which packaging vouches, [from, to) each
 */
export function doubtedMs(
  sources: readonly DoubtedSource[],
  { from, to }: { readonly from: number; readonly to: number },
  vouched: readonly Span[],
): number {
  const doubted: Span[] = [];
  const firm: Span[] = vouched.map((span) => clipped(span, from, to));
  for (const source of sources) {
    const since = source.vouchesUntil ?? Infinity;
    for (const hold of holdsOf(source)) {
      firm.push(clipped(hold, from, Math.min(since, to)));
      doubted.push(clipped(hold, Math.max(since, from), to));
    }
  }
  return lengthOf([...firm, ...doubted]) - lengthOf(firm);
}

function holdsOf({ samples, intervalMs, from, to }: DoubtedSource): Span[] {
  const end = to ?? Infinity;
  const inside = samples.filter(({ at }) => at >= from && at < end);
  return inside.map(({ at, until }, place) => [
    at,
    Math.min(at + intervalMs, until ?? Infinity, inside[place + 1]?.at ?? Infinity, end),
  ]);
}

const clipped = ([from, to]: Span, least: number, most: number): Span => [Math.max(from, least), Math.min(to, most)];

/** Length of the union of spans; those that end before they begin are empty. */
function lengthOf(spans: readonly Span[]): number {
  let length = 0;
  let covered = -Infinity;
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    if (to <= Math.max(from, covered)) continue;
    length += to - Math.max(from, covered);
    covered = to;
  }
  return length;
}
