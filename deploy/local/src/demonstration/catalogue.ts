import { gtinOf, type Gtin, type Sscc, ssccOf } from '@coldchain/gs1';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Company prefix of Aurora Pharma; 952 is reserved for demonstrations. */
const AURORA = '9520001';

/** A product with an example profile. The values are examples, not those of any real medicine. */
export interface DemonstrationProduct {
  readonly gtin: Gtin;
  readonly name: string;
  readonly profile: object;
}

/** 2–8 °C, 12 hours above 8 in all, one hour above 25, never frozen for 30 minutes. */
export const VACCINE: DemonstrationProduct = {
  gtin: gtinOf(AURORA, 10001),
  name: 'Auroravax suspension for injection 0.5 ml, 2–8 °C',
  profile: {
    storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
    ranges: [
      { name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 12 * HOUR_MS },
      { name: 'above 25 °C', comparator: '>', limitMilliCelsius: 25_000, allowedMs: HOUR_MS },
    ],
    combine: 'nested',
    freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 30 * MINUTE_MS },
    humidity: null,
    evidence: 'logger',
    gap: { allowedMs: 2 * HOUR_MS, policy: 'unknown' },
    longestTransitMs: 10 * DAY_MS,
    openingMs: [0, 0],
  },
};

/** A tablet for controlled room temperature: no logger is asked for. */
export const TABLET: DemonstrationProduct = {
  gtin: gtinOf(AURORA, 10002),
  name: 'Aurorazepin 20 mg tablets, 15–25 °C',
  profile: {
    storage: { minMilliCelsius: 15_000, maxMilliCelsius: 25_000 },
    ranges: [{ name: 'above 30 °C', comparator: '>', limitMilliCelsius: 30_000, allowedMs: 24 * HOUR_MS }],
    combine: 'independent',
    freeze: null,
    humidity: null,
    evidence: 'none',
    gap: { allowedMs: 0, policy: 'unknown' },
    longestTransitMs: null,
    openingMs: [0],
  },
};

/** Kept at −20 °C: two hours above −15 °C in all. */
export const FROZEN: DemonstrationProduct = {
  gtin: gtinOf(AURORA, 10003),
  name: 'Auroravec concentrate, −25 to −15 °C',
  profile: {
    storage: { minMilliCelsius: -25_000, maxMilliCelsius: -15_000 },
    ranges: [{ name: 'above -15 °C', comparator: '>', limitMilliCelsius: -15_000, allowedMs: 2 * HOUR_MS }],
    combine: 'independent',
    freeze: null,
    humidity: null,
    evidence: 'logger',
    gap: { allowedMs: 2 * HOUR_MS, policy: 'unknown' },
    longestTransitMs: 5 * DAY_MS,
    openingMs: [0],
  },
};

/** SSCC of the demonstration's n-th carton. */
export const carton = (number: number): Sscc => ssccOf(AURORA, number);
