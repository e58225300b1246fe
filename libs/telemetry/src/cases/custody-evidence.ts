/** A leg of somebody's custody. Instants in ms since 1970 UTC. */
export interface EvidencedLeg {
  readonly startedAt: number;
  /** null: it goes on. */
  readonly endedAt: number | null;
  /** Up to when what was read last holds; null: there is nothing. Of a closed leg its end: its gap counts all of it. */
  readonly holdsUntil: number | null;
  /** Time inside what was evaluated that no reading covers. */
  readonly gapMs: number;
}

/**
 * How much of a custody no evidence covers, ms: what lies between its legs, the gaps inside them, and what is not
 * evaluated at their ends. Legs of several loggers cover for each other only as a whole: of two that ran at the same time
 * the one with the smaller gap counts.
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
    missingMs += Math.max(0, start - covered) + leg.gapMs + silenceMs(leg, end);
    covered = end;
  }
  return missingMs + Math.max(0, to - covered);
}

/** What no reading speaks for at the end of a leg: its gap counts only what was evaluated. */
function silenceMs({ holdsUntil, startedAt }: EvidencedLeg, end: number): number {
  return Math.max(0, end - (holdsUntil ?? startedAt));
}
