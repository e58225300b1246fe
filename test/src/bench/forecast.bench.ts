import { type BenchContext } from './bench.js';
import { demandSets } from './forecast/demand-sets.js';
import { planningJob } from './forecast/planning-jobs.js';
import { scoreCollection, splitsOf } from './forecast/point-scores.js';
import { scoreSparse } from './forecast/sparse-scores.js';
import { forecastVolume } from './forecast/volume.js';
import type { Report } from './report.js';

/** Rolling origins: the last two years of weeks, three of months; each refitted with what was known then. */
const WEEKLY = { horizon: 12, origins: 47, step: 2 };
const HOSPITAL = { horizon: 12, origins: 5, step: 6 };
const SPARSE = { horizon: 3, origins: 4, step: 3 };

/**
 * Forecasts beside naive, seasonal naive, SES, theta and the mean of ETS, theta and DOTM; the baseline of a score is the
 * last of them. Scores repeat to the digit, so they are of one round; the command on many series is timed once.
 */
export default async function forecastBench({ report, quick, only }: BenchContext): Promise<void> {
  if (only === null || only.includes('scores')) scores(report, quick);
  if (only === null || only.includes('volume')) await volume(report, quick);
  if (only === null || only.includes('jobs')) await jobs(report, quick);
}

function scores(report: Report, quick: boolean): void {
  const sets = demandSets(quick ? 20 : 1);
  const weeks = quick ? { ...WEEKLY, origins: 4 } : WEEKLY;
  const monthly = { frequency: 'month', seasonLength: 12, scaleSeason: 12 } as const;
  report.note('weekly pharmacy sales');
  scoreCollection(report, {
    name: 'weekly',
    frequency: 'week',
    seasonLength: 52,
    scaleSeason: 1,
    horizons: [4, 12],
    splits: splitsOf(sets.weekly, weeks),
  });
  report.note('monthly hospital counts');
  scoreCollection(report, { name: 'hospital', ...monthly, horizons: [12], splits: splitsOf(sets.hospital, HOSPITAL) });
  report.note('monthly series of M3');
  const m3 = sets.m3.map(({ id, values, test }) => ({
    id,
    history: Float64Array.from(values),
    actual: Float64Array.from(test),
  }));
  scoreCollection(report, { name: 'M3', ...monthly, horizons: [18], splits: m3 });
  report.note('sparse demand');
  scoreSparse(report, 'sparse, last year,', splitsOf(sets.sparse, SPARSE));
  const earlier = sets.sparse.map(({ id, values }) => ({ id, values: values.slice(0, -12) }));
  scoreSparse(report, 'sparse, two years before,', splitsOf(earlier, { ...SPARSE, origins: 8 }));
  scoreSparse(report, 'sparse, every quarter of five years,', splitsOf(sets.sparse, { ...SPARSE, origins: 20 }));
}

async function volume(report: Report, quick: boolean): Promise<void> {
  const count = quick ? 100 : 10_000;
  report.note(`the command on ${count} series of five years`);
  const { seconds, processorSeconds, peakMegabytes, lines } = await forecastVolume(count, 60);
  if (lines !== 12 * count + 1) throw new Error(`${lines} lines instead of ${12 * count + 1}`);
  report.figure(`${count} monthly series through the command`, 's', [{ value: seconds }]);
  report.figure(`${count} monthly series, processor time`, 's', [{ value: processorSeconds }]);
  report.figure(`${count} monthly series, peak memory`, 'MB', [{ value: peakMegabytes }]);
}

/** A job of the API over products that are each at twenty sites, with shared seasons and sites that add up. */
async function jobs(report: Report, quick: boolean): Promise<void> {
  const products = quick ? 4 : 100;
  report.note(`a forecast job over ${products} products at 20 sites`);
  const run = await planningJob(products, 20);
  const name = `a job of ${run.series} monthly series`;
  report.figure(name, 'series/s', [{ value: run.series / run.seconds }]);
  report.figure(`${name}, processor time`, 'ms/series', [{ value: (run.processorSeconds * 1000) / run.series }]);
  report.figure(`${name}, memory in its last quarter beside its second`, 'MB', [
    { value: run.lateMegabytes, baseline: run.earlyMegabytes },
  ]);
}
