import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import {
  contradictionsIn,
  deviceProfile,
  evaluateTrace,
  foldReadings,
  closeLeg,
  legTotals,
  loggedDays,
  meanKineticTemperature,
  mergeReadings,
  presetProfile,
  readLoggerFile,
  startLeg,
} from '../index.js';
import type { LoggerFile, ThermalProfile } from '../index.js';

const MINUTE = 60_000;
const loggers = join(dirname(fileURLToPath(import.meta.url)), '../../../../../shared/data/loggers');
const there = existsSync(loggers);
if (!there) console.warn(`SKIPPED: real logger files, because ${loggers} is missing`);
const real = there ? describe : describe.skip;
const read = (name: string): LoggerFile => readLoggerFile(readFileSync(join(loggers, name)));

real('real exports', () => {
  it('reads all of a FridgeTag 2 L: log, gap, daily summaries and alarms', () => {
    const file = read('fridgetag-2l-130500109088_202206081014.txt');
    expect(file).toMatchObject({
      format: 'fridge-tag',
      device: 'Q-tag Fridge-tag 2 L',
      serial: '130500109088',
      intervalMs: 5 * MINUTE,
      zone: { offsetMinutes: 0, assumed: false },
      rowsWithoutValue: 0,
    });
    expect(file.readings).toHaveLength(10_653);
    expect(file.dailySummaries).toHaveLength(38);
    expect(file.deviceAlarms.map(({ side, limitMilliCelsius }) => [side, limitMilliCelsius])).toEqual([
      ['below', 2000],
      ['above', 8000],
    ]);
    const report = evaluateTrace(file, presetProfile('2-8'));
    expect(report).toMatchObject({
      coldest: -8.4,
      hottest: 30.2,
      verdict: 'exceeded',
      budget: { freezeTripped: true },
    });
    expect(report.gaps).toEqual([
      { from: '2022-05-02T04:49:00.000Z', to: '2022-05-02T10:36:00.000Z', durationMs: 347 * MINUTE },
    ]);
  });

  it('counts 315 minutes with > 8 and 350 with >= 8 where the device, measuring each minute, counted 312', () => {
    const file = read('fridgetag-2l-130500109088_202206081014.txt');
    const from = Date.UTC(2022, 5, 7);
    const to = from + 24 * 60 * MINUTE;
    const range = { limitMilliCelsius: 8000, allowedMs: 0 };
    const profile: ThermalProfile = {
      ...presetProfile('2-8').thermal,
      combine: 'nested',
      ranges: [
        { name: 'above-8', comparator: '>', ...range },
        { name: 'at-least-8', comparator: '>=', ...range },
      ],
    };
    const day = file.readings.filter(({ at }) => at >= from && at < to);
    const folded = foldReadings(startLeg([profile], { startedAt: from, intervalMs: 5 * MINUTE }), mergeReadings(day));
    const closed = folded.late ? folded : closeLeg(folded.state, to);
    if (folded.late || closed.late) throw new Error('late');
    expect(legTotals(closed.state).exposures[0]?.usedMs).toEqual([315 * MINUTE, 350 * MINUTE]);
    const storage = [...folded.closed, ...closed.closed].filter(({ rule }) => rule === 'above-storage');
    // 8.0 is inside 2–8: the storage rule counts as > 8 does.
    expect(storage.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(315 * MINUTE);
    const summary = file.dailySummaries.find(({ day: date }) => date === '2022-06-07');
    expect(summary?.beyond).toContainEqual({ alarm: 1, accumulatedMs: 312 * MINUTE });
  });

  it('makes rows without a value of a FridgeTag UL into gaps', () => {
    const file = read('fridgetag-ul-100800001215_202304201410.txt');
    expect(file).toMatchObject({ device: 'Q-tag Fridge-tag Ultra Low', rowsWithoutValue: 6 });
    expect(file.readings).toHaveLength(835);
    const report = evaluateTrace(file, presetProfile('-20'));
    expect(report.gaps.map(({ from, to }) => [from, to])).toEqual([
      ['2023-04-17T16:06:00.000Z', '2023-04-17T16:21:00.000Z'],
      ['2023-04-20T13:56:00.000Z', '2023-04-20T14:10:00.000Z'],
    ]);
    expect(file.dailySummaries.at(-1)?.sensorTimeoutMs).toBe(17 * MINUTE);
  });

  it('takes a FridgeTag 2, which keeps days only, as summary evidence and never as within', () => {
    const file = read('fridgetag-2-130400191542_202302140605.txt');
    expect(file.readings).toEqual([]);
    expect(file.dailySummaries).toHaveLength(60);
    const report = evaluateTrace(file, presetProfile('crt-15-25'));
    expect(report).toMatchObject({
      evidence: 'daily-summaries',
      verdict: 'incomplete',
      coldest: 14.7,
      hottest: 19.5,
      readings: 0,
    });
  });

  it('arrives at the mean kinetic temperature that the Q-tag printed', () => {
    const file = read('qtag-clm-doc-lr-RCPJ00010_02_202211090128.txt');
    expect(file).toMatchObject({ intervalMs: 10 * MINUTE, mktPrinted: { celsius: 10.5, activationEnergy: 83 } });
    expect(file.readings).toHaveLength(124);
    expect(file.deviceAlarms.map(({ side, activation, rang }) => [side, activation, rang.length])).toEqual([
      ['above', 'consecutive', 1],
      ['above', 'cumulative', 1],
      ['below', 'cumulative', 1],
      ['below', 'consecutive', 3],
    ]);
    const report = evaluateTrace(file, presetProfile('2-8'));
    expect(report).toMatchObject({ activationEnergy: 83, mktPrinted: 10.5, mktWholeTrace: 10.5 });
    expect(report.mktWholeTraceExact).toBeCloseTo(10.558, 3);
    expect(report.mkt).toMatchObject({ applicable: false, reason: 'window-not-full', exceeded: false });
  });

  it.each(['fridgetag-2l-130500109088_202206081014.txt', 'fridgetag-ul-100800001215_202304201410.txt'])(
    'agrees day by day with what the device kept: %s',
    (name) => {
      const file = read(name);
      const days = loggedDays(file);
      expect(days.length).toBeGreaterThan(3);
      for (const { day, lowestMilliCelsius, highestMilliCelsius, beyond, gapMs } of days) {
        const summary = file.dailySummaries.find((one) => one.day === day);
        if (summary === undefined) throw new Error(`no summary of ${day}`);
        // The device measures each minute, the log has every fifth: its extremes lie inside, mostly less than 0.5 °C.
        const [low, high] = [lowestMilliCelsius ?? NaN, highestMilliCelsius ?? NaN];
        expect(low - (summary.lowestMilliCelsius ?? NaN)).toBeGreaterThanOrEqual(0);
        expect((summary.highestMilliCelsius ?? NaN) - high).toBeGreaterThanOrEqual(0);
        expect(low - (summary.lowestMilliCelsius ?? NaN)).toBeLessThanOrEqual(100);
        // The UL was activated warm, and its probe did not answer for its first log rows; on its second day a door pulse
        // of 2 °C fell between two rows.
        if (gapMs === 0 && day !== '2023-04-18') {
          expect((summary.highestMilliCelsius ?? NaN) - high).toBeLessThanOrEqual(500);
        }
        // Times beyond the limits agree with > and <, within a step per crossing; with >= and <= they do not.
        for (const { alarm, loggedMs } of beyond) {
          const counted = summary.beyond.find((one) => one.alarm === alarm)?.accumulatedMs ?? 0;
          expect(Math.abs(counted - loggedMs)).toBeLessThanOrEqual(10 * MINUTE + gapMs);
        }
      }
    },
  );

  it('rings where the device rang, within a step of the log', () => {
    const file = read('fridgetag-2l-130500109088_202206081014.txt');
    const profile = deviceProfile(file);
    if (profile === null) throw new Error('no alarms');
    const { excursions, ranges } = evaluateTrace(file, profile);
    expect(ranges.map(({ exceeded }) => exceeded)).toEqual([true, true]);
    for (const alarm of file.deviceAlarms) {
      // A ringing at midnight is one that goes on from the day before.
      const rang = alarm.rang.filter(({ triggeredAt }) => triggeredAt % (24 * 60 * MINUTE) !== 0);
      expect(rang.length).toBeGreaterThan(0);
      for (const { triggeredAt } of rang) {
        const ours = excursions
          .filter(
            ({ rule, durationMs }) => rule === `alarm ${alarm.number}` && durationMs >= alarm.afterMs - 5 * MINUTE,
          )
          .map(({ from }) => Math.abs(Date.parse(from) + alarm.afterMs - triggeredAt));
        expect(Math.min(...ours)).toBeLessThanOrEqual(6 * MINUTE);
      }
    }
  });

  it('counts 210 and 580 minutes where the Q-tag counted 219 and 598, because its log is coarser by design', () => {
    const file = read('qtag-clm-doc-lr-RCPJ00010_02_202211090128.txt');
    const rowsWhere = (isBeyond: (milliCelsius: number) => boolean): number =>
      file.readings.filter(({ milliCelsius }) => isBeyond(milliCelsius)).length * 10;
    // The device counts minutes, its log has every tenth: of what is beyond a limit for less than ten minutes at a time
    // (a compressor around 2 °C) rows catch some and miss some. 2.0 °C itself is inside, as the marks of the rows show.
    expect([rowsWhere((value) => value > 8000), rowsWhere((value) => value < 2000)]).toEqual([210, 580]);
    expect(rowsWhere((value) => value <= 2000)).toBe(630);
    const counted = (number: number): number =>
      (file.deviceAlarms.find((alarm) => alarm.number === number)?.rang[0]?.accumulatedMs ?? 0) / MINUTE;
    expect([counted(2), counted(4)]).toEqual([219, 598]);
    // Above: the device saw 8 °C passed at 21:50, the log a row at 21:49 of 7.0 and one at 21:59 of 15.1: nine minutes.
    const above = file.deviceAlarms.find(({ number }) => number === 1)?.rang[0];
    expect(above?.startedAt).toBe(Date.UTC(2022, 10, 8, 21, 50));
    const profile = deviceProfile(file);
    if (profile === null) throw new Error('no alarms');
    const report = evaluateTrace(file, profile);
    expect(report.ranges.map(({ name, ms, exceeded }) => [name, ms / MINUTE, exceeded])).toEqual([
      // To the stop at 01:28, nine minutes after the last row.
      ['alarm 1', 209, true],
      ['alarm 2', 209, true],
      ['alarm 4', 580, true],
      ['alarm 5', 580, true],
    ]);
    expect(report.excursions.find(({ rule }) => rule === 'alarm 1')?.from).toBe('2022-11-08T21:59:00.000Z');
    expect(file.statistics).toEqual({
      lowestMilliCelsius: 900,
      lowestAt: Date.UTC(2022, 10, 8, 12, 49),
      highestMilliCelsius: 24_300,
      highestAt: Date.UTC(2022, 10, 9, 0, 19),
      averageMilliCelsius: 5400,
    });
  });

  it.each(readdirSync(there ? loggers : '.').filter((name) => name.endsWith('.txt')))(
    'keeps the certificate of %s as it stands, unverified',
    (name) => {
      const file = read(name);
      expect(file.certificate).toMatchObject({ verification: 'unverified', issuer: expect.stringMatching(/AG$/) });
      expect(file.certificate?.signature).toMatch(/^[0-9a-f]{128}$/);
      expect(file.certificate?.publicKey).toMatch(/^[0-9a-f]{128}$/);
      expect(file.problems).toEqual([]);
    },
  );

  it('notices rows that were made better or worse than the device remembers', () => {
    const text = readFileSync(join(loggers, 'fridgetag-2l-130500109088_202206081014.txt'), 'utf8');
    const codes = (changed: string): string[] =>
      [
        ...new Set(contradictionsIn(readLoggerFile(changed), presetProfile('2-8').thermal).map(({ code }) => code)),
      ].sort();
    expect(codes(text)).toEqual([]);
    expect(codes(text.replace('2022-06-08 09:56\t6.1', '2022-06-08 09:56\t7.1'))).toEqual(['log-beyond-summary']);
    const cooled = text.replace(/(\t2022-05-21 \d\d:\d\d\t)\S+/g, '$15.0');
    expect(codes(cooled)).toEqual(['device-beyond-log', 'log-beyond-summary', 'rows-missing']);
  });

  it('shows that these devices cut averages to a tenth towards zero', () => {
    for (const name of [
      'fridgetag-2l-130500109088_202206081014.txt',
      'qtag-clm-doc-lr-RCPJ00010_02_202211090128.txt',
    ]) {
      const file = read(name);
      for (const { day, averageMilliCelsius } of file.dailySummaries.slice(1)) {
        const own = file.readings.filter(({ at }) => new Date(at).toISOString().startsWith(day));
        const mean = own.reduce((sum, { milliCelsius }) => sum + milliCelsius, 0) / own.length;
        const cut = (mean - (averageMilliCelsius ?? NaN)) * Math.sign(mean);
        // The device averages minutes, the log has every fifth: hence the margin of 15 thousandths.
        expect(cut).toBeGreaterThan(-15);
        expect(cut).toBeLessThan(115);
      }
    }
  });
});

describe('CSV', () => {
  const lines = (...rows: string[]): string => ['timestamp,celsius,humidity', ...rows].join('\n');

  it('reads zones, humidity, rows without a value, and finds the interval', () => {
    const file = readLoggerFile(
      lines(
        '2026-01-01T10:00:00Z,5.12,44.1',
        '2026-01-01T12:10:00+02:00,-0.5,',
        '2026-01-01T10:20Z,,',
        '2026-01-01T10:30Z,8,0',
      ),
    );
    expect(file.readings).toEqual([
      { at: Date.UTC(2026, 0, 1, 10), milliCelsius: 5120, humidityPermille: 441 },
      { at: Date.UTC(2026, 0, 1, 10, 10), milliCelsius: -500, humidityPermille: null },
      { at: Date.UTC(2026, 0, 1, 10, 30), milliCelsius: 8000, humidityPermille: 0 },
    ]);
    expect(file).toMatchObject({
      intervalMs: 10 * MINUTE,
      rowsWithoutValue: 1,
      zone: { offsetMinutes: 0, assumed: false },
    });
  });

  it('says when a zone was assumed, and takes the one it is given', () => {
    const text = 'timestamp,celsius\r\n2026-01-01 10:00,5\r\n2026-01-01 10:05,5\r\n';
    expect(readLoggerFile(text).zone).toEqual({ offsetMinutes: 0, assumed: true });
    const given = readLoggerFile(text, { offsetMinutes: 60 });
    expect(given.zone).toEqual({ offsetMinutes: 60, assumed: false });
    expect(given.readings[0]?.at).toBe(Date.UTC(2026, 0, 1, 9));
  });

  it.each([
    ['file-empty', '', 1],
    ['format-unknown', 'time;temp\n1;2', 1],
    ['timestamp-invalid', lines('2026-02-30T10:00:00Z,5,'), 2],
    ['timestamp-invalid', lines('2026-01-01T10:00:00Z,5,', '2026-01-01T24:00:00Z,5,'), 3],
    ['timestamp-invalid', lines('1767261600,5,'), 2],
    ['temperature-invalid', lines('2026-01-01T10:00:00Z,5.1.2,'), 2],
    ['temperature-invalid', lines('2026-01-01T10:00:00Z,NaN,'), 2],
    ['temperature-invalid', lines('2026-01-01T10:00:00Z,201,'), 2],
    ['humidity-invalid', lines('2026-01-01T10:00:00Z,5,101'), 2],
    ['line-invalid', lines('2026-01-01T10:00:00Z,5,40,1'), 2],
    ['line-invalid', 'Device: Q-tag CLm\r\nConf:\r\n Logging Interval: x\r\n', 3],
    ['zone-invalid', 'Device: Q-tag CLm\r\nConf:\r\n Zone: 1.99\r\n', 3],
    ['unit-unsupported', 'Device: Q-tag Fridge-tag 2\r\nConf:\r\n Temp unit: K\r\n', 3],
    ['interval-missing', 'Device: Q-tag CLm\r\nData:\r\n\t2026-01-01 10:00\t5.0\t\r\n', 3],
    [
      'temperature-invalid',
      'Device: Q-tag CLm\r\nConf:\r\n Logging Interval: 5\r\nData:\r\n\t2026-01-01 10:00\tx\t\r\n',
      5,
    ],
  ])('refuses %s with the number of the line', (code, text, line) => {
    expect(() => readLoggerFile(text)).toThrow(expect.objectContaining({ code, line }));
  });

  it('refuses bytes that are not text', () => {
    expect(() => readLoggerFile(Buffer.from([0x50, 0x4b, 0xff, 0xfe]))).toThrow(
      expect.objectContaining({ code: 'file-not-text' }),
    );
  });
});

describe('exports of other places', () => {
  const lines = (...rows: readonly string[]): string => rows.join('\r\n');
  const HEAD = ['Device: Q-tag Fridge-tag 2 L', 'Conf:', ' Serial: 1', ' Zone: 0.00', ' Temp unit: C'];
  const LOG = [' Logging Interval: 5', 'Data:', '\tyyyy-MM-dd hh:mm\tT\tOut of limits', '\t2026-01-01 10:00\t5.0\t'];
  const first = (text: string | Buffer) => readLoggerFile(text).readings[0];

  it.each([
    ['0.00', 0],
    ['5.50', 330],
    ['+5.75', 345],
    ['-3.50', -210],
    ['-03:30', -210],
    ['UTC+2', 120],
    ['5.5', 330],
    ['5,75', 345],
    ['−4.00', -240],
  ])('reads the zone %s', (zone, offsetMinutes) => {
    const text = lines(...HEAD, ...LOG).replace('Zone: 0.00', `Zone: ${zone}`);
    expect(readLoggerFile(text).zone).toEqual({ offsetMinutes, assumed: false });
    expect(first(text)?.at).toBe(Date.UTC(2026, 0, 1, 10) - offsetMinutes * MINUTE);
  });

  it('says that a zone was assumed where the file names none', () => {
    const text = lines(...HEAD.filter((line) => !line.includes('Zone')), ...LOG);
    expect(readLoggerFile(text).zone).toEqual({ offsetMinutes: 0, assumed: true });
  });

  it.each([
    ['46.4', 8000],
    ['32.0', 0],
    ['31.1', -500],
    ['-4.0', -20_000],
    ['46.5', 8056],
  ])('reads %s °F as %d milli-degrees', (fahrenheit, milliCelsius) => {
    const text = lines(...HEAD, ...LOG)
      .replace('unit: C', 'unit: F')
      .replace('\t5.0\t', `\t${fahrenheit}\t`);
    expect(first(text)?.milliCelsius).toBe(milliCelsius);
  });

  it('reads limits and summaries in °F too', () => {
    const text = lines(
      ...HEAD.slice(0, 4),
      ' Temp unit: °F',
      ' Alarm:',
      '  1:',
      '   T AL: +46.4, t AL: 60',
      'Hist:',
      ' 1:',
      '  Date: 2026-01-01',
      '  Min T: +41.0, TS Min T: 00:01',
      '  Max T: +50.0, TS Max T: 12:00',
    );
    const file = readLoggerFile(text);
    expect(file.deviceAlarms[0]).toMatchObject({ limitMilliCelsius: 8000, comparator: '>', afterMs: 60 * MINUTE });
    expect(file.dailySummaries[0]).toMatchObject({ lowestMilliCelsius: 5000, highestMilliCelsius: 10_000 });
  });

  it.each([
    ['dd.MM.yyyy hh:mm', '01.01.2026 10:00'],
    ['MM/dd/yyyy hh:mm a', '01/01/2026 10:00 AM'],
    ['yyyy-MM-dd HH:mm:ss', '2026-01-01 10:00:00'],
    ['dd-MM-yyyy hh:mm', '01-01-2026 10:00'],
  ])('reads times as the heading %s says', (heading, time) => {
    const text = lines(...HEAD, ...LOG)
      .replace('yyyy-MM-dd hh:mm', heading)
      .replace('2026-01-01 10:00', time);
    expect(first(text)?.at).toBe(Date.UTC(2026, 0, 1, 10));
  });

  it('reads decimal commas, blanks for tabs, other line ends, byte order marks and UTF-16', () => {
    const text = lines(...HEAD, ' Alarm:', '  1:', '   T AL: +8,0, t AL: 60', ...LOG).replace('5.0', '5,0');
    expect(readLoggerFile(text).deviceAlarms[0]).toMatchObject({ limitMilliCelsius: 8000, afterMs: 60 * MINUTE });
    const expected = { at: Date.UTC(2026, 0, 1, 10), milliCelsius: 5000, humidityPermille: null };
    const forms: readonly (string | Buffer)[] = [
      text,
      text.replaceAll('\t', '    '),
      text.replaceAll('\r\n', '\n'),
      `\uFEFF${text}`,
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
      Buffer.from(text.replace('Serial: 1', 'Serial: 1\r\n User String 1: K\u00fchlschrank'), 'latin1'),
      `\r\n${text}`,
    ];
    for (const form of forms) expect(first(form)).toEqual(expected);
  });

  it('finds temperature and humidity by the heading, and rows without a value', () => {
    const text = lines(
      ...HEAD,
      ' Logging Interval: 5',
      'Data:',
      '\tOut of limits\tyyyy-MM-dd hh:mm\tRH\tT',
      '\tx\t2026-01-01 10:00\t45.5\t5.0',
      '\t\t2026-01-01 10:05\t--.-\t--,-',
    ).replace('\t\t2026', '\t-\t2026');
    expect(readLoggerFile(text)).toMatchObject({
      readings: [{ milliCelsius: 5000, humidityPermille: 455 }],
      rowsWithoutValue: 1,
    });
  });

  it('names with code and line what is missing or cannot be read beside the log, and reads on', () => {
    const text = lines(
      'Device: Q-tag Fridge-tag 2 L',
      'no colon here',
      'Conf:',
      ' Temp unit: C',
      'Data:',
      '\tyyyy-MM-dd hh:mm\tT',
      '\t2026-01-01 10:00\t5.0',
      '\t2026-01-01 10:05\t5.0',
      'Hist:',
      ' TS Actv: yesterday',
      ' 1:',
      '  Min T: +4.0',
      ' 2:',
      '  Date: 2026-01-01',
      '  Min T: cold',
    );
    const file = readLoggerFile(text);
    expect(file).toMatchObject({ intervalMs: 5 * MINUTE, zone: { assumed: true }, dailySummaries: [] });
    expect(file.problems.map(({ code, line }) => [code, line])).toEqual([
      ['line-invalid', 2],
      ['interval-missing', 6],
      ['line-invalid', 11],
      ['temperature-invalid', 15],
      ['timestamp-invalid', 10],
      ['section-missing', 1],
    ]);
  });

  it.each([
    ['timestamp-invalid', '2026-01-01 10:05 5.0'],
    ['timestamp-invalid', '\t2026-01-01\t5.0'],
    ['timestamp-invalid', '\t2026-13-01 10:05\t5.0'],
    ['temperature-invalid', '\t2026-01-01 10:05\t'],
    ['temperature-invalid', '\t2026-01-01 10:05'],
    ['temperature-invalid', '\t2026-01-01 10:05\tERR'],
  ])('passes over no row of the log: %s for %j', (code, row) => {
    expect(() => readLoggerFile(lines(...HEAD, ...LOG, row))).toThrow(expect.objectContaining({ code, line: 10 }));
  });

  it('reads CSV in °F and with semicolons', () => {
    expect(first('timestamp;fahrenheit\n2026-01-01T10:00Z;46,4\n')?.milliCelsius).toBe(8000);
  });
});

describe('evaluateTrace', () => {
  const hourly = (...celsius: number[]): LoggerFile =>
    readLoggerFile(
      [
        'timestamp,celsius',
        ...celsius.map((value, hour) => `${new Date(hour * 3_600_000).toISOString()},${value}`),
      ].join('\n'),
    );

  it('finds a good trace within, with the kinetic mean of its worst day', () => {
    const report = evaluateTrace(
      hourly(...Array.from({ length: 48 }, (_, hour) => (hour < 24 ? 5 : 6))),
      presetProfile('2-8'),
    );
    expect(report).toMatchObject({ verdict: 'within', excursions: [], gapMs: 0 });
    expect(report.mkt).toMatchObject({ applicable: true, highestCelsius: 6, exceeded: false });
  });

  it('cuts the reading that a window begins in', () => {
    const { thermal } = presetProfile('2-8');
    const mkt = { windowMs: 90 * MINUTE, limitMilliCelsius: 8000, ceilingMilliCelsius: null };
    const profile = { name: 'short', thermal: { ...thermal, mkt } };
    const report = evaluateTrace(hourly(5, 30, 5), profile);
    const expected = meanKineticTemperature([
      { milliCelsius: 30_000, durationMs: 60 * MINUTE },
      { milliCelsius: 5000, durationMs: 30 * MINUTE },
    ]);
    if (!report.mkt.applicable) throw new Error(report.mkt.reason);
    expect(report.mkt.highestCelsius).toBeCloseTo(expected ?? NaN, 3);
    expect(report.mkt.from).toBe('1970-01-01T00:30:00.000Z');
  });

  it('lets no window hide a warm day that its budget would allow', () => {
    const warm = evaluateTrace(hourly(...Array.from({ length: 31 * 24 }, () => 27)), presetProfile('crt-15-25'));
    expect(warm.mkt).toMatchObject({ applicable: true, highestCelsius: 27, exceeded: true });
    expect(warm.verdict).toBe('exceeded');
  });

  it('holds the longest piece against ranges that ask for consecutive time, the sum against others', () => {
    const twice = [5, ...Array.from({ length: 6 }, () => 9), 5, ...Array.from({ length: 6 }, () => 9), 5];
    const report = evaluateTrace(hourly(...twice), presetProfile('refrigerator-30-day'));
    expect(report.ranges[0]).toMatchObject({ ms: 12 * 3_600_000, longestMs: 6 * 3_600_000, exceeded: false });
    const once = evaluateTrace(hourly(...Array.from({ length: 11 }, () => 9)), presetProfile('refrigerator-30-day'));
    expect(once.verdict).toBe('exceeded');
  });

  it('is incomplete with a long gap and with nothing at all', () => {
    const gap = readLoggerFile('timestamp,celsius\n1970-01-01T00:00Z,5\n1970-01-01T00:10Z,5\n1970-01-01T02:00Z,5\n');
    expect(evaluateTrace(gap, presetProfile('2-8'))).toMatchObject({ verdict: 'incomplete', gapMs: 100 * MINUTE });
    expect(evaluateTrace(readLoggerFile('timestamp,celsius\n'), presetProfile('2-8'))).toMatchObject({
      verdict: 'incomplete',
      evidence: 'none',
    });
  });
});
