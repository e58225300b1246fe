import { describe, expect, it } from '@jest/globals';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { findingsOfSilence, type OpenLeg } from './evidence-findings.js';

const MINUTE = 60_000;
const profile = (allowedMs: number): ProductProfile => ({
  gtin: '09520001100017',
  version: 1,
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [],
  combine: 'independent',
  freeze: null,
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [],
});
const leg = (members: Partial<OpenLeg> = {}): OpenLeg => ({
  startedAt: 0,
  holdsUntil: 5 * MINUTE,
  vouched: [],
  intervalMs: 5 * MINUTE,
  ...members,
});
const told = (one: OpenLeg, now: number, ...allowedMs: readonly number[]): string[] =>
  findingsOfSilence([one], allowedMs.map(profile), now).map(({ sentence }) => sentence);

describe('findingsOfSilence', () => {
  it('does not flicker while a reading is late for less than three intervals', () => {
    for (const now of [5 * MINUTE, 5 * MINUTE + 1, 9 * MINUTE, 15 * MINUTE]) {
      expect(told(leg(), now, 60 * MINUTE)).toEqual([]);
    }
  });

  it('tells the whole of the silence once it is told', () => {
    expect(told(leg(), 16 * MINUTE, 60 * MINUTE)).toEqual(['Nothing has spoken for it for 11 min.']);
  });

  it('waits for no longer than the strictest profile allows', () => {
    expect(told(leg(), 8 * MINUTE, 60 * MINUTE, 2 * MINUTE)).toHaveLength(1);
    expect(told(leg(), 6 * MINUTE, 60 * MINUTE, 0)).toHaveLength(1);
  });

  it('waits for nothing where no logger is known to speak', () => {
    expect(told(leg({ intervalMs: null, holdsUntil: null }), MINUTE, 60 * MINUTE)).toHaveLength(1);
  });

  it('tells nothing while packaging vouches', () => {
    expect(told(leg({ vouched: [[0, 90 * MINUTE]] }), 80 * MINUTE, 60 * MINUTE)).toEqual([]);
    expect(told(leg({ vouched: [[0, 60 * MINUTE]] }), 80 * MINUTE, 60 * MINUTE)).toHaveLength(1);
  });
});
