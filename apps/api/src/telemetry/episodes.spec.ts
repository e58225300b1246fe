import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { episodesOf, type StoredExcursion } from './episodes.js';

const MINUTE = 60_000;
const one: StoredExcursion = {
  leg: 1,
  rule: 'above-storage',
  from: 0,
  to: 10 * MINUTE,
  durationMs: 10 * MINUTE,
  extremeMilliCelsius: 12_000,
};

describe('episodesOf', () => {
  it('tells one warming over two rules and two legs as one', () => {
    const parts = [
      one,
      { ...one, rule: 'above 8 °C' },
      { ...one, leg: 2, from: 14 * MINUTE, to: null, durationMs: 5 * MINUTE, extremeMilliCelsius: 24_000 },
      { ...one, leg: 2, rule: 'above 8 °C', from: 14 * MINUTE, to: null, durationMs: 5 * MINUTE },
    ];
    expect(episodesOf(parts, 20 * MINUTE, 5 * MINUTE)).toEqual([
      {
        from: 0,
        to: null,
        durationMs: 20 * MINUTE,
        coveredMs: 15 * MINUTE,
        rules: ['above-storage', 'above 8 °C'],
        coldestMilliCelsius: 12_000,
        hottestMilliCelsius: 24_000,
      },
    ]);
  });

  it('keeps apart what does not touch', () => {
    const later = { ...one, from: 16 * MINUTE, to: 17 * MINUTE };
    expect(episodesOf([later, one], 20 * MINUTE, 5 * MINUTE)).toMatchObject([
      { from: 0, to: 10 * MINUTE },
      { from: 16 * MINUTE, to: 17 * MINUTE },
    ]);
    expect(episodesOf([], 0, MINUTE)).toEqual([]);
  });

  it('loses no excursion, and none reaches out of its episode', () => {
    const instant = fc.integer({ min: 0, max: 1000 });
    const anyExcursion = fc
      .record({ leg: fc.constantFrom(1, 2, 3), rule: fc.constantFrom('a', 'b'), from: instant, length: instant })
      .map(({ length, ...rest }) => ({ ...one, ...rest, to: rest.from + length, durationMs: length }));
    fc.assert(
      fc.property(fc.array(anyExcursion, { maxLength: 20 }), fc.integer({ min: 0, max: 50 }), (excursions, touchMs) => {
        const episodes = episodesOf(excursions, 3000, touchMs);
        const holds = excursions.every(
          (excursion) =>
            episodes.filter(
              (episode) =>
                episode.from <= excursion.from &&
                excursion.to <= (episode.to ?? Number.NEGATIVE_INFINITY) &&
                episode.rules.includes(excursion.rule),
            ).length === 1,
        );
        const apart = episodes.every(
          (episode, index) => index === 0 || episode.from > (episodes[index - 1]?.to ?? 0) + touchMs,
        );
        return holds && apart && episodes.every((episode) => episode.coveredMs <= episode.durationMs);
      }),
    );
  });
});
