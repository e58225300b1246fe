import { closeLeg, foldReadings, startLeg } from '../excursion/fold.js';
import { mergeReadings } from '../excursion/sample.js';
import { legTotals } from '../excursion/totals.js';
import type { ExposureRange, ThermalProfile } from '../thermal-profile.js';
import type { TraceProfile } from '../trace-profile.js';
import type { DailySummary, DeviceAlarm, LoggerFile } from './logger-file.js';

const DAY_MS = 24 * 3_600_000;

/** Where a file's log and what its device says beside it do not go together. */
export interface DeviceContradiction {
  /**
   * `log-beyond-summary`: a logged value lies outside what the device, which measures each minute, kept as the extremes of
   * the day or run: one of the two was changed. `rows-missing`: a day's log counts less time beyond a limit than the
   * device by more than its steps explain. `device-beyond-log`: the device saw a value that breaks the profile and the
   * log does not show it.
   */
  readonly code: 'log-beyond-summary' | 'rows-missing' | 'device-beyond-log';
  /** The day (of the device's zone), or null for the whole run. */
  readonly day: string | null;
  readonly message: string;
}

/**
 * The rules that a device was configured with, as a profile: its alarms ring when the time is reached. Null where it names
 * none, or not all of them can be read: nobody is told to be within what is not known.
 */
export function deviceProfile(file: LoggerFile): TraceProfile | null {
  if (file.deviceAlarms.length === 0 || file.alarmsUnread > 0) return null;
  const ranges = file.deviceAlarms.map(rangeOf);
  // Nothing of the storage range is known but the limits that alarms have.
  const limits = (side: DeviceAlarm['side']): readonly number[] =>
    file.deviceAlarms.flatMap((alarm) => (alarm.side === side ? [alarm.limitMilliCelsius] : []));
  return {
    name: `alarms of ${file.device}`,
    thermal: {
      gtin: '00000000000000',
      version: 1,
      storage: {
        minMilliCelsius: Math.max(-200_000, ...limits('below')),
        maxMilliCelsius: Math.min(200_000, ...limits('above')),
      },
      ranges,
      combine: 'nested',
      freeze: null,
      humidity: null,
      evidence: 'logger',
      gap: { allowedMs: 30 * 60_000, policy: 'unknown' },
      longestTransitMs: null,
      openingMs: ranges.map(() => 0),
    },
  };
}

function rangeOf({ number, comparator, limitMilliCelsius, afterMs, activation }: DeviceAlarm): ExposureRange {
  const name = `alarm ${number}`;
  const range = { name, comparator, limitMilliCelsius, allowedMs: afterMs };
  return afterMs === 0 ? { ...range, activation: 'instant' } : { ...range, activation, tripsAtAllowed: true };
}

/** What the log of one day says about the device's alarms and extremes. */
export interface LoggedDay {
  readonly day: string;
  readonly lowestMilliCelsius: number | null;
  readonly highestMilliCelsius: number | null;
  /** Time beyond each alarm's limit by the log, by the alarm's number. */
  readonly beyond: readonly { readonly alarm: number; readonly loggedMs: number }[];
  readonly gapMs: number;
}

/** Counts a log as its device counts: per day of the device's zone and per alarm. */
export function loggedDays(file: LoggerFile): readonly LoggedDay[] {
  const profile = deviceProfile(file)?.thermal;
  const { intervalMs } = file;
  if (profile === undefined || intervalMs === null) return [];
  const offsetMs = file.zone.offsetMinutes * 60_000;
  const byDay = new Map<string, (typeof file.readings)[number][]>();
  for (const reading of file.readings) {
    const day = new Date(reading.at + offsetMs).toISOString().slice(0, 10);
    const known = byDay.get(day);
    if (known === undefined) byDay.set(day, [reading]);
    else known.push(reading);
  }
  return [...byDay].map(([day, readings]) => {
    const from = Date.parse(`${day}T00:00:00Z`) - offsetMs;
    const last = readings.at(-1)?.at ?? from;
    const to = Math.min(from + DAY_MS, last + intervalMs);
    const start = startLeg([profile], { startedAt: Math.max(from, file.startedAt ?? from), intervalMs });
    const folded = foldReadings(start, mergeReadings(readings));
    const closed = folded.late ? folded : closeLeg(folded.state, Math.max(to, last + 1));
    if (closed.late) throw new Error('the readings of a day are ascending');
    const totals = legTotals(closed.state);
    const used = totals.exposures[0]?.usedMs ?? [];
    return {
      day,
      lowestMilliCelsius: totals.coldestMilliCelsius,
      highestMilliCelsius: totals.hottestMilliCelsius,
      beyond: file.deviceAlarms.map(({ number }, index) => ({ alarm: number, loggedMs: used[index] ?? 0 })),
      gapMs: totals.gapMs,
    };
  });
}

/**
 * Compares a log with its device's own records, and both with a profile. A log with steps of minutes sees less than its
 * device: an extreme may be missing in it, and a count may differ by a step at each crossing.
 */
export function contradictionsIn(file: LoggerFile, profile: ThermalProfile): readonly DeviceContradiction[] {
  if (file.readings.length === 0) return [];
  const summaries = new Map(file.dailySummaries.map((summary) => [summary.day, summary]));
  const found = loggedDays(file).flatMap((day) => {
    const summary = summaries.get(day.day);
    return summary === undefined ? [] : contradictionsOfDay(file, profile, day, summary);
  });
  const { statistics } = file;
  if (statistics === null) return found;
  const run = { lowest: Infinity, highest: -Infinity };
  for (const { milliCelsius } of file.readings) {
    run.lowest = Math.min(run.lowest, milliCelsius);
    run.highest = Math.max(run.highest, milliCelsius);
  }
  return [...found, ...extremesOf(profile, null, run, statistics.lowestMilliCelsius, statistics.highestMilliCelsius)];
}

function contradictionsOfDay(
  file: LoggerFile,
  profile: ThermalProfile,
  logged: LoggedDay,
  summary: DailySummary,
): readonly DeviceContradiction[] {
  const found = [
    ...extremesOf(
      profile,
      logged.day,
      { lowest: logged.lowestMilliCelsius, highest: logged.highestMilliCelsius },
      summary.lowestMilliCelsius,
      summary.highestMilliCelsius,
    ),
  ];
  // Each crossing may cost a step; with one step per ten a day has as many crossings as a compressor makes.
  const tolerance = (file.intervalMs ?? 0) * 2 + DAY_MS / 100;
  for (const { alarm, loggedMs } of logged.beyond) {
    const counted = summary.beyond.find((beyond) => beyond.alarm === alarm)?.accumulatedMs ?? 0;
    if (counted - loggedMs - logged.gapMs > tolerance) {
      const message = `alarm ${alarm}: the device counted ${minutes(counted)} min, the log has ${minutes(loggedMs)}`;
      found.push({ code: 'rows-missing', day: logged.day, message });
    }
  }
  return found;
}

/** The log writes tenths, and a device may round where it keeps an extreme. */
const ROUNDING = 100;

function extremesOf(
  { storage }: ThermalProfile,
  day: string | null,
  logged: { readonly lowest: number | null; readonly highest: number | null },
  lowest: number | null,
  highest: number | null,
): readonly DeviceContradiction[] {
  const found: DeviceContradiction[] = [];
  const add = (code: DeviceContradiction['code'], seen: number, other: number): void => {
    const which = code === 'device-beyond-log' ? 'the device saw' : 'the log has';
    const message = `${which} ${seen / 1000} °C where the other has ${other / 1000} °C`;
    found.push({ code, day, message });
  };
  if (logged.highest !== null && highest !== null) {
    if (logged.highest > highest + ROUNDING) add('log-beyond-summary', logged.highest, highest);
    const { maxMilliCelsius } = storage;
    if (highest > maxMilliCelsius && logged.highest <= maxMilliCelsius)
      add('device-beyond-log', highest, logged.highest);
  }
  if (logged.lowest !== null && lowest !== null) {
    if (logged.lowest < lowest - ROUNDING) add('log-beyond-summary', logged.lowest, lowest);
    const { minMilliCelsius } = storage;
    if (lowest < minMilliCelsius && logged.lowest >= minMilliCelsius) add('device-beyond-log', lowest, logged.lowest);
  }
  return found;
}

function minutes(ms: number): number {
  return Math.round(ms / 60_000);
}
