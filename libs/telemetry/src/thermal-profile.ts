/** How a temperature is compared with a limit. Devices differ: LogTag alarms at ≥, FridgeTag at >. */
export type Comparator = '>' | '>=' | '<' | '<=';

/** Time beyond a limit that the product may accumulate over its whole life. */
export interface ExposureRange {
  readonly name: string;
  readonly comparator: Comparator;
  readonly limitMilliCelsius: number;
  readonly allowedMs: number;
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
  readonly gap: { readonly allowedMs: number; readonly policy: 'unknown' | 'last-value' | 'worst-plausible' };
  readonly longestTransitMs: number | null;
  /** Time per range that every pack has already spent when it is registered. Same length as `ranges`. */
  readonly openingMs: readonly number[];
}

/** Exposure under one profile; `usedMs` has one entry per range of that profile, in its order. */
export interface Exposure {
  /** `gtin/version`. */
  readonly profile: string;
  readonly usedMs: readonly number[];
  /** Longest consecutive time at or beyond the freeze limit; 0 without a freeze rule. */
  readonly freezeRunMs: number;
}

/** Names a profile as the ledger does: `gtin/version`. */
export function thermalProfileId(profile: { readonly gtin: string; readonly version: number }): string {
  return `${profile.gtin}/${profile.version}`;
}

/** Which direction a comparator guards: a hot limit is broken by warmth, a cold one by cold. */
export function sideOf(comparator: Comparator): 'hot' | 'cold' {
  return comparator === '>' || comparator === '>=' ? 'hot' : 'cold';
}
