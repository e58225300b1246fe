import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import { deviceProfile, evaluateTrace, presetProfile, readLoggerFile } from '../index.js';
import type { LoggerFile, Reading } from '../index.js';
import { LoggerFileInvalid } from './logger-file.js';

/** `SEED=…` repeats a failure. */
const SEED = process.env['SEED'] ?? String(Date.now() % 1_000_000_000);
const random = new SeededRandom(SEED);
const below = (count: number): number => Math.floor(random.unit() * count);
const chance = (share: number): boolean => random.unit() < share;

const MINUTE = 60_000;
const loggers = join(dirname(fileURLToPath(import.meta.url)), '../../../../../shared/data/loggers');
const real = existsSync(loggers) ? readdirSync(loggers).filter((name) => name.endsWith('.txt')) : [];

/** An export as a FridgeTag or Q-tag writes it, with made-up values. */
function made(kind: 'Q-tag Fridge-tag 2 L' | 'Q-tag CLm doc LR'): string {
  const isTag = kind === 'Q-tag CLm doc LR';
  const rows = Array.from({ length: 40 + below(60) }, (_, row) => {
    const at = new Date(Date.UTC(2026, 2, 28, 22, 3 + row * 5)).toISOString().slice(0, 16).replace('T', ' ');
    const value = chance(0.05) ? '--.-' : (below(300) / 10 - 10).toFixed(1);
    return `\t${at}\t${value}\t${chance(0.3) ? 'x' : ''}`;
  });
  const alarms = isTag ? ['  1:', '   Type: 2, T AL: 8.0, t AL: 30', '  2:', '   Type: 0'] : ALARMS;
  const history = isTag
    ? ['Res:', ' TS Start: 2026-03-28 22:03', ' Min T: -10.0, TS Min T: 2026-03-28 22:03']
    : HISTORY;
  return [
    ...[`Device: ${kind}`, 'Vers: 0.5', 'Fw Vers: 4.0p0o', 'Conf:', ' Serial: 130500109088', ' Zone: 0.00'],
    ...(isTag ? [' MKT Energy: 83.0'] : [' Temp unit: C']),
    ...[' Logging Interval: 5', ' Alarm:', ...alarms, ...history],
    ...(isTag ? ['Marker:', '\tNumber\tT\tyyyy-MM-dd hh:mm\t', '\t1\t99.9\t2026-03-28 23:00\t'] : []),
    ...['Data:', '\tyyyy-MM-dd hh:mm\tT\tOut of limits', ...rows],
    ...['Cert:', ' Vers: 1.0', ' Lot: 1794_20_08', ' Owner: Berlinger & Co. AG', `Sig: ${'ab'.repeat(64)}`, ''],
  ].join('\r\n');
}
const ALARMS = ['  0:', '   T AL: +2.0, t AL: 60', '  1:', '   T AL: +8.0, t AL: 60'];
const HISTORY = [
  ...['Hist:', ' TS Actv: 2026-03-28 22:03', ' TS Report Creation: 2026-03-29 23:59'],
  ...[' 1:', '  Date: 2026-03-29', '  Min T: ---, TS Min T: ', '  Max T: ---, TS Max T: ', '  Avrg T: ---'],
  ...[' 2:', '  Date: 2026-03-28', '  Min T: -10.0, TS Min T: 22:03', '  Max T: +19.9, TS Max T: 23:03'],
  ...['  Alarm:', '   0:', '    t Acc: 0', '   1:', '    t Acc: 312, TS A: 22:55, C A: 0'],
];

/** Originals by name: made ones, and the real ones where they are. */
const originals: readonly (readonly [name: string, text: string])[] = [
  ['a made FridgeTag 2 L', made('Q-tag Fridge-tag 2 L')],
  ['a made Q-tag', made('Q-tag CLm doc LR')],
  ...real.map((name) => [name, readFileSync(join(loggers, name), 'utf8')] as const),
];

const inLines = (text: string, change: (line: string) => string): string => text.split('\r\n').map(change).join('\r\n');
const isRow = (line: string): boolean => /^\t\d{4}-/.test(line);
const without = (section: string) => (text: string) =>
  text.replace(new RegExp(`(^|\\r\\n)${section}:(?=\\r\\n).*?(?=\\r\\n[A-Z]|$)`, 's'), '');

/** What other firmware and other programs do to an export, without changing what it says. */
const HARMLESS: Readonly<Record<string, (text: string) => string | Buffer>> = {
  'line feeds': (text) => text.replaceAll('\r\n', '\n'),
  'carriage returns': (text) => text.replaceAll('\r\n', '\r'),
  'a byte order mark': (text) => `\uFEFF${text}`,
  'UTF-16': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 without a mark': (text) => Buffer.from(text, 'utf16le'),
  'big-endian UTF-16': (text) => Buffer.from(text, 'utf16le').swap16(),
  'an older encoding in user texts': (text) =>
    Buffer.from(text.replace('Conf:', 'Conf:\r\n User String 1: K\u00fchlschrank, T: 99.9'), 'latin1'),
  'lines after the end': (text) => `${text}\r\n \r\n\x1a\r\n\0\0\0`,
  'blanks at the ends of lines': (text) => inLines(text, (line) => `${line}${' '.repeat(below(3))}`),
  'blanks for tabs': (text) => text.replaceAll('\t', '    '),
  'decimal commas': (text) => text.replace(/(\d)\.(\d)(?=[\t,\r])/g, '$1,$2'),
  'minus signs': (text) => text.replace(/([\t ])-(\d)/g, '$1\u2212$2'),
  'signs of positive values': (text) => inLines(text, (line) => line.replace(/^(\t\S+ \S+\t)(\d)/, '$1+$2')),
  'other marks of no value': (text) => text.replaceAll('--.-', '---'),
  'a section more': (text) => text.replace('Conf:', 'Calibration:\r\n Date: 2020-01-01\r\n T: 99.9\r\nConf:'),
  'no certificate': without('Cert'),
  'no history': without('Hist'),
  'no results': without('Res'),
  'no marker': without('Marker'),
  'blank lines': (text) => inLines(text, (line) => (chance(0.1) ? `\r\n${line}` : line)),
  'the newest row first': (text) => {
    const rows = text.split('\r\n').filter(isRow);
    return inLines(text, (line) => (isRow(line) ? (rows.pop() ?? '') : line));
  },
  'a repeated heading': (text) => {
    const heading = '\tyyyy-MM-dd hh:mm\tT\tOut of limits';
    return inLines(text, (line) => (isRow(line) && chance(0.02) ? `${heading}\r\n${line}` : line));
  },
  'days first in dates': (text) => dates(text, 'dd.MM.yyyy hh:mm', '$3.$2.$1 $4:$5'),
  'months first in dates': (text) => dates(text, 'MM/dd/yyyy HH:mm', '$2/$3/$1 $4:$5'),
};
const dates = (text: string, heading: string, form: string): string =>
  text.replaceAll('yyyy-MM-dd hh:mm', heading).replace(/(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)(?=\t)/g, form);

/** What breaks an export: a part of it is gone, twice, elsewhere, or of another one. */
const BREAKING: readonly ((text: string) => string)[] = [
  (text) => text.slice(0, below(text.length)),
  (text) => text.slice(0, text.lastIndexOf('\r\n\t2') + 3 + below(25)),
  (text) => edited(text, (lines) => lines.splice(below(lines.length), 1 + below(20))),
  (text) => edited(text, (lines) => lines.splice(below(lines.length), 0, ...lines.slice(0, below(lines.length)))),
  (text) => edited(text, (lines) => lines.push(...lines.splice(below(lines.length), 1 + below(20)))),
  (text) =>
    edited(text, (lines) => lines.splice(below(lines.length), 0, ['??', '\t??', ' x: y', 'Data:'][below(4)] ?? '')),
  (text) => `${text}${made('Q-tag CLm doc LR')}`,
  (text) => text.replace(/\t(yyyy[^\t]*)\tT\t/, '\t$1\tT\tT Amb\t'),
  (text) => text.replace('Temp unit: C', 'Temp unit:'),
  (text) => text.replace(/(Temp unit: C.*yyyy-MM-dd hh:mm)\tT\t/s, '$1\tT [\u00b0F]\t'),
  (text) => text.replace('hh:mm\tT', 'hh:mm\tRH'),
  (text) => text.replace('Logging Interval: ', 'Logging Interval: 1'),
];
function edited(text: string, change: (lines: string[]) => unknown): string {
  const lines = text.split('\r\n');
  change(lines);
  return lines.join('\r\n');
}

const keyOf = ({ at, milliCelsius, humidityPermille }: Reading): string => `${at} ${milliCelsius} ${humidityPermille}`;

/** What a changed file gives, or the code that it is refused with; anything else that is thrown is a fault. */
function outcomeOf(content: string | Buffer): LoggerFile | string {
  try {
    return readLoggerFile(content);
  } catch (error) {
    if (error instanceof LoggerFileInvalid) return error.code;
    throw error;
  }
}

describe.each(originals)(`%s, seed ${SEED}`, (_, text) => {
  const file = readLoggerFile(text);
  const summaries = file.dailySummaries.map(({ day, ...summary }) => [day, summary.highestMilliCelsius]);

  it.each(Object.entries(HARMLESS))('says the same with %s', (name, change) => {
    const changed = readLoggerFile(change(text));
    expect(changed.readings).toEqual(file.readings);
    expect(changed).toMatchObject({ serial: file.serial, intervalMs: file.intervalMs, zone: file.zone });
    expect(changed.rowsWithoutValue).toBe(file.rowsWithoutValue);
    if (!name.startsWith('no ')) {
      expect(changed.dailySummaries.map(({ day, highestMilliCelsius }) => [day, highestMilliCelsius])).toEqual(
        summaries,
      );
      expect(changed.deviceAlarms).toEqual(file.deviceAlarms);
    }
  });

  it('says the same in °F, within half of its tenth', () => {
    const fahrenheit = (celsius: string): string => ((Number(celsius) * 9) / 5 + 32).toFixed(1);
    const inFahrenheit = inLines(text, (line) =>
      isRow(line)
        ? line.replace(
            /^(\t\S+ \S+\t)([+-]?\d+\.\d)/,
            (_match, before: string, value: string) => before + fahrenheit(value),
          )
        : line,
    )
      .replace('Temp unit: C', 'Temp unit: F')
      .replace(/^(?!.*Temp unit).*Device: Q-tag CLm.*?Conf:/s, (head) => `${head}\r\n Temp unit: F`);
    const changed = readLoggerFile(inFahrenheit);
    expect(changed.readings).toHaveLength(file.readings.length);
    changed.readings.forEach(({ at, milliCelsius }, index) => {
      expect(at).toBe(file.readings[index]?.at);
      expect(Math.abs(milliCelsius - (file.readings[index]?.milliCelsius ?? NaN))).toBeLessThanOrEqual(28);
    });
  });

  it('is refused with a code, or gives no reading that was not in it, however it is broken', () => {
    const known = new Set(file.readings.map(keyOf));
    const refusals = new Set<string>();
    const trials = text.length > 100_000 ? 48 : 144;
    for (let trial = 0; trial < trials; trial++) {
      const change = BREAKING[trial % BREAKING.length] as (text: string) => string;
      const broken = outcomeOf(change(text));
      if (typeof broken === 'string') {
        refusals.add(broken);
        continue;
      }
      expect(broken.readings.filter((reading) => !known.has(keyOf(reading)))).toEqual([]);
      expect(broken.intervalMs ?? 0).toBeLessThanOrEqual(file.intervalMs ?? 0);
      if (broken.readings.length < 2000) expect(() => evaluateTrace(broken, presetProfile('2-8'))).not.toThrow();
    }
    expect(refusals.size).toBeGreaterThan(1);
  });
});

describe('an export that could be read wrongly', () => {
  const lines = (...rows: readonly string[]): string =>
    [
      ...['Device: Q-tag Fridge-tag 2 L', 'Conf:', ' Zone: 0.00', ' Temp unit: C', ' Logging Interval: 5', 'Data:'],
      ...['\tyyyy-MM-dd hh:mm\tT', ...rows],
    ].join('\r\n');
  const rows = ['\t2026-03-29 02:50\t5.0', '\t2026-03-29 02:55\t9.0', '\t2026-03-29 03:00\t9.0'];
  const whole = lines(...rows);

  it.each([
    ['the clock was set back', 'clock-set-back', 11, lines(...rows, '\t2026-03-29 02:05\t5.0')],
    ['a row was moved', 'clock-set-back', 10, lines(...[0, 2, 1].map((index) => rows[index] ?? ''))],
    ['two probes', 'line-invalid', 7, whole.replace('\tT', '\tT Int\tT Ext')],
    ['no unit', 'unit-missing', 4, whole.replace('unit: C', 'unit:')],
    ['no configuration', 'unit-missing', 1, whole.replace(/Conf:.*?Data:/s, 'Data:')],
    ['two units', 'unit-unsupported', 4, whole.replace('\tT', '\tT (\u00b0F)')],
    ['a value that was cut off', 'temperature-invalid', 10, whole.slice(0, -2)],
    ['two exports', 'line-invalid', 11, `${whole}\r\n${whole}`],
  ] as const)('is refused: %s', (_, code, line, text) => {
    expect(() => readLoggerFile(text)).toThrow(expect.objectContaining({ code, line }));
  });

  it('takes the unit from the heading where the configuration has none', () => {
    const text = whole.replace('unit: C', 'unit:').replace('\tT', '\tT [\u00b0F]').replaceAll('\t9.0', '\t46.4');
    expect(readLoggerFile(text).readings.at(-1)).toMatchObject({ milliCelsius: 8000 });
    expect(readLoggerFile(whole.replace('unit: C', 'unit: Celsius')).readings).toHaveLength(3);
  });

  it('fills no gap by an interval that is longer than the steps of the log', () => {
    const text = lines(...rows, '\t2026-03-29 08:00\t5.0')
      .replace('Interval: 5', 'Interval: 500')
      .replaceAll('9.0', '5.0');
    const file = readLoggerFile(text);
    expect(file).toMatchObject({ intervalMs: 5 * MINUTE, problems: [{ code: 'line-invalid', line: 5 }, {}, {}] });
    expect(evaluateTrace(file, presetProfile('2-8'))).toMatchObject({ verdict: 'incomplete', gapMs: 295 * MINUTE });
  });

  it('judges by no alarms of the device when one of them is not understood', () => {
    const text = (more: string) => whole.replace('Data:', [' Alarm:', ...ALARMS, more, 'Data:'].join('\r\n'));
    expect(deviceProfile(readLoggerFile(text('')))).not.toBeNull();
    const file = readLoggerFile(text('  2:\r\n   T AL: +25.0, t AL: 10'));
    expect(file).toMatchObject({ alarmsUnread: 1, deviceAlarms: [{ number: 0 }, { number: 1 }] });
    expect(deviceProfile(file)).toBeNull();
  });

  it('is compared with its device in a time that grows with its rows, and names a hundred problems at most', () => {
    const many = Array.from({ length: 150_000 }, (_, row) => `\t2026-03-29 02:5${row < 75_000 ? 0 : 5}\t5.0`);
    const stray = Array.from({ length: 1000 }, () => 'what is this');
    const text = [...stray, 'Hist:', ' 1:', '  Date: 2026-03-29', '  Max T: +5.0'].join('\r\n');
    const file = readLoggerFile(
      lines(many.join('\r\n')).replace('Data:', [' Alarm:', ...ALARMS, text, 'Data:'].join('\r\n')),
    );
    expect(file.problems).toHaveLength(100);
    expect(evaluateTrace(file, presetProfile('2-8')).contradictions).toEqual([]);
  });
});
