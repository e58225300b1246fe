/** How a temperature is compared with a limit. Devices differ: LogTag alarms at ≥, FridgeTag at >. */
export type Comparator = '>' | '>=' | '<' | '<=';

/** `instant`: one reading is too much. `consecutive`: time in one piece counts. `cumulative`: all time adds up. */
export type Activation = 'instant' | 'consecutive' | 'cumulative';

/** Time beyond a limit that the product may take. */
export interface ExposureRange {
  readonly name: string;
  readonly comparator: Comparator;
  readonly limitMilliCelsius: number;
  readonly allowedMs: number;
  /** Absent: `cumulative`, over the product's whole life. `instant` asks for an `allowedMs` of 0. */
  readonly activation?: Activation;
  /** Reaching the allowed time is too much already, as alarms of devices count it. Absent: only what is beyond it. */
  readonly tripsAtAllowed?: boolean;
}

/** A limit on the mean kinetic temperature over every window of a length (USP <1079.2>). */
export interface MktRule {
  readonly windowMs: number;
  readonly limitMilliCelsius: number;
  /** Where a reading is above it the mean does not apply. null: no ceiling. */
  readonly ceilingMilliCelsius: number | null;
}

/**
 * `nested`: a moment counts in every range that it breaks. `independent`: it counts only in the most extreme range that
 * it breaks on its side (hot or cold). `sum`: counted as independent, and Σ used/allowed must stay ≤ 1.
 */
export type BudgetCombination = 'independent' | 'nested' | 'sum';

/**
 * What a product may take: the shape of a ledger profile (`ProductProfile` of the chaincode's protocol), declared here
 * again because this library also runs where there is no ledger (gateways, the command line). All numbers are safe
 * integers: milli-degrees Celsius, milliseconds, per-mille of relative humidity.
 */
export interface ThermalProfile {
  readonly gtin: string;
  readonly version: number;
  /** Closed range: a reading equal to a bound is inside. */
  readonly storage: { readonly minMilliCelsius: number; readonly maxMilliCelsius: number };
  readonly ranges: readonly ExposureRange[];
  readonly combine: BudgetCombination;
  /** Consecutive time at which the product counts as frozen; no average excuses it. */
  readonly freeze: {
    readonly comparator: '<' | '<=';
    readonly limitMilliCelsius: number;
    readonly consecutiveMs: number;
  } | null;
  /** Off (null) for sealed products. Broken above `maxPermille` for `consecutiveMs`. */
  readonly humidity: { readonly maxPermille: number; readonly consecutiveMs: number } | null;
  readonly evidence: 'logger' | 'location-sensor' | 'qualified-packaging' | 'none';
  /** Time without evidence that a leg may have before the thermal answer is unknown. */
  readonly gap: {
    readonly allowedMs: number;
    /** What time without evidence is charged with: nothing, the value before it, or the worst that is plausible. */
    readonly policy: 'unknown' | 'last-value' | 'worst-plausible';
    /** The worst that is plausible. Absent: the extremes that the leg measured up to the end of the gap. */
    readonly plausible?: { readonly minMilliCelsius: number; readonly maxMilliCelsius: number };
  };
  readonly longestTransitMs: number | null;
  /** Time per range that every pack has already spent when it is registered. Same length as `ranges`. */
  readonly openingMs: readonly number[];
  /** Absent: no limit on the mean kinetic temperature. */
  readonly mkt?: MktRule;
  /** Activation energy of the product's degradation, J/mol. Absent: 83,144 (USP <1160>). */
  readonly activationEnergyJoule?: number;
  /** Uncertainty of sensors: every limit is judged that much more strictly. Absent: 0. */
  readonly guardBandMilliCelsius?: number;
  /** After packing, while a logger adapts, no rule but freezing counts for so long. Absent: 0. */
  readonly ignoreAfterPackingMs?: number;
}

/** Exposure under one profile; `usedMs` has one entry per range of that profile, in its order. */
export interface Exposure {
  /** `gtin/version`. */
  readonly profile: string;
  readonly usedMs: readonly number[];
  /** Longest consecutive time at or beyond the freeze limit; 0 without a freeze rule. */
  readonly freezeRunMs: number;
  /**
   * Longest time in one piece per range (of an `instant` range at least 1 when a reading broke it). Present where the
   * profile has a range that is not cumulative.
   */
  readonly longestMs?: readonly number[];
}

/** How the time of a range is counted. */
export function activationOf(range: ExposureRange): Activation {
  return range.activation ?? 'cumulative';
}

/** Whether any range of a profile asks for the longest piece of time. */
export function countsPieces(profile: ThermalProfile): boolean {
  return profile.ranges.some((range) => activationOf(range) !== 'cumulative');
}

/** Names a profile as the ledger does: `gtin/version`. */
export function thermalProfileId(profile: { readonly gtin: string; readonly version: number }): string {
  return `${profile.gtin}/${profile.version}`;
}

/** Which direction a comparator guards: a hot limit is broken by warmth, a cold one by cold. */
export function sideOf(comparator: Comparator): 'hot' | 'cold' {
  return comparator === '>' || comparator === '>=' ? 'hot' : 'cold';
}
