import { instantOf, minutesOf, readBerlingerHead, temperatureOf } from './berlinger.js';
import type { DailySummary, DeviceAlarm, DeviceAlarmEvent, LoggerFile, ReadOptions } from './logger-file.js';
import { LoggerFileInvalid } from './logger-file.js';
import { field, find, lineWith, parseOutline } from './outline.js';
import type { Outline } from './outline.js';
import { parseInstant } from './timestamp.js';

/**
 * Reads a Berlinger FridgeTag 2, 2 L or UL export. A FridgeTag 2 keeps daily summaries only: it has no readings, and what
 * it says is summary evidence. Alarm 0 is the lower limit, 1 the upper one; both need consecutive time beyond the limit.
 * @throws LoggerFileInvalid
 */
export function readFridgeTag(lines: readonly string[], options: ReadOptions): LoggerFile {
  const { root, rows } = parseOutline(lines);
  const { logStartedAt, ...head } = readBerlingerHead(root, rows, options);
  const history = find(root, 'Hist');
  const days = (history?.children ?? []).filter(({ key }) => /^\d+$/.test(key));
  const { offsetMinutes } = head.zone;
  const dailySummaries = days.map(summaryOf).sort((one, other) => one.day.localeCompare(other.day));
  return {
    format: 'fridge-tag',
    ...head,
    // The device may have been activated long before the oldest day that its memory still holds.
    startedAt:
      logStartedAt ??
      firstDayAt(dailySummaries, instantOf(find(root, 'Hist', 'TS Actv'), offsetMinutes), offsetMinutes),
    endedAt: instantOf(find(root, 'Hist', 'TS Report Creation'), offsetMinutes),
    dailySummaries,
    deviceAlarms: (find(root, 'Conf', 'Alarm')?.children ?? []).map((alarm) => alarmOf(alarm, days, offsetMinutes)),
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

function dayOfSummary(node: Outline): string {
  const date = find(node, 'Date');
  if (date === null) throw new LoggerFileInvalid('line-invalid', 'a day without "Date"', node.line);
  parseInstant(`${date.value} 00:00`, 0, date.line);
  return date.value;
}

function summaryOf(node: Outline): DailySummary {
  const timeouts = node.children.filter(({ key }) => key.endsWith('Sensor timeout'));
  return {
    day: dayOfSummary(node),
    lowestMilliCelsius: temperatureOf(node, 'Min T'),
    highestMilliCelsius: temperatureOf(node, 'Max T'),
    averageMilliCelsius: temperatureOf(node, 'Avrg T'),
    beyond: (find(node, 'Alarm')?.children ?? []).map((alarm) => ({
      alarm: Number(alarm.key),
      accumulatedMs: minutesOf(lineWith(alarm, 't Acc'), 't Acc') ?? 0,
    })),
    sensorTimeoutMs: Math.max(0, ...timeouts.map((timeout) => minutesOf(lineWith(timeout, 't AccST'), 't AccST') ?? 0)),
  };
}

function alarmOf(node: Outline, days: readonly Outline[], offsetMinutes: number): DeviceAlarm {
  const limitMilliCelsius = temperatureOf(node, 'T AL');
  const afterMs = minutesOf(lineWith(node, 't AL'), 't AL');
  if (limitMilliCelsius === null || afterMs === null) {
    throw new LoggerFileInvalid('line-invalid', 'an alarm without limit or time', node.line);
  }
  return {
    number: Number(node.key),
    side: node.key === '0' ? 'below' : 'above',
    activation: 'consecutive',
    limitMilliCelsius,
    afterMs,
    rang: days
      .flatMap((day) => rangOn(day, node.key, offsetMinutes))
      .sort((one, other) => one.triggeredAt - other.triggeredAt),
  };
}

function rangOn(day: Outline, alarm: string, offsetMinutes: number): readonly DeviceAlarmEvent[] {
  const line = lineWith(find(day, 'Alarm', alarm), 't Acc');
  const time = field(line, 'TS A');
  if (line === null || time === null) return [];
  const { at } = parseInstant(`${dayOfSummary(day)} ${time}`, offsetMinutes, line.line);
  return [{ triggeredAt: at, accumulatedMs: minutesOf(line, 't Acc') ?? 0 }];
}
