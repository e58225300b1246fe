import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { combineSources, type Sample } from '@coldchain/telemetry';
import type { LegRow } from './leg-repository.js';
import type { LegSource, UnitPackaging } from './leg-source.js';

/** What a leg is judged by: those of its sources that all profiles in the unit accept. */
export interface LegEvidence {
  readonly sources: readonly LegSource[];
  /** The longest time that a reading of any source holds. */
  readonly intervalMs: number;
  /** Time in which packaging vouches where nothing was measured. */
  readonly vouched: readonly (readonly [number, number])[];
}

/** How much a kind of evidence says: a profile takes its own kind and whatever says more. */
const RANK = { none: 0, 'qualified-packaging': 1, 'location-sensor': 2, logger: 3 } as const;

/**
 * The longest that a reading holds for a profile that allows no gap at all. It has to hold for some time, or every leg would
 * be a gap throughout: so such a profile asks for loggers that measure at least this often.
 */
const HOLD_WITHOUT_GAP_MS = 15 * 60_000;

/** How long a reading of a leg without any source would hold: it has none. */
const NO_INTERVAL_MS = 60_000;

/** The evidence of a leg under the strictest of the profiles. */
export function evidenceOf(leg: LegRow, profiles: readonly ProductProfile[]): LegEvidence {
  const strictest = Math.max(RANK.none, ...profiles.map(({ evidence }) => RANK[evidence]));
  const accepts = ({ kind }: LegSource): boolean => kind === 'bound' || strictest <= RANK['location-sensor'];
  const sources = leg.sources.filter(accepts).map((source) => ({
    ...source,
    // At the end of the leg everything ends: a source that lasts so long is cut off by that, not before.
    until: source.until === leg.endedAt ? null : source.until,
    intervalMs: holdingTime(source.intervalMs, profiles),
  }));
  const vouches = strictest <= RANK['qualified-packaging'] && leg.packaging !== null;
  return {
    sources,
    intervalMs: sources.length === 0 ? NO_INTERVAL_MS : Math.max(...sources.map(({ intervalMs }) => intervalMs)),
    vouched: vouches && leg.packaging !== null ? vouchedBy(leg.packaging, profiles) : [],
  };
}

/**
 * How long a reading holds: the logger's declared interval, but no longer than the shortest time without evidence that a
 * profile allows. Who declares an interval of a day would otherwise have no gaps.
 */
function holdingTime(intervalMs: number, profiles: readonly ProductProfile[]): number {
  return Math.min(intervalMs, ...profiles.map(({ gap }) => (gap.allowedMs > 0 ? gap.allowedMs : HOLD_WITHOUT_GAP_MS)));
}

/**
 * From closing to opening, for the hours of the study; not before it vouches, where closing was told late, and not where it
 * does not keep what a profile asks for.
 */
function vouchedBy(packaging: UnitPackaging, profiles: readonly ProductProfile[]): LegEvidence['vouched'] {
  const keeps = profiles.every(
    ({ storage, guardBandMilliCelsius = 0 }) =>
      packaging.minMilliCelsius >= storage.minMilliCelsius + guardBandMilliCelsius &&
      packaging.maxMilliCelsius <= storage.maxMilliCelsius - guardBandMilliCelsius,
  );
  const until = Math.min(packaging.closedAt + packaging.qualifiedMs, packaging.openedAt ?? Infinity);
  const from = packaging.vouchesFrom ?? packaging.closedAt;
  return keeps && until > from ? [[from, until]] : [];
}

/** One logger for the whole leg: its readings are the leg's, with nothing to combine. */
export function onlySource({ sources }: LegEvidence, leg: LegRow): LegSource | null {
  const [only, ...others] = sources;
  if (only === undefined || others.length > 0) return null;
  return only.since <= leg.startedAt && only.until === null ? only : null;
}

/**
 * From when on the sources are not what the state was folded from; null: they are the same. When they vouch is no part of
 * what is folded: that is asked for anew whenever a leg is evaluated.
 */
export function changedFrom(before: readonly LegSource[] | null, after: readonly LegSource[]): number | null {
  if (before === null) return null;
  const changes = [...unmatched(before, after), ...unmatched(after, before)];
  return changes.length === 0 ? null : Math.min(...changes);
}

function unmatched(some: readonly LegSource[], others: readonly LegSource[]): number[] {
  return some.flatMap((one) => {
    const same = others.find(
      (other) =>
        other.logger === one.logger &&
        other.kind === one.kind &&
        other.since === one.since &&
        other.intervalMs === one.intervalMs &&
        other.accuracyMilliCelsius === one.accuracyMilliCelsius,
    );
    if (same === undefined) return [one.since];
    if (same.until === one.until) return [];
    // What was read less than an interval before holds to the end of the source and no longer.
    return [Math.min(same.until ?? Infinity, one.until ?? Infinity) - one.intervalMs + 1];
  });
}

/** The samples of a leg from those of its sources, by logger. */
export function samplesOf(
  evidence: LegEvidence,
  leg: LegRow,
  samples: ReadonlyMap<number, readonly Sample[]>,
): ReturnType<typeof combineSources> {
  return combineSources(
    evidence.sources.map((source) => ({
      samples: samples.get(source.logger) ?? [],
      intervalMs: source.intervalMs,
      from: source.since,
      to: source.until,
      // What a sensor on the wall measures differs from what one in the box measures.
      accuracyMilliCelsius: source.kind === 'bound' ? source.accuracyMilliCelsius : null,
    })),
    { startedAt: leg.startedAt, intervalMs: evidence.intervalMs },
  );
}
