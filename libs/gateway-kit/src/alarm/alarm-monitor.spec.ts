import { describe, expect, it } from '@jest/globals';
import { type FrameReading, presetProfile } from '@coldchain/telemetry';
import { AlarmMonitor } from './alarm-monitor.js';

const START = 1_763_600_000_000;
const MINUTE = 60_000;
const { thermal: profile } = presetProfile('2-8');
const rules = { profile, intervalMs: 5 * MINUTE };
const reading = (minute: number, celsius: number, logger = 'L1'): FrameReading => ({
  logger,
  at: START + minute * MINUTE,
  milliCelsius: celsius * 1000,
  humidityPermille: null,
  counter: null,
});
/** Events of readings a minute apart, each with the minute it came at. */
const told = (monitor: AlarmMonitor, celsius: readonly number[], from = 0): string[] =>
  celsius.flatMap((value, index) =>
    monitor.take([reading(from + index, value)]).map(({ state, alarm }) => `${from + index} ${state} ${alarm.rule}`),
  );

describe('AlarmMonitor', () => {
  it('rings at the first reading outside and is quiet only after a while inside', () => {
    const monitor = new AlarmMonitor({ ...rules, quietAfterMs: 3 * MINUTE });
    // A compressor that takes it in and out again is one alarm.
    const events = told(monitor, [5, 9, 9, 7, 9, 7, 7, 7, 7, 7]);
    expect(events.filter((event) => event.includes('above-storage'))).toEqual([
      '1 ringing above-storage',
      '8 quiet above-storage',
    ]);
  });

  it('rings late where the rules say so, and says since when and how warm', () => {
    const monitor = new AlarmMonitor({ ...rules, ringAfterMs: 2 * MINUTE });
    expect(told(monitor, [5, 9])).toEqual([]);
    const events = [...monitor.take([reading(2, 9.5)]), ...monitor.take([reading(3, 10)])];
    expect(events.find(({ alarm }) => alarm.rule === 'above-8')).toEqual({
      state: 'ringing',
      alarm: {
        logger: 'L1',
        profile: '00000000000000/1',
        rule: 'above-8',
        since: START + MINUTE,
        durationMs: 2 * MINUTE,
        extremeMilliCelsius: 10_000,
      },
    });
  });

  it('does not ring twice for readings that come twice or late, and keeps loggers apart', () => {
    const monitor = new AlarmMonitor(rules);
    const above = (readings: readonly FrameReading[]): string[] =>
      monitor
        .take(readings)
        .flatMap(({ state, alarm }) => (alarm.rule === 'above-8' ? [`${alarm.logger} ${state}`] : []));
    expect(above([reading(0, 5), reading(0, 9, 'L2')])).toEqual(['L2 ringing']);
    expect(above([reading(10, 9)])).toEqual(['L1 ringing']);
    expect(above([reading(10, 9), reading(5, 9), reading(0, 9, 'L2')])).toEqual([]);
  });

  it('rings for what comes late and is over already, once', () => {
    const monitor = new AlarmMonitor(rules);
    told(monitor, Array<number>(60).fill(5));
    const late = (): string[] =>
      monitor.take([reading(10.5, 9)]).flatMap(({ state, alarm }) => (alarm.rule === 'above-8' ? [state] : []));
    expect(late()).toEqual(['ringing', 'quiet']);
    expect(late()).toEqual([]);
  });

  it('rings for what a batch brings that is over already', () => {
    const monitor = new AlarmMonitor(rules);
    const batch = [5, 9, 9, 5, ...Array<number>(30).fill(5)].map((celsius, index) => reading(index, celsius));
    const states = monitor.take(batch).filter(({ alarm }) => alarm.rule === 'above-8');
    expect(states.map(({ state }) => state)).toEqual(['ringing', 'quiet']);
  });

  it('works for weeks in bounded memory and still takes what is late', () => {
    const monitor = new AlarmMonitor(rules);
    for (let minute = 0; minute < 12_000; minute += 50)
      monitor.take(Array.from({ length: 50 }, (_, index) => reading(minute + index + 1, 5)));
    expect(monitor.take([reading(11_000.5, 12)]).some(({ state }) => state === 'ringing')).toBe(true);
    expect(monitor.take([reading(1.5, 12)])).toEqual([]);
  });
});
