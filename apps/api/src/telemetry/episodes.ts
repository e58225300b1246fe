/** An excursion of one leg under one rule, as stored. Instants in ms since 1970 UTC; `to` null: open. */
export interface StoredExcursion {
  readonly leg: number;
  readonly rule: string;
  readonly from: number;
  readonly to: number | null;
  /** Time that readings cover. */
  readonly durationMs: number;
  readonly extremeMilliCelsius: number;
}

/** What a person sees as one warming or cooling. */
export interface Episode {
  readonly from: number;
  readonly to: number | null;
  /** By the clock; of one that goes on up to now. */
  readonly durationMs: number;
  readonly coveredMs: number;
  readonly rules: readonly string[];
  readonly coldestMilliCelsius: number;
  readonly hottestMilliCelsius: number;
}

/**
 * Joins excursions that overlap or follow each other within `touchMs`, whatever their leg and rule: a warming that breaks
 * two rules while the unit changes hands twice is one warming. `touchMs` must bridge the time between the end of a leg
 * and the first reading of the next one.
 */
export function episodesOf(excursions: readonly StoredExcursion[], now: number, touchMs: number): Episode[] {
  const episodes: StoredExcursion[][] = [];
  let reachesTo = Number.NEGATIVE_INFINITY;
  for (const excursion of [...excursions].sort((a, b) => a.from - b.from)) {
    const last = episodes.at(-1);
    if (last === undefined || excursion.from > reachesTo + touchMs) {
      episodes.push([excursion]);
      reachesTo = excursion.to ?? now;
    } else {
      last.push(excursion);
      reachesTo = Math.max(reachesTo, excursion.to ?? now);
    }
  }
  return episodes.map((parts) => episodeOf(parts, now));
}

function episodeOf(parts: readonly StoredExcursion[], now: number): Episode {
  const from = Math.min(...parts.map((part) => part.from));
  const open = parts.some((part) => part.to === null);
  const end = Math.max(from, ...parts.map((part) => part.to ?? now));
  const extremes = parts.map((part) => part.extremeMilliCelsius);
  return {
    from,
    to: open ? null : end,
    durationMs: end - from,
    coveredMs: Math.min(end - from, coveredMs(parts)),
    rules: [...new Set(parts.map((part) => part.rule))],
    coldestMilliCelsius: Math.min(...extremes),
    hottestMilliCelsius: Math.max(...extremes),
  };
}

/** Of each leg the rule that was broken longest; legs follow each other. */
function coveredMs(parts: readonly StoredExcursion[]): number {
  const byLeg = new Map<number, Map<string, number>>();
  for (const { leg, rule, durationMs } of parts) {
    const rules = byLeg.get(leg) ?? new Map<string, number>();
    rules.set(rule, (rules.get(rule) ?? 0) + durationMs);
    byLeg.set(leg, rules);
  }
  return [...byLeg.values()].reduce((sum, rules) => sum + Math.max(...rules.values()), 0);
}
