import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import {
  evaluateTrace,
  foldReadings,
  closeLeg,
  legTotals,
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
    ['line-invalid', 'Device: Q-tag Fridge-tag 2 L\r\nno colon here\r\n', 2],
    ['zone-invalid', 'Device: Q-tag CLm\r\nConf:\r\n Zone: 1.99\r\n', 3],
    ['unit-unsupported', 'Device: Q-tag Fridge-tag 2\r\nConf:\r\n Temp unit: F\r\n', 3],
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
