import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import { Autoregression } from './autoregression.js';
import { DailyProfile } from './daily-profile.js';
import { DriftingMean } from './drifting-mean.js';
import { Flatline } from './flatline.js';
import { Echo, Flags } from './flags.js';
import { UsualStep } from './usual-step.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Standard normal numbers. */
function normals(seed: string): () => number {
  const random = new SeededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

describe('drifting mean', () => {
  it('is the mean weighted by age from the first value on', () => {
    const drifting = new DriftingMean(10);
    drifting.learn(1, 0);
    drifting.learn(2, 5);
    drifting.learn(6, 10);
    const weights = [Math.exp(-1.5), Math.exp(-1), 1];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = ([1, 2, 6] as const).reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0) / total;
    const variance =
      ([1, 2, 6] as const).reduce((sum, value, at) => sum + (weights[at] ?? 0) * (value - mean) ** 2, 0) / total;
    expect(drifting.mean).toBeCloseTo(mean, 12);
    expect(drifting.variance).toBeCloseTo(variance, 12);
    expect(drifting.seen).toBeCloseTo(total, 12);
  });
});

describe('autoregression', () => {
  it('leaves of a second-order process only what drives it', () => {
    const normal = normals('ar');
    const model = new Autoregression(6);
    let [one, two] = [0, 0];
    let [left, whole] = [0, 0];
    for (let step = 0; step < 8_000; step++) {
      const value = 1.6 * one - 0.8 * two + normal();
      [two, one] = [one, value];
      const error = model.innovation(value);
      if (step < 4_000) continue;
      left += error * error;
      whole += value * value;
    }
    expect(left / 4_000).toBeLessThan(1.1);
    expect(whole / 4_000).toBeGreaterThan(5);
  });

  it('bears a series that never moves, and one that starts to after a long time', () => {
    const model = new Autoregression(6);
    const values = Array.from({ length: 60_200 }, (_, step) => (step < 60_000 ? 0 : Math.sin(step) * 100));
    expect(values.every((value) => Number.isFinite(model.innovation(value)))).toBe(true);
  });
});

describe('daily profile', () => {
  it('knows nothing of a time of day that it has not seen, and the mean of the last days of one that it has', () => {
    const profile = new DailyProfile(24, 2);
    expect(profile.usual(0)).toBeNull();
    for (const [day, value] of [10, 20, 40].entries()) profile.learn(day * DAY + MINUTE, value);
    expect(profile.usual(9 * DAY)).toBe(27.5);
    expect(profile.usual(9 * DAY + 12 * 60 * MINUTE)).toBeNull();
  });
});

describe('flatline', () => {
  it('tells a repetition that is longer than those before', () => {
    const flatline = new Flatline();
    const random = new SeededRandom('flat');
    let usual = 0;
    for (let step = 0; step < 2_000; step++) usual = Math.max(usual, flatline.step(Math.floor(random.unit() * 4)));
    const stuck = Array.from({ length: 30 }, () => flatline.step(2));
    expect(Math.max(...stuck)).toBeGreaterThan(usual + 3);
    expect(flatline.step(3)).toBe(0);
  });
});

describe('usual step', () => {
  it('tells how many steps are missing, also where one step takes long', () => {
    for (const step of [MINUTE, 60 * MINUTE]) {
      const steps = new UsualStep();
      for (let index = 0; index < 100; index++) expect(steps.step(step)).toBeCloseTo(1, 1);
      expect(steps.step(5 * step)).toBeCloseTo(5, 0);
    }
  });

  it('follows a logger that is set to another interval', () => {
    const steps = new UsualStep();
    for (let index = 0; index < 100; index++) steps.step(MINUTE);
    for (let index = 0; index < 400; index++) steps.step(10 * MINUTE);
    expect(steps.step(10 * MINUTE)).toBeLessThan(1.2);
  });
});

describe('flags', () => {
  it('ring once per cause and refractory time, and again when it becomes much worse, an hour later at the earliest', () => {
    const flags = new Flags(DAY, 2);
    expect(flags.rings('warm', 0.99, 0)).toBe(false);
    expect(flags.rings('warm', 1, MINUTE)).toBe(true);
    expect(flags.rings('warm', 1.9, 2 * MINUTE)).toBe(false);
    expect(flags.rings('door', 1.2, 2 * MINUTE)).toBe(true);
    expect(flags.rings('warm', 2, 60 * MINUTE)).toBe(false);
    expect(flags.rings('warm', 2, 61 * MINUTE)).toBe(true);
    expect(flags.rings('warm', 3, DAY)).toBe(false);
    expect(flags.rings('warm', 1, DAY + 62 * MINUTE)).toBe(true);
  });
});

describe('echo', () => {
  it('shows an event once on every height of the curve', () => {
    const echo = new Echo(10, 0.5);
    const shown = [0.2, 3, 2.9, 3.2, 3.6, 1, 0.2].map((strength) => echo.damp(strength));
    for (const threshold of [0.25, 1, 2.5]) expect(shown.filter((one) => one >= threshold)).toEqual([3, 3.6]);
    for (let step = 0; step < 10; step++) echo.damp(0);
    expect(echo.damp(1)).toBe(1);
  });
});
