import type { ClaimName, VerdictReason } from '@coldchain/api-contract';

/** One claim before it is told: what it found, why, and how old the data is. */
export type ClaimFinding = {
  readonly name: ClaimName;
  readonly sentence: string;
  /** ms since 1970 UTC; null: no data at all. */
  readonly asOf: number | null;
} & (
  | { readonly state: 'confirmed'; readonly reason: null }
  | { readonly state: 'objection' | 'unknown'; readonly reason: Exclude<VerdictReason, 'no-objection'> }
);

type Reason = Exclude<VerdictReason, 'no-objection'>;

/** Makes the claims of one name as of one time. */
export function claimer(name: ClaimName, asOf: number | null) {
  return {
    confirmed: (sentence: string, at: number | null = asOf): ClaimFinding => ({
      name,
      state: 'confirmed',
      reason: null,
      sentence,
      asOf: at,
    }),
    objection: (reason: Reason, sentence: string, at: number | null = asOf): ClaimFinding => ({
      name,
      state: 'objection',
      reason,
      sentence,
      asOf: at,
    }),
    unknown: (reason: Reason, sentence: string, at: number | null = asOf): ClaimFinding => ({
      name,
      state: 'unknown',
      reason,
      sentence,
      asOf: at,
    }),
  };
}

/** `2026-11-20 14:02 UTC`. */
export const instantText = (instant: number): string =>
  `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** A duration for people: `45 s`, `12 min`, `3 h`, `2 d`. */
export function durationText(durationMs: number): string {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  if (durationMs < 2 * minute) return `${Math.round(durationMs / 1000)} s`;
  if (durationMs < 2 * hour) return `${Math.round(durationMs / minute)} min`;
  return durationMs < 2 * day ? `${Math.round(durationMs / hour)} h` : `${Math.round(durationMs / day)} d`;
}
