import { BerlingerFile, minutesOf } from './berlinger.js';
import type { DailySummary, DeviceAlarm, DeviceAlarmEvent, LoggerFile, ReadOptions } from './logger-file.js';
import { LoggerFileInvalid } from './logger-file.js';
import { field, find, lineWith, parseOutline } from './outline.js';
import type { Outline } from './outline.js';

/**
 * Reads a Berlinger FridgeTag 2, 2 E, 2 L or UL export. A FridgeTag 2 keeps daily summaries only: it has no readings, and
 * what it says is summary evidence. Alarm 0 is the lower limit, 1 the upper one; both need consecutive time beyond it.
 * What the device says beside its log and cannot be read is left out and named in `problems`.
 * @throws LoggerFileInvalid
 */
export function readFridgeTag(lines: readonly string[], options: ReadOptions): LoggerFile {
  const file = new BerlingerFile(parseOutline(lines), { ...options, unnamedUnit: null });
  const history = find(file.root, 'Hist');
  if (history === null) file.note('section-missing', 1, 'no daily history ("Hist:")');
  const days = (history?.children ?? []).filter(({ key }) => /^\d+$/.test(key));
  const dailySummaries = days
    .flatMap((day) => file.attempt(() => summaryOf(file, day)) ?? [])
    .sort((one, other) => one.day.localeCompare(other.day));
  const activatedAt = file.attempt(() => file.instantOf(find(file.root, 'Hist', 'TS Actv')));
  const alarms = (find(file.root, 'Conf', 'Alarm')?.children ?? []).map((alarm) =>
    file.attempt(() => alarmOf(file, alarm, days)),
  );
  return {
    format: 'fridge-tag',
    device: file.device,
    serial: file.serial,
    intervalMs: file.intervalMs,
    zone: file.zone,
    readings: file.readings,
    rowsWithoutValue: file.rowsWithoutValue,
    // The device may have been activated long before the oldest day that its memory still holds.
    startedAt: file.logStartedAt ?? firstDayAt(dailySummaries, activatedAt, file.zone.offsetMinutes),
    endedAt: file.attempt(() => file.instantOf(find(file.root, 'Hist', 'TS Report Creation'))),
    dailySummaries,
    deviceAlarms: alarms.flatMap((alarm) => alarm ?? []),
    alarmsUnread: alarms.filter((alarm) => alarm === null).length,
    statistics: null,
    certificate: file.certificate,
    problems: file.problems,
    mktPrinted: null,
  };
}

function firstDayAt(
  [first]: readonly DailySummary[],
  activatedAt: number | null,
  offsetMinutes: number,
): number | null {
  if (first === undefined) return activatedAt;
  const midnight = Date.parse(`${first.day}T00:00:00Z`) - offsetMinutes * 60_000;
  return activatedAt === null ? midnight : Math.max(midnight, activatedAt);
}

/** The day of a summary as yyyy-MM-dd, whatever form the file writes. */
function dayOfSummary(file: BerlingerFile, node: Outline): string {
  const date = find(node, 'Date');
  if (date === null) throw new LoggerFileInvalid('line-invalid', 'a day without "Date"', node.line);
  const midnight = file.instant(`${date.value} 00:00`, date.line);
  return new Date(midnight + file.zone.offsetMinutes * 60_000).toISOString().slice(0, 10);
}

function summaryOf(file: BerlingerFile, node: Outline): DailySummary {
  const timeouts = node.children.filter(({ key }) => key.endsWith('Sensor timeout'));
  return {
    day: dayOfSummary(file, node),
    lowestMilliCelsius: file.temperatureOf(node, 'Min T'),
    highestMilliCelsius: file.temperatureOf(node, 'Max T'),
    averageMilliCelsius: file.temperatureOf(node, 'Avrg T'),
    beyond: (find(node, 'Alarm')?.children ?? []).map((alarm) => ({
      alarm: Number(alarm.key),
      accumulatedMs: minutesOf(lineWith(alarm, 't Acc'), 't Acc') ?? 0,
    })),
    sensorTimeoutMs: Math.max(0, ...timeouts.map((timeout) => minutesOf(lineWith(timeout, 't AccST'), 't AccST') ?? 0)),
  };
}

function alarmOf(file: BerlingerFile, node: Outline, days: readonly Outline[]): DeviceAlarm {
  const limitMilliCelsius = file.temperatureOf(node, 'T AL');
  const afterMs = minutesOf(lineWith(node, 't AL'), 't AL');
  if (!['0', '1'].includes(node.key) || limitMilliCelsius === null || afterMs === null) {
    throw new LoggerFileInvalid('line-invalid', 'an alarm of unknown side, or without limit or time', node.line);
  }
  const below = node.key === '0';
  return {
    number: Number(node.key),
    side: below ? 'below' : 'above',
    activation: 'consecutive',
    comparator: below ? '<' : '>',
    limitMilliCelsius,
    afterMs,
    rang: days
      .flatMap((day) => file.attempt(() => rangOn(file, day, node.key)) ?? [])
      .sort((one, other) => one.triggeredAt - other.triggeredAt),
  };
}

function rangOn(file: BerlingerFile, day: Outline, alarm: string): readonly DeviceAlarmEvent[] {
  const line = lineWith(find(day, 'Alarm', alarm), 't Acc');
  const time = field(line, 'TS A');
  if (line === null || time === null) return [];
  const triggeredAt = file.instant(`${dayOfSummary(file, day)} ${time}`, line.line);
  const accumulatedMs = minutesOf(line, 't Acc') ?? 0;
  return [{ triggeredAt, accumulatedMs, startedAt: null, endedAt: null, extremeMilliCelsius: null }];
}
