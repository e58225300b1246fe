import { instantOf, minutesOf, readBerlingerHead, temperatureOf } from './berlinger.js';
import { LoggerFileInvalid } from './logger-file.js';
import type { DeviceAlarm, LoggerFile, ReadOptions } from './logger-file.js';
import { field, find, lineWith, parseOutline } from './outline.js';
import type { Outline } from './outline.js';
import { parseInstant } from './timestamp.js';

/** Alarm types of a Q-tag, as its results show them: 3 and 4 add up over the run, 1 and 2 start anew with each episode. */
const TYPES = new Map<string, Pick<DeviceAlarm, 'side' | 'activation'>>([
  ['1', { side: 'below', activation: 'consecutive' }],
  ['2', { side: 'above', activation: 'consecutive' }],
  ['3', { side: 'below', activation: 'cumulative' }],
  ['4', { side: 'above', activation: 'cumulative' }],
]);

/**
 * Reads a Berlinger Q-tag CLm export. The run is from `TS Start` to `TS Stop`: the last reading holds until the stop.
 * @throws LoggerFileInvalid
 */
export function readQTag(lines: readonly string[], options: ReadOptions): LoggerFile {
  const { root, rows } = parseOutline(lines);
  const { logStartedAt, ...head } = readBerlingerHead(root, rows, options);
  const { offsetMinutes } = head.zone;
  const alarms = find(root, 'Conf', 'Alarm')?.children ?? [];
  return {
    format: 'q-tag',
    ...head,
    startedAt: instantOf(find(root, 'Res', 'TS Start'), offsetMinutes) ?? logStartedAt,
    endedAt: instantOf(find(root, 'Res', 'TS Stop'), offsetMinutes),
    dailySummaries: [],
    deviceAlarms: alarms.flatMap((alarm) => alarmOf(alarm, find(root, 'Res', 'Alarm', alarm.key), offsetMinutes)),
    mktPrinted: mktOf(root),
  };
}

function mktOf(root: Outline): LoggerFile['mktPrinted'] {
  const printed = find(root, 'Res', 'MKT');
  const energy = find(root, 'Conf', 'MKT Energy');
  if (printed === null || energy === null || printed.value === '') return null;
  const activationEnergy = Number(energy.value);
  if (!(activationEnergy > 0))
    throw new LoggerFileInvalid('line-invalid', 'not an activation energy in kJ/mol', energy.line);
  return { celsius: (temperatureOf(find(root, 'Res'), 'MKT') ?? 0) / 1000, activationEnergy };
}

function alarmOf(node: Outline, result: Outline | null, offsetMinutes: number): readonly DeviceAlarm[] {
  const line = lineWith(node, 'Type');
  const type = field(line, 'Type');
  if (type === null || type === '0') return [];
  const kind = TYPES.get(type);
  const limitMilliCelsius = temperatureOf(node, 'T AL');
  const afterMs = minutesOf(lineWith(node, 't AL'), 't AL');
  if (kind === undefined || limitMilliCelsius === null || afterMs === null) {
    throw new LoggerFileInvalid('line-invalid', 'an alarm of unknown type, or without limit or time', node.line);
  }
  const rang = (result?.children ?? []).flatMap((episode) => {
    const time = field(episode, 'TS A');
    return time === null
      ? []
      : [
          {
            triggeredAt: parseInstant(time, offsetMinutes, episode.line).at,
            accumulatedMs: minutesOf(episode, 't A') ?? 0,
          },
        ];
  });
  return [{ number: Number(node.key), ...kind, limitMilliCelsius, afterMs, rang }];
}
