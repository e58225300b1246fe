import { describe, expect, it } from '@jest/globals';
import type { ExposureRange, ProductProfile } from '@coldchain/chaincode/protocol';
import { warningOf } from './temperature-warning.js';
import type { BreachFacts, LegFacts, ObjectFacts, VerdictFacts } from './verdict-facts.js';

const NOW = Date.parse('2026-11-21T02:31:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ID = '09506000134352/1';

const warm: ExposureRange = { name: 'warm', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 12 * HOUR };
const hot: ExposureRange = { name: 'hot', comparator: '>=', limitMilliCelsius: 25_000, allowedMs: 2 * HOUR };

interface Given {
  readonly used: readonly number[];
  readonly ranges?: readonly ExposureRange[];
  readonly combine?: ProductProfile['combine'];
  readonly milliCelsius?: number;
  readonly of?: string;
  readonly endedAt?: number;
  readonly uncalibratedSince?: number;
  readonly kind?: ObjectFacts['kind'];
}

function warned(given: Given) {
  const breaches: BreachFacts[] =
    given.milliCelsius === undefined ? [] : [{ profile: given.of ?? ID, milliCelsius: given.milliCelsius }];
  const leg: LegFacts = {
    key: 'l',
    custody: 'unit/1',
    startedAt: NOW - 20 * HOUR,
    endedAt: given.endedAt ?? null,
    readingAt: NOW - MINUTE,
    holdsUntil: NOW + 4 * MINUTE,
    countedTo: NOW - MINUTE,
    vouched: [],
    gapMs: 0,
    gaps: [],
    doubted: [],
    final: false,
    exposures: [{ profile: ID, usedMs: given.used, freezeRunMs: 0 }],
    recorded: { ledger: [], expected: [] },
    breaches,
    uncalibratedSince: given.uncalibratedSince ?? null,
  };
  const profile: ProductProfile = {
    gtin: '09506000134352',
    version: 1,
    storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
    ranges: given.ranges ?? [warm],
    combine: given.combine ?? 'independent',
    freeze: null,
    humidity: null,
    evidence: 'logger',
    gap: { allowedMs: HOUR, policy: 'unknown' },
    longestTransitMs: null,
    openingMs: [0],
  };
  const object: ObjectFacts = {
    kind: given.kind ?? 'pack',
    batches: [
      {
        key: 'b',
        expiry: null,
        ledger: {
          batch: 'b',
          owner: 'ManufacturerMSP:maker',
          profile: ID,
          certified: true,
          expiry: '2030-12-31',
          packRoots: [],
          recall: null,
          lastEventTime: 0,
        },
        expected: null,
      },
    ],
    pack: null,
    chains: [
      [{ key: 'u', ledger: null, expected: null, since: 0, rejected: false, legs: [leg], own: [leg], past: [] }],
    ],
    moreUnits: false,
    transits: [],
    profiles: new Map([[ID, profile]]),
    scannedExpiry: null,
    events: { oldestPendingAt: null, refusals: [] },
  };
  const facts: VerdictFacts = {
    now: NOW,
    boundMs: MINUTE,
    asker: 'PharmacyMSP:north',
    party: { ledger: null, expected: null },
    ledgerConfirmedAt: NOW,
    evaluationConfirmedAt: NOW,
    found: { state: 'found', object },
  };
  return warningOf(object, facts);
}

describe('warningOf', () => {
  it('tells how warm it is and how much time is left, counting what went by since the reading', () => {
    expect(warned({ used: [12 * HOUR - 5 * MINUTE], milliCelsius: 24_100 })).toEqual({
      kind: 'outside',
      sentence: 'It is outside its limits now (24.1 °C at 2026-11-21 02:30 UTC); 4 min of the allowed 12 h are left.',
    });
  });

  it('tells that a logger measured beyond its calibration, behind what is more pressing', () => {
    const uncalibratedSince = NOW - HOUR;
    const sentence = 'Since 2026-11-21 01:31 UTC it was measured by a logger whose calibration was due.';
    expect(warned({ used: [0], uncalibratedSince })).toEqual({ kind: 'uncalibrated', sentence });
    expect(warned({ used: [10 * HOUR], uncalibratedSince })).toEqual({
      kind: 'nearly-spent',
      sentence: `83 % of the time allowed outside its limits is spent; 2 h of the allowed 12 h are left. ${sentence}`,
    });
  });

  it.each<[string, Given, string | null]>([
    ['within limits', { used: [0] }, null],
    ['a leg that is over', { used: [0], milliCelsius: 24_000, endedAt: NOW - HOUR }, null],
    ['the limits of another product beside it', { used: [0], milliCelsius: 24_000, of: 'other/1' }, null],
    ['just below four fifths', { used: [9.59 * HOUR] }, null],
    ['four fifths', { used: [9.6 * HOUR] }, '80 % of the time allowed outside its limits is spent; 2 h of the'],
    ['cold without a budget', { used: [0], milliCelsius: 1_000 }, '(1.0 °C at 2026-11-21 02:30 UTC).'],
    ['nothing left', { used: [12 * HOUR], milliCelsius: 9_000 }, 'less than 1 min of the allowed 12 h is left'],
    ['one minute', { used: [12 * HOUR - 2 * MINUTE], milliCelsius: 9_000 }, '; 1 min of the allowed 12 h is left'],
    ['a batch', { used: [0], milliCelsius: 9_000, kind: 'batch' }, 'A unit of it is outside its limits now'],
    [
      'the most extreme range alone',
      { used: [11 * HOUR, 0], ranges: [warm, hot], milliCelsius: 26_000 },
      '119 min of the allowed 2 h are left',
    ],
    [
      'the milder range below the hot one',
      { used: [0, HOUR], ranges: [warm, hot], milliCelsius: 24_900 },
      '11 h of the allowed 12 h are left',
    ],
    [
      'nested ranges',
      { used: [11 * HOUR, 0], ranges: [warm, hot], combine: 'nested', milliCelsius: 25_000 },
      '59 min of the allowed 12 h are left',
    ],
    [
      'a sum of ranges',
      { used: [6 * HOUR, 0.5 * HOUR], ranges: [warm, hot], combine: 'sum', milliCelsius: 9_000 },
      '; 2 h of the allowed 12 h are left',
    ],
    [
      'a sum that is nearly spent although no range is',
      { used: [6 * HOUR, 0.8 * HOUR], ranges: [warm, hot], combine: 'sum' },
      '90 % of the time allowed outside its limits is spent',
    ],
  ])('%s', (_, given, expected) => {
    const told = warned(given)?.sentence ?? null;
    if (expected === null) expect(told).toBeNull();
    else expect(told).toContain(expected);
  });
});
