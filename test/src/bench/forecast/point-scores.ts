import {
  coverage,
  fitDotm,
  fitEts,
  fitSes,
  fitTheta,
  forecastDemand,
  type Frequency,
  mase,
  meanAbsoluteSeasonalDifference,
  meanOfModels,
  msis,
  naive,
  rollingOrigins,
  seasonalNaive,
  smape,
} from '@coldchain/forecast';
import type { Report } from '../report.js';

/** One split of one series. */
export interface Split {
  readonly id: string;
  readonly history: Float64Array;
  readonly actual: Float64Array;
}

/** A collection to be scored. */
export interface Collection {
  readonly name: string;
  readonly frequency: Frequency;
  readonly seasonLength: number;
  /** Season of the scale of MASE: 1 for weeks. */
  readonly scaleSeason: number;
  /** Steps that scores are reported over. */
  readonly horizons: readonly number[];
  readonly splits: readonly Split[];
}

type Peer = (history: Float64Array, horizon: number, seasonLength: number) => Float64Array;

const fitted = (values: Float64Array, horizon: number, seasonLength: number) => ({ values, horizon, seasonLength });

const PEERS: Readonly<Record<string, Peer>> = {
  naive: (history, horizon) => naive(history, horizon),
  'seasonal naive': (history, horizon, season) => seasonalNaive(history, horizon, season),
  SES: (history, horizon) => fitSes(fitted(history, horizon, 1)).forecast,
  theta: (history, horizon, season) => fitTheta(fitted(history, horizon, season)).forecast,
  'mean of ETS, theta, DOTM': (history, horizon, season) => {
    const input = fitted(history, horizon, season);
    return meanOfModels([fitEts(input), fitTheta(input), fitDotm(input)], 'mean').forecast;
  },
};
const STRONGEST = 'mean of ETS, theta, DOTM';

/** Splits at the last origins, `step` apart. */
export function splitsOf(
  series: readonly { readonly id: string; readonly values: readonly number[] }[],
  options: { readonly horizon: number; readonly origins: number; readonly step: number },
): Split[] {
  return series.flatMap(({ id, values }) =>
    [...rollingOrigins(values, options)].map(({ history, actual }) => ({ id, history, actual })),
  );
}

/** Means over the origins of a series, then over series. */
class Scores {
  private readonly bySeries = new Map<string, number[]>();

  add(id: string, score: number): void {
    this.bySeries.set(id, [...(this.bySeries.get(id) ?? []), score]);
  }

  means(): number[] {
    return [...this.bySeries.values()].map(mean);
  }
}

/** Scores the library and its peers on the same splits, and prints a figure for each score and peer. */
export function scoreCollection(report: Report, collection: Collection): void {
  const { name, horizons } = collection;
  const tables = horizons.map(() => new Map<string, Scores>());
  let ownMs = 0;
  for (const split of collection.splits) {
    const scale = meanAbsoluteSeasonalDifference(split.history, collection.scaleSeason);
    if (!(scale > 0)) continue;
    const began = process.cpuUsage();
    const own = ownForecast(split, collection);
    const used = process.cpuUsage(began);
    ownMs += (used.user + used.system) / 1000;
    horizons.forEach((steps, i) => {
      const table = tables[i] as Map<string, Scores>;
      const put = (key: string, score: number): void => {
        const scores = table.get(key) ?? new Scores();
        table.set(key, scores);
        scores.add(split.id, score);
      };
      const actual = split.actual.slice(0, steps);
      const cut = (values: Float64Array): Float64Array => values.slice(0, steps);
      put('MASE', mase(actual, cut(own.mean), scale));
      put('sMAPE', smape(actual, cut(own.mean)));
      put('coverage 80', coverage(actual, { lower: cut(own.lower80), upper: cut(own.upper80) }));
      put('coverage 95', coverage(actual, { lower: cut(own.lower95), upper: cut(own.upper95) }));
      put('MSIS 95', msis(actual, { lower: cut(own.lower95), upper: cut(own.upper95) }, 95, scale));
      for (const [peer, forecast] of Object.entries(peersOf(split, collection))) {
        put(`MASE of ${peer}`, mase(actual, cut(forecast), scale));
        put(`sMAPE of ${peer}`, smape(actual, cut(forecast)));
      }
    });
  }
  horizons.forEach((steps, i) => printTable(report, `${name} h${steps}`, tables[i] as Map<string, Scores>));
  report.figure(`${name} CPU of a fit with intervals`, 'ms', [{ value: ownMs / collection.splits.length }]);
}

function peersOf({ history, actual }: Split, { seasonLength }: Collection): Record<string, Float64Array> {
  const clipped = Object.entries(PEERS).map(([name, peer]) => [
    name,
    peer(history, actual.length, seasonLength).map((value) => Math.max(value, 0)),
  ]);
  return Object.fromEntries(clipped) as Record<string, Float64Array>;
}

function ownForecast({ history, actual }: Split, { frequency }: Collection) {
  const { steps } = forecastDemand(
    { quantities: [...history], frequency },
    { horizon: actual.length, levels: [80, 95] },
  );
  const column = (pick: (step: (typeof steps)[number]) => number | undefined): Float64Array =>
    Float64Array.from(steps, (step) => pick(step) ?? NaN);
  return {
    mean: column(({ mean: value }) => value),
    lower80: column(({ intervals }) => intervals[0]?.lower),
    upper80: column(({ intervals }) => intervals[0]?.upper),
    lower95: column(({ intervals }) => intervals[1]?.lower),
    upper95: column(({ intervals }) => intervals[1]?.upper),
  };
}

function printTable(report: Report, name: string, table: ReadonlyMap<string, Scores>): void {
  for (const [score, scores] of table) {
    const baseline = table.get(`${score} of ${STRONGEST}`);
    const value = mean(scores.means());
    report.figure(`${name} ${score}`, '', [
      baseline === undefined ? { value } : { value, baseline: mean(baseline.means()) },
    ]);
    if (score === 'coverage 95') {
      report.figure(`${name} ${score}, lowest series`, '', [{ value: Math.min(...scores.means()) }]);
    }
  }
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
