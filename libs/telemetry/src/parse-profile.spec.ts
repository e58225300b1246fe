import { describe, expect, it } from '@jest/globals';
import { isPresetName, parseProfile, PRESET_NAMES, presetProfile } from './index.js';

const thermal = presetProfile('2-8').thermal;

describe('parseProfile', () => {
  it('reads every preset back from JSON', () => {
    for (const name of PRESET_NAMES) {
      const { thermal: own, ...more } = presetProfile(name);
      expect(parseProfile(JSON.parse(JSON.stringify({ ...own, ...more })))).toEqual(presetProfile(name));
    }
  });

  it('takes a ledger profile as it is', () => {
    expect(parseProfile({ ...thermal, gtin: '09506000134352', version: 2 })).toMatchObject({
      name: '09506000134352/2',
      thermal: { ...thermal, gtin: '09506000134352', version: 2 },
    });
  });

  it('takes files that leave out what they do not need, and the members of older ones', () => {
    const range = { name: 'warm', comparator: '>', limitMilliCelsius: 8000, allowedMs: 60_000 };
    const file = { storage: thermal.storage, ranges: [range], consecutiveRanges: ['warm'], activationEnergy: 83 };
    expect(parseProfile(file, 'my.json')).toEqual({
      name: 'my.json',
      thermal: {
        gtin: '00000000000000',
        version: 1,
        storage: thermal.storage,
        ranges: [{ ...range, activation: 'consecutive' }],
        combine: 'independent',
        freeze: null,
        humidity: null,
        evidence: 'logger',
        gap: { allowedMs: 0, policy: 'unknown' },
        longestTransitMs: null,
        openingMs: [0],
        activationEnergyJoule: 83_000,
      },
    });
  });

  it.each([
    ['', null],
    ['gtin', { ...thermal, gtin: '123' }],
    ['colour', { ...thermal, colour: 'red' }],
    ['storage', { ...thermal, storage: { minMilliCelsius: 8000, maxMilliCelsius: 2000 } }],
    ['storage.minMilliCelsius', { ...thermal, storage: { minMilliCelsius: 2.5, maxMilliCelsius: 8000 } }],
    ['storage.unit', { ...thermal, storage: { minMilliCelsius: 2000, maxMilliCelsius: 8000, unit: 'C' } }],
    ['ranges.1.comparator', { ...thermal, ranges: [thermal.ranges[0], { ...thermal.ranges[1], comparator: '=' }] }],
    ['openingMs', { ...thermal, openingMs: [] }],
    ['openingMs.0', { ...thermal, openingMs: [-1, 0] }],
    ['freeze.consecutiveMs', { ...thermal, freeze: { ...thermal.freeze, consecutiveMs: 0 } }],
    ['guardBandMilliCelsius', { ...thermal, guardBandMilliCelsius: 3000 }],
    ['ranges.0.allowedMs', { ...thermal, ranges: [{ ...thermal.ranges[0], tripsAtAllowed: true }], openingMs: [0] }],
    [
      'ranges.0.allowedMs',
      { ...thermal, ranges: [{ ...thermal.ranges[0], activation: 'instant', allowedMs: 1 }], openingMs: [0] },
    ],
    ['gap.plausible', { ...thermal, gap: { ...thermal.gap, plausible: { minMilliCelsius: 1, maxMilliCelsius: 1 } } }],
    ['mkt.windowMs', { ...thermal, mkt: { windowMs: 0, limitMilliCelsius: 8000 } }],
    ['consecutiveRanges.0', { ...thermal, consecutiveRanges: ['none'] }],
    ['activationEnergy', { ...thermal, activationEnergy: 0 }],
  ])('refuses a wrong %s', (member, value) => {
    const json: unknown = value === null ? null : JSON.parse(JSON.stringify(value));
    expect(() => parseProfile(json)).toThrow(expect.objectContaining({ code: 'profile-invalid', details: { member } }));
  });
});

describe('isPresetName', () => {
  it('knows the presets only', () => {
    expect(PRESET_NAMES).toHaveLength(8);
    expect(['2-8', 'constructor', ''].map(isPresetName)).toEqual([true, false, false]);
  });
});
