/** A leg of somebody's custody. Instants in ms since 1970 UTC. */
export interface EvidencedLeg {
  readonly startedAt: number;
  /** null: it goes on. */
  readonly endedAt: number | null;
  /** Up to when what was read last holds; null: there is nothing. Of a closed leg its end: its gap counts all of it. */
  readonly holdsUntil: number | null;
  /** Time inside what was evaluated that no reading covers and no packaging vouches for. */
  readonly gapMs: number;
  /** Of that what is listed, [from, to) each. */
  readonly gaps: readonly (readonly [number, number])[];
  /** Time in which packaging vouches for what is not read after `holdsUntil`, [from, to) each, apart. */
  readonly vouched: readonly (readonly [number, number])[];
}

type Span = readonly [number, number];

/**
 * How much of a custody no evidence covers, ms: what lies between its legs, the gaps inside them that are not known to lie
 * before or after it, and what is not evaluated at their ends. Legs cover for each other only as a whole: of two that ran
 * at the same time the one with the smaller gap counts.
 */
export function missingEvidenceMs(legs: readonly EvidencedLeg[], from: number, to: number): number {
  let missingMs = 0;
  let covered = from;
  const ascending = legs
    .filter((leg) => leg.startedAt < to && (leg.endedAt ?? to) > from)
    .toSorted((one, other) => one.startedAt - other.startedAt || one.gapMs - other.gapMs);
  for (const leg of ascending) {
    const start = Math.max(leg.startedAt, from);
    const end = Math.min(leg.endedAt ?? to, to);
    if (end <= covered) continue;
    missingMs += Math.max(0, start - covered) + gapInside(leg, start, end) + silenceMs(leg, end);
    covered = end;
  }
  return missingMs + Math.max(0, to - covered);
}

/** The gaps of a leg without what of the listed ones lies outside of the time that is asked about. */
function gapInside({ gapMs, gaps }: EvidencedLeg, start: number, end: number): number {
  return gaps.reduce((inside, gap) => inside - (gap[1] - gap[0] - overlapMs(gap, [start, end])), gapMs);
}

/** What nothing speaks for at the end of a leg: its gap counts only what was evaluated. */
function silenceMs({ holdsUntil, startedAt, vouched }: EvidencedLeg, end: number): number {
  const silence: Span = [holdsUntil ?? startedAt, end];
  return vouched.reduce((ms, span) => ms - overlapMs(span, silence), Math.max(0, silence[1] - silence[0]));
}

const overlapMs = (one: Span, other: Span): number =>
  Math.max(0, Math.min(one[1], other[1]) - Math.max(one[0], other[0]));
