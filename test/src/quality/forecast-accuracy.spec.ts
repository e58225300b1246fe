import {
  fitDotm,
  fitEts,
  fitSes,
  fitTheta,
  forecastDemand,
  type Frequency,
  mase,
  meanAbsoluteSeasonalDifference,
  meanOfModels,
  rollingOrigins,
} from '@coldchain/forecast';
import { expect, it } from '@jest/globals';
import { demandSets } from '../bench/forecast/demand-sets.js';
import { describeWithData } from '../support/describe-with-data.js';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

// A part of `npm run bench -- forecast`, small enough for every run: forecasts must not become worse unseen.
describeWithData('demand', 'forecasts of public series', () => {
  const sets = demandSets(2);
  const own = (history: Float64Array, frequency: Frequency, horizon: number): number[] =>
    forecastDemand({ quantities: [...history], frequency }, { horizon, levels: [95] }).steps.map((step) => step.mean);

  it('of months are no worse than the mean of ETS, theta and DOTM', () => {
    const scores = sets.hospital.flatMap(({ values }) =>
      [...rollingOrigins(values, { horizon: 12, origins: 1 })].map(({ history, actual }) => {
        const scale = meanAbsoluteSeasonalDifference(history, 12);
        const input = { values: history, seasonLength: 12, horizon: 12 };
        const peer = meanOfModels([fitEts(input), fitTheta(input), fitDotm(input)], 'mean').forecast;
        return [mase(actual, own(history, 'month', 12), scale), mase(actual, peer, scale)] as const;
      }),
    );
    expect(mean(scores.map(([score]) => score))).toBeLessThan(mean(scores.map(([, peer]) => peer)));
  });

  it('of weeks are a tenth better than simple smoothing', () => {
    const scores = demandSets(1).weekly.flatMap(({ values }) =>
      [...rollingOrigins(values, { horizon: 12, origins: 9, step: 10 })].map(({ history, actual }) => {
        const scale = meanAbsoluteSeasonalDifference(history, 1);
        const peer = fitSes({ values: history, seasonLength: 1, horizon: 12 }).forecast;
        return [mase(actual, own(history, 'week', 12), scale), mase(actual, peer, scale)] as const;
      }),
    );
    expect(mean(scores.map(([score]) => score))).toBeLessThan(0.9 * mean(scores.map(([, peer]) => peer)));
  });
});
