import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exp, log, log1p, power, sineAndCosine } from './elementary.js';

const close = (value: number, reference: number, units = 4): boolean =>
  Object.is(value, reference) || Math.abs(value - reference) <= units * 2.2e-16 * Math.max(Math.abs(reference), 5e-308);

describe('elementary functions', () => {
  it('agree with published values (DLMF 4, Abramowitz and Stegun)', () => {
    expect(exp(1)).toBeCloseTo(2.718281828459045, 15);
    expect(exp(-10)).toBeCloseTo(4.5399929762484854e-5, 19);
    expect(log(2)).toBeCloseTo(0.6931471805599453, 15);
    expect(log(10)).toBeCloseTo(2.302585092994046, 15);
    expect(power(1.1, 10)).toBeCloseTo(2.5937424601, 9);
    expect(sineAndCosine(1 / 12)[0]).toBeCloseTo(0.5, 15);
    expect(sineAndCosine(1 / 8)[1]).toBeCloseTo(Math.SQRT1_2, 15);
  });

  it('stay within some units in the last place of the engine over the whole range', () => {
    fc.assert(fc.property(fc.double({ min: -740, max: 709, noNaN: true }), (x) => close(exp(x), Math.exp(x))));
    fc.assert(fc.property(fc.double({ min: 5e-324, max: 1.7e308, noNaN: true }), (x) => close(log(x), Math.log(x))));
    fc.assert(fc.property(fc.double({ min: -0.9, max: 1e6, noNaN: true }), (x) => close(log1p(x), Math.log1p(x))));
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (turns) => {
        const [sine, cosine] = sineAndCosine(turns);
        return (
          Math.abs(sine * sine + cosine * cosine - 1) < 1e-15 && Math.abs(sine - Math.sin(2 * Math.PI * turns)) < 1e-13
        );
      }),
    );
  });

  it('know their limits', () => {
    expect([exp(710), exp(-746), exp(NaN), log(0), log(-1), log(Infinity)]).toEqual([
      Infinity,
      0,
      NaN,
      -Infinity,
      NaN,
      Infinity,
    ]);
    expect([power(0, 2), power(0, -1), power(0, 0)]).toEqual([0, Infinity, 1]);
  });
});
