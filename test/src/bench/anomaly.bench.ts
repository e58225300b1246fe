import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANOMALY_SETTINGS, anomalyDetector, type AnomalySetting, simulateColdStore } from '@coldchain/forecast';
import { readLoggerFile } from '@coldchain/telemetry';
import { sharedData } from '../support/repository.js';
import {
  announceExcursions,
  compressorsToldInVain,
  type ExcursionResult,
  falseRuns,
  findFaults,
  tellWeakCompressors,
  troubledFridges,
} from './anomaly/cold-stores.js';
import { type NumentaFile, numentaFiles, numentaScore } from './anomaly/numenta.js';
import { type BenchContext, ROUNDS } from './bench.js';
import type { Report } from './report.js';
import { median } from './statistics.js';

/** Seeds that no limit was set by; another word in the environment of a run is another set of fridges. */
const SEED = 'bench';
const THRESHOLDS = Array.from({ length: 85 }, (_, step) => 0.1 + step / 100);

/** Flags on the Numenta files that are there, on simulated fridges, excursions ahead of time, and what a reading costs. */
export default async function anomalyBench({ report, quick }: BenchContext): Promise<void> {
  numenta(report);
  const fridges = quick ? 2 : 10;
  report.figure('alerts on sound fridges, in 28 days', 'alerts', [{ value: falseRuns(SEED, fridges * 2, 28) }]);
  for (const magnitude of quick ? [1] : [0.7, 1, 1.4]) {
    for (const { kind, found, of, minutes, ahead } of findFaults(SEED, fridges, magnitude)) {
      report.figure(`${kind}, magnitude ${magnitude}: found`, 'share', [{ value: found / of }]);
      if (minutes.length > 0) {
        report.figure(`${kind}, magnitude ${magnitude}: after, median`, 'min', [{ value: median(minutes) }]);
      }
      if (ahead.length > 0) {
        report.figure(`${kind}, magnitude ${magnitude}: before 2–8 °C is left, median`, 'min', [
          { value: median(ahead) },
        ]);
      }
    }
  }
  compressors(report, fridges * 2, quick);
  for (const minutes of quick ? [5] : [1, 2, 5, 10, 15]) {
    const traces = troubledFridges(SEED, fridges, minutes * 60_000);
    excursions(report, `simulated fridges, a reading every ${minutes} min`, announceExcursions(traces));
  }
  const real = realFridges();
  if (real === null) report.note('SKIPPED real loggers: ../shared/data/loggers is missing');
  else excursions(report, 'real fridges', announceExcursions(real));
  cost(report, quick ? 28 : 280);
}

function numenta(report: Report): void {
  const files = numentaFiles();
  if (files === null) {
    report.note('SKIPPED Numenta: ../shared/data/anomaly is missing');
    return;
  }
  for (const setting of ANOMALY_SETTINGS) {
    const scores = new Map<NumentaFile, number[]>();
    for (const file of files) {
      const detector = anomalyDetector(setting);
      scores.set(
        file,
        file.rows.map(([at, value]) => detector.next({ at, value, humidityPercent: null }).score),
      );
    }
    const all = numentaScore(files, scores, THRESHOLDS);
    report.figure(`Numenta, ${files.length} files, ${setting}: best threshold ${all.threshold.toFixed(2)}`, 'points', [
      { value: all.score },
    ]);
    const temperature = files.filter(({ name }) => name.includes('temperature'));
    const there = numentaScore(temperature, scores, [all.threshold]);
    report.figure(`Numenta temperature, ${setting}, at that threshold`, 'points', [{ value: there.score }]);
  }
}

function compressors(report: Report, fridges: number, quick: boolean): void {
  report.figure('compressors told of in sound fridges, in 28 days', 'alerts', [
    { value: compressorsToldInVain(SEED, fridges, 28) },
  ]);
  for (const magnitude of quick ? [0.6] : [0.3, 0.6, 1]) {
    const { told, before, of, aheadHours } = tellWeakCompressors(SEED, fridges, magnitude);
    const name = `weak compressor, magnitude ${magnitude}`;
    report.note(`${name}: ${told} of ${of} told, ${before} before 2–8 °C is left`);
    report.figure(`${name}: told before 2–8 °C is left`, 'share', [{ value: before / of }]);
    if (aheadHours.length > 0) report.figure(`${name}: ahead, median`, 'h', [{ value: median(aheadHours) }]);
  }
}

function excursions(report: Report, name: string, result: ExcursionResult): void {
  report.note(`${name}: ${result.announced} of ${result.exits} exits, ${result.falseAnnouncements} false`);
  report.figure(`${name}: product exits announced`, 'share', [{ value: result.announced / result.exits }]);
  report.figure(`${name}: ahead, median`, 'min', [{ value: median(result.aheadMinutes) }]);
  const share = result.falseAnnouncements / Math.max(1, result.announcements);
  report.figure(`${name}: false announcements`, 'share', [{ value: share }]);
}

/** Exports of refrigerators with a reading every few minutes; null where there are none. */
function realFridges(): Iterable<{ at: number; value: number }>[] | null {
  const folder = sharedData('loggers');
  if (folder === null) return null;
  return readdirSync(folder)
    .map((name) => readLoggerFile(readFileSync(join(folder, name)), {}).readings)
    .filter((readings) => readings.length > 1_000 && readings.every(({ milliCelsius }) => milliCelsius > -20_000))
    .map((readings) => readings.map(({ at, milliCelsius }) => ({ at, value: milliCelsius / 1000 })));
}

function cost(report: Report, days: number): void {
  const readings = [...simulateColdStore({ seed: SEED, days })];
  for (const setting of ANOMALY_SETTINGS) {
    const rounds = Array.from({ length: ROUNDS }, () => ({ value: microsecondsPerReading(setting, readings) }));
    report.figure(`one reading, ${setting}`, 'µs CPU', rounds);
  }
}

function microsecondsPerReading(
  setting: AnomalySetting,
  readings: readonly { at: number; value: number; humidityPercent: number }[],
): number {
  const detector = anomalyDetector(setting);
  const before = process.cpuUsage();
  for (const reading of readings) detector.next(reading);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / readings.length;
}
