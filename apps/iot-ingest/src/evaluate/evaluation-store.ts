import type { Transaction } from '@coldchain/database';
import {
  type Excursion,
  type LegState,
  type Responsibility,
  type Sample,
  type Span,
  vouchedAfter,
} from '@coldchain/telemetry';
import type { LegSource } from './leg-source.js';

/** The newest state of a leg that has read nothing at or after an instant. */
export async function checkpointBefore(
  transaction: Transaction,
  legId: number,
  earliestAt: number,
): Promise<LegState | null> {
  const [row] = await transaction.query<{ state: LegState }>(
    'SELECT state FROM leg_checkpoint WHERE leg_id = $1 AND evaluated_to < $2 ORDER BY evaluated_to DESC LIMIT 1',
    [legId, new Date(earliestAt)],
  );
  return row?.state ?? null;
}

/** What an evaluation leaves behind on a leg. */
export interface EvaluatedLeg {
  readonly state: LegState;
  readonly durationMs: number;
  readonly gapMs: number;
  /** Of the gap what was measured although nothing vouches for it. */
  readonly doubted: readonly Span[];
  readonly vouchedMs: number;
  /** Up to when what was read last holds; null: nothing was. */
  readonly holdsUntil: number | null;
  /** What an open leg is to be taken for after its newest reading, as that holds on. */
  readonly tail: readonly Sample[];
  /** What the state was folded from. */
  readonly sources: readonly LegSource[];
  readonly readings: number;
  readonly coldestMilliCelsius: number | null;
  readonly hottestMilliCelsius: number | null;
  readonly exposures: unknown;
  /** Excursions of this evaluation. */
  readonly excursions: readonly (Excursion & { readonly responsibility: Responsibility })[];
  /** Loggers that disagreed, as told by the fold. */
  readonly disagreements: readonly Excursion[];
  /** States at the ends of days that this evaluation passed. */
  readonly checkpoints: readonly LegState[];
  /**
   * The instant that this evaluation went on from: what lies after it and is not among what it found is no longer true.
   * Null: from the start of the leg.
   */
  readonly from: number | null;
}

/** Stores the state, its totals, its excursions and its checkpoints. */
export async function storeEvaluation(transaction: Transaction, legId: number, leg: EvaluatedLeg): Promise<void> {
  await transaction.query(
    `UPDATE leg SET state = $2, evaluated_to = $3, duration_ms = $4, gap_ms = $5, readings = $6,
                    coldest_milli_celsius = $7, hottest_milli_celsius = $8, exposures = $9, vouched_ms = $10,
                    holds_until = $11, sources = $12, tail = $13, vouched = $14, doubted = $15 WHERE id = $1`,
    [
      legId,
      JSON.stringify(leg.state),
      leg.state.evaluatedTo === null ? null : new Date(leg.state.evaluatedTo),
      leg.durationMs,
      leg.gapMs,
      leg.readings,
      leg.coldestMilliCelsius,
      leg.hottestMilliCelsius,
      JSON.stringify(leg.exposures),
      leg.vouchedMs,
      leg.holdsUntil === null ? null : new Date(leg.holdsUntil),
      JSON.stringify(leg.sources),
      JSON.stringify(leg.tail),
      JSON.stringify(vouchedAfter(leg.state)),
      JSON.stringify(leg.doubted),
    ],
  );
  await storeExcursions(transaction, legId, leg);
  await storeDisagreements(transaction, legId, leg);
  await storeCheckpoints(transaction, legId, leg);
}

async function storeExcursions(transaction: Transaction, legId: number, leg: EvaluatedLeg): Promise<void> {
  const { excursions } = leg;
  await transaction.query(
    `WITH found AS (
       SELECT * FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::integer[],
                            $9::integer[], $10::boolean[], $11::text[])
         AS f (profile, rule, opened_at, closed_at, duration_ms, extreme_milli_celsius, extreme_permille, assumed, responsibility)
     ), gone AS (
       DELETE FROM excursion x WHERE leg_id = $1 AND ($2::timestamptz IS NULL OR closed_at IS NULL OR closed_at > $2)
         AND NOT EXISTS (SELECT 1 FROM found f WHERE (f.profile, f.rule, f.opened_at) = (x.profile, x.rule, x.opened_at)))
     INSERT INTO excursion AS x (leg_id, profile, rule, opened_at, closed_at, duration_ms, extreme_milli_celsius,
                                 extreme_permille, assumed, responsibility)
     SELECT $1, * FROM found
     ON CONFLICT (leg_id, profile, rule, opened_at) DO UPDATE
     SET closed_at = excluded.closed_at, duration_ms = excluded.duration_ms,
         extreme_milli_celsius = excluded.extreme_milli_celsius, extreme_permille = excluded.extreme_permille,
         assumed = excluded.assumed, responsibility = excluded.responsibility`,
    [
      legId,
      leg.from === null ? null : new Date(leg.from),
      excursions.map(({ profile }) => profile),
      excursions.map(({ rule }) => rule),
      excursions.map(({ openedAt }) => new Date(openedAt)),
      excursions.map(({ closedAt }) => (closedAt === null ? null : new Date(closedAt))),
      excursions.map(({ durationMs }) => durationMs),
      excursions.map(({ extremeMilliCelsius }) => extremeMilliCelsius),
      excursions.map(({ extremePermille }) => extremePermille),
      excursions.map(({ assumed }) => assumed),
      excursions.map(({ responsibility }) => responsibility),
    ],
  );
}

/** Most legs have one logger, and nothing to write here. */
async function storeDisagreements(transaction: Transaction, legId: number, leg: EvaluatedLeg): Promise<void> {
  const { disagreements } = leg;
  if (leg.sources.length < 2 && disagreements.length === 0 && leg.from !== null) return;
  await transaction.query(
    `WITH gone AS (
       DELETE FROM leg_disagreement WHERE leg_id = $1 AND ($2::timestamptz IS NULL OR closed_at IS NULL OR closed_at > $2)
         AND opened_at <> ALL ($3::timestamptz[]))
     INSERT INTO leg_disagreement (leg_id, opened_at, closed_at, most_milli_celsius)
     SELECT $1, * FROM unnest($3::timestamptz[], $4::timestamptz[], $5::integer[])
     ON CONFLICT (leg_id, opened_at) DO UPDATE
     SET closed_at = excluded.closed_at, most_milli_celsius = excluded.most_milli_celsius`,
    [
      legId,
      leg.from === null ? null : new Date(leg.from),
      disagreements.map(({ openedAt }) => new Date(openedAt)),
      disagreements.map(({ closedAt }) => (closedAt === null ? null : new Date(closedAt))),
      disagreements.map(({ extremeMilliCelsius }) => extremeMilliCelsius),
    ],
  );
}

async function storeCheckpoints(transaction: Transaction, legId: number, leg: EvaluatedLeg): Promise<void> {
  const states = leg.checkpoints.filter(({ evaluatedTo }) => evaluatedTo !== null);
  await transaction.query(
    `WITH gone AS (
       DELETE FROM leg_checkpoint WHERE leg_id = $1 AND ($2::timestamptz IS NULL OR evaluated_to >= $2)
         AND evaluated_to <> ALL ($3::timestamptz[]))
     INSERT INTO leg_checkpoint (leg_id, evaluated_to, state)
     SELECT $1, * FROM unnest($3::timestamptz[], $4::jsonb[])
     ON CONFLICT (leg_id, evaluated_to) DO UPDATE SET state = excluded.state`,
    [
      legId,
      leg.from === null ? null : new Date(leg.from),
      states.map(({ evaluatedTo }) => new Date(evaluatedTo ?? 0)),
      states.map((state) => JSON.stringify(state)),
    ],
  );
}
