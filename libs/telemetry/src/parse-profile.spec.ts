import { describe, expect, it } from '@jest/globals';
import { isPresetName, parseProfile, PRESET_NAMES, presetProfile } from './index.js';

const thermal = presetProfile('2-8').thermal;

describe('parseProfile', () => {
  it('reads every preset back from JSON', () => {
    for (const name of PRESET_NAMES) {
      const { thermal: own, activationEnergy, ...more } = presetProfile(name);
      expect(activationEnergy).toBeNull();
      expect(parseProfile(JSON.parse(JSON.stringify({ ...own, ...more })))).toEqual(presetProfile(name));
    }
  });

  it('takes a ledger profile as it is', () => {
    expect(parseProfile({ ...thermal, gtin: '09506000134352', version: 2 })).toMatchObject({
      name: '09506000134352/2',
      mkt: null,
      consecutiveRanges: [],
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
    [
      'freeze',
      { ...thermal, freeze: undefined, ranges: [], openingMs: [], mkt: null, gap: thermal.gap, humidity: null },
    ],
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
