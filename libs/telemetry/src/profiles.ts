import type { ExposureRange, MktRule, ThermalProfile } from './thermal-profile.js';
import type { TraceProfile } from './trace-profile.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** WHO PQS loggers and indicators: at or below −0.5 °C for an hour in one piece. */
const WHO_FREEZE: ThermalProfile['freeze'] = { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: HOUR };
/** Time without evidence that a trace may have; ours, no standard gives one. */
const GAP: ThermalProfile['gap'] = { allowedMs: 30 * MINUTE, policy: 'unknown' };

interface Preset {
  readonly storage: readonly [minMilliCelsius: number, maxMilliCelsius: number];
  readonly ranges: readonly ExposureRange[];
  readonly combine: ThermalProfile['combine'];
  readonly freeze?: ThermalProfile['freeze'];
  readonly mkt?: MktRule;
}

/** A budget: exactly the allowed time is still allowed. */
function range(
  name: string,
  comparator: ExposureRange['comparator'],
  limitMilliCelsius: number,
  allowedMs: number,
): ExposureRange {
  return { name, comparator, limitMilliCelsius, allowedMs };
}

/** An alarm of a device: it rings when the time is reached. */
function alarm(activation: 'consecutive' | 'cumulative', ...limit: Parameters<typeof range>): ExposureRange {
  return { ...range(...limit), activation, tripsAtAllowed: true };
}

const SHIPPING_1 = [
  alarm('consecutive', 'at-least-45', '>=', 45_000, HOUR),
  alarm('cumulative', 'at-least-30', '>=', 30_000, 10 * HOUR),
];
/** Controlled room temperature: spikes to 40 °C for up to 24 h in one piece. */
const CRT_RANGES: readonly ExposureRange[] = [
  range('above-40', '>', 40_000, 0),
  { ...range('above-30', '>', 30_000, DAY), activation: 'consecutive' },
  range('below-15', '<', 15_000, 0),
];
const crtMkt = (limitMilliCelsius: number): MktRule => ({
  windowMs: 30 * DAY,
  limitMilliCelsius,
  ceilingMilliCelsius: 40_000,
});

const PRESETS = {
  /** WHO shipping indicator type 1 (E006/TR07): ≥ 45 °C 1 h in one piece, ≥ 30 °C 10 h in all, ≤ −0.5 °C 1 h. */
  'who-shipping-1': { storage: [2000, 8000], ranges: SHIPPING_1, combine: 'nested', freeze: WHO_FREEZE },
  /** Type 2: also ≥ 10 °C 20 h in all. */
  'who-shipping-2': {
    storage: [2000, 8000],
    ranges: [...SHIPPING_1, alarm('cumulative', 'at-least-10', '>=', 10_000, 20 * HOUR)],
    combine: 'nested',
    freeze: WHO_FREEZE,
  },
  /** WHO 30-day refrigerator logger: > 8 °C 10 h in one piece, ≤ −0.5 °C 60 min in one piece. */
  'refrigerator-30-day': {
    storage: [2000, 8000],
    ranges: [alarm('consecutive', 'above-8', '>', 8000, 10 * HOUR)],
    combine: 'nested',
    freeze: WHO_FREEZE,
  },
  /** A 2–8 °C product without stability data: any time outside is too much; MKT ≤ 8 °C over 24 h (USP <659>). */
  '2-8': {
    storage: [2000, 8000],
    ranges: [range('above-8', '>', 8000, 0), range('below-2', '<', 2000, 0)],
    combine: 'independent',
    freeze: WHO_FREEZE,
    mkt: { windowMs: DAY, limitMilliCelsius: 8000, ceilingMilliCelsius: 15_000 },
  },
  /** Freezer, −25 to −10 °C (USP <659>). */
  '-20': {
    storage: [-25_000, -10_000],
    ranges: [range('above-minus-10', '>', -10_000, 0), range('below-minus-25', '<', -25_000, 0)],
    combine: 'independent',
  },
  /** Vaccines kept frozen at −25 to −15 °C (WHO). */
  'frozen-vaccine': {
    storage: [-25_000, -15_000],
    ranges: [range('above-minus-15', '>', -15_000, 0), range('below-minus-25', '<', -25_000, 0)],
    combine: 'independent',
  },
  /** Controlled room temperature (USP <659>): excursions 15–30 °C, up to 40 °C for 24 h in one piece, MKT ≤ 25 °C. */
  'crt-15-25': { storage: [15_000, 25_000], ranges: CRT_RANGES, combine: 'nested', mkt: crtMkt(25_000) },
  /** The same for climatic zone IVb, 15–30 °C; the MKT limit follows the storage range. */
  'crt-15-30': { storage: [15_000, 30_000], ranges: CRT_RANGES, combine: 'nested', mkt: crtMkt(30_000) },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;

/** Names of the built-in profiles, in the order of the README's table. */
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/** Whether a text names a built-in profile. */
export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}

/** A built-in profile. Presets belong to no product: their GTIN is fourteen zeros and their version 1. */
export function presetProfile(name: PresetName): TraceProfile {
  const { storage, ranges, combine, freeze = null, mkt }: Preset = PRESETS[name];
  return {
    name,
    thermal: {
      gtin: '00000000000000',
      version: 1,
      storage: { minMilliCelsius: storage[0], maxMilliCelsius: storage[1] },
      ranges,
      combine,
      freeze,
      humidity: null,
      evidence: 'logger',
      gap: GAP,
      longestTransitMs: null,
      openingMs: ranges.map(() => 0),
      ...(mkt === undefined ? {} : { mkt }),
    },
  };
}
