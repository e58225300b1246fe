/** A time, half-open: [from, to), ms since 1970 UTC. */
export type Span = readonly [number, number];

/** The part of a span between two instants; it ends before it begins where there is none. */
export const clipped = ([from, to]: Span, least: number, most: number): Span => [
  Math.max(from, least),
  Math.min(to, most),
];

/** The union of spans, ascending and apart; those that end before they begin are empty. */
export function union(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    if (to <= from) continue;
    const last = merged.at(-1);
    if (last === undefined || from > last[1]) merged.push([from, to]);
    else last[1] = Math.max(last[1], to);
  }
  return merged;
}

/** What of some spans lies in none of others, ascending and apart. */
export function without(some: readonly Span[], others: readonly Span[]): Span[] {
  const taken = union(others);
  return union(some).flatMap(([from, to]) => {
    const left: Span[] = [];
    let rest = from;
    for (const [begin, end] of taken) {
      if (end <= rest || begin >= to) continue;
      if (begin > rest) left.push([rest, begin]);
      rest = Math.max(rest, end);
    }
    return rest < to ? [...left, [rest, to] as const] : left;
  });
}

/** What lies both in some spans and in others, ascending and apart. */
export const within = (some: readonly Span[], others: readonly Span[]): Span[] => without(some, without(some, others));

/** How long spans are that lie apart, ms. */
export const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, [from, to]) => sum + to - from, 0);
