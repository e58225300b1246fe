import { BerlingerFile, minutesOf } from './berlinger.js';
import { LoggerFileInvalid } from './logger-file.js';
import type { DeviceAlarm, DeviceStatistics, LoggerFile, ReadOptions } from './logger-file.js';
import { field, find, lineWith, parseOutline } from './outline.js';
import type { Outline } from './outline.js';

/** Alarm types of a Q-tag, as its results show them: 3 and 4 add up over the run, 1 and 2 start anew with each episode. */
const TYPES = new Map<string, Pick<DeviceAlarm, 'side' | 'activation' | 'comparator'>>([
  ['1', { side: 'below', activation: 'consecutive', comparator: '<' }],
  ['2', { side: 'above', activation: 'consecutive', comparator: '>' }],
  ['3', { side: 'below', activation: 'cumulative', comparator: '<' }],
  ['4', { side: 'above', activation: 'cumulative', comparator: '>' }],
]);

/**
 * Reads a Berlinger Q-tag CLm export. The run is from `TS Start` to `TS Stop`: the last reading holds until the stop.
 * What the device says beside its log and cannot be read is left out and named in `problems`.
 * @throws LoggerFileInvalid
 */
export function readQTag(lines: readonly string[], options: ReadOptions): LoggerFile {
  const file = new BerlingerFile(parseOutline(lines), { ...options, unnamedUnit: 'C' });
  const results = find(file.root, 'Res');
  if (results === null) file.note('section-missing', 1, 'no results ("Res:")');
  const alarms = (find(file.root, 'Conf', 'Alarm')?.children ?? []).map((alarm) =>
    file.attempt(() => alarmOf(file, alarm, find(file.root, 'Res', 'Alarm', alarm.key))),
  );
  const instant = (name: string): number | null => file.attempt(() => file.instantOf(find(file.root, 'Res', name)));
  return {
    format: 'q-tag',
    device: file.device,
    serial: file.serial,
    intervalMs: file.intervalMs,
    zone: file.zone,
    readings: file.readings,
    rowsWithoutValue: file.rowsWithoutValue,
    startedAt: instant('TS Start') ?? file.logStartedAt,
    endedAt: instant('TS Stop'),
    dailySummaries: [],
    deviceAlarms: alarms.flatMap((alarm) => alarm ?? []),
    alarmsUnread: alarms.filter((alarm) => alarm === null).length,
    statistics: results === null ? null : file.attempt(() => statisticsOf(file, results)),
    certificate: file.certificate,
    problems: file.problems,
    mktPrinted: file.attempt(() => mktOf(file)),
  };
}

function statisticsOf(file: BerlingerFile, results: Outline): DeviceStatistics {
  return {
    lowestMilliCelsius: file.temperatureOf(results, 'Min T'),
    lowestAt: file.instantIn(lineWith(results, 'Min T'), 'TS Min T'),
    highestMilliCelsius: file.temperatureOf(results, 'Max T'),
    highestAt: file.instantIn(lineWith(results, 'Max T'), 'TS Max T'),
    averageMilliCelsius: file.temperatureOf(results, 'Avrg T'),
  };
}

function mktOf(file: BerlingerFile): LoggerFile['mktPrinted'] {
  const printed = find(file.root, 'Res', 'MKT');
  const energy = find(file.root, 'Conf', 'MKT Energy');
  if (printed === null || energy === null || printed.value === '') return null;
  const activationEnergy = Number(energy.value.replace(',', '.'));
  if (!(activationEnergy > 0))
    throw new LoggerFileInvalid('line-invalid', 'not an activation energy in kJ/mol', energy.line);
  return { celsius: (file.temperatureOf(find(file.root, 'Res'), 'MKT') ?? 0) / 1000, activationEnergy };
}

function alarmOf(file: BerlingerFile, node: Outline, result: Outline | null): readonly DeviceAlarm[] {
  const line = lineWith(node, 'Type');
  const type = field(line, 'Type');
  if (type === null || type === '0') return [];
  const kind = TYPES.get(type);
  const limitMilliCelsius = file.temperatureOf(node, 'T AL');
  const afterMs = minutesOf(lineWith(node, 't AL'), 't AL');
  if (kind === undefined || limitMilliCelsius === null || afterMs === null) {
    throw new LoggerFileInvalid('line-invalid', 'an alarm of unknown type, or without limit or time', node.line);
  }
  const rang = (result?.children ?? []).flatMap((episode) => {
    const triggeredAt = file.instantIn(episode, 'TS A');
    if (triggeredAt === null) return [];
    return [
      {
        triggeredAt,
        accumulatedMs: minutesOf(episode, 't A') ?? 0,
        startedAt: file.instantIn(episode, 'TS S'),
        endedAt: file.instantIn(episode, 'TS E'),
        extremeMilliCelsius: file.temperatureOf(episode, 'T M'),
      },
    ];
  });
  return [{ number: Number(node.key), ...kind, limitMilliCelsius, afterMs, rang }];
}
