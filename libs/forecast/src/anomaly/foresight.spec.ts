import { describe, expect, it } from '@jest/globals';
import { CompressorHealthMonitor } from './compressor-health.js';
import { ExcursionForecast, type ExcursionOutlook } from './excursion-forecast.js';
import { simulateColdStore } from './simulate-cold-store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Outlooks on air that stays at 5 °C for a day and then goes as told, per minutes since. */
function outlooks(
  air: (minutes: number) => number,
  minutes: number,
): (ExcursionOutlook & { readonly minute: number })[] {
  const forecast = new ExcursionForecast();
  for (let at = 0; at < DAY; at += 5 * MINUTE) forecast.step(at, 5);
  const found: (ExcursionOutlook & { readonly minute: number })[] = [];
  for (let minute = 0; minute <= minutes; minute += 5) {
    found.push({ ...forecast.step(DAY + minute * MINUTE, air(minute)), minute });
  }
  return found;
}

describe('time to excursion', () => {
  it('follows the law of a lagging product: t = −lag ln((limit − air) / (product − air))', () => {
    // The air jumps to 20 °C: the product, at 5 °C, reaches 8 °C after 45 min × ln(15/12).
    const rows = outlooks((minute) => (minute === 0 ? 5 : 20), 60);
    const left = rows.find(({ outside }) => outside);
    const expected = 45 * Math.log(15 / 12);
    expect(left?.minute).toBeGreaterThanOrEqual(expected);
    expect(left?.minute).toBeLessThanOrEqual(expected + 10);
  });

  it('announces a product that warms slowly, a quarter of an hour ahead at least, and names about when', () => {
    const rows = outlooks((minute) => 5 + 7 * (1 - Math.exp(-minute / 90)), 400);
    const left = rows.find(({ outside }) => outside);
    const announced = rows.find((row) => row.announced);
    expect((left?.minute ?? 0) - (announced?.minute ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(15);
    const named = rows.findLast(
      ({ leavesInMs, minute }) => leavesInMs !== null && leavesInMs > 0 && minute < (left?.minute ?? 0),
    );
    expect(
      Math.abs((named?.minute ?? 0) + (named?.leavesInMs ?? 0) / MINUTE - (left?.minute ?? 0)),
    ).toBeLessThanOrEqual(15);
  });

  it('ends an announcement with the exit, and does not announce a product that has just come back', () => {
    // 20 °C for 40 minutes, 3 °C after.
    const rows = outlooks((minute) => (minute === 0 ? 5 : minute <= 40 ? 20 : 3), 180);
    const [left, back] = [rows.findIndex(({ outside }) => outside), rows.findLastIndex(({ outside }) => outside) + 1];
    expect(rows[left - 1]?.announced).toBe(true);
    expect(back).toBeGreaterThan(left);
    expect(rows[back]?.product).toBeGreaterThan(7);
    expect(rows.slice(left).some(({ announced }) => announced)).toBe(false);
  });

  it('keeps an announcement in force while the product stays near its limit, and ends it when it is well inside', () => {
    // Towards 9 °C for 50 minutes, then 7.7 °C for an hour, then 5 °C.
    const rows = outlooks((minute) => (minute <= 50 ? 9 : minute <= 110 ? 7.7 : 5), 220);
    const inForce = rows.filter(({ announced }) => announced).map(({ minute }) => minute);
    expect(rows.some(({ outside }) => outside)).toBe(false);
    const [first = NaN, last = NaN] = [inForce[0], inForce.at(-1)];
    expect(inForce).toHaveLength((last - first) / 5 + 1);
    expect([first <= 50, last >= 110, last < 180]).toEqual([true, true, true]);
  });

  it('announces freezing as well', () => {
    const rows = outlooks((minute) => 5 - minute / 20, 200);
    expect(rows.some(({ announced, outside }) => announced && !outside)).toBe(true);
  });

  it('keeps quiet about a short peak of the air, and about air that stays', () => {
    expect(outlooks(() => 5, 300).some(({ announced }) => announced)).toBe(false);
    expect(outlooks((minute) => (minute === 5 ? 9.5 : 5), 120).some(({ outside }) => outside)).toBe(false);
  });

  it('gives probabilities in [0, 1] for whatever comes', () => {
    const forecast = new ExcursionForecast();
    for (const [at, air] of [
      [0, 5],
      [0, 5],
      [MINUTE, 1e9],
      [2 * MINUTE, -1e9],
      [MINUTE, 3],
      [DAY * 400, 4],
    ] as const) {
      const { probability } = forecast.step(at, air);
      expect(probability).toBeGreaterThanOrEqual(0);
      expect(probability).toBeLessThanOrEqual(1);
    }
  });
});

describe('the probability of an excursion', () => {
  it.each([5, 10, 12])('knows its errors from readings every %i seconds as from those of every minute', (seconds) => {
    expect(greatestProbability(seconds * 1_000)).toBeCloseTo(greatestProbability(MINUTE), 1);
  });

  it('knows them from readings every half hour, too: air that jumps makes an exit neither sure nor impossible', () => {
    const forecast = new ExcursionForecast();
    let greatest = 0;
    for (let index = 0; index < 96; index++) {
      const { probability, outside } = forecast.step(index * 30 * MINUTE, 5.9 + (index % 4 < 2 ? 3 : -3));
      if (index > 48 && !outside) greatest = Math.max(greatest, probability);
    }
    expect(greatest).toBeGreaterThan(0.2);
    expect(greatest).toBeLessThan(0.5);
  });
});

/** On air that swings, and rises higher with each seventh swing, after it was seen for a day. */
function greatestProbability(stepMs: number): number {
  const forecast = new ExcursionForecast();
  const swingMs = 40 * MINUTE;
  let greatest = 0;
  for (let at = 0; at < 2 * DAY; at += stepMs) {
    const higher = Math.floor(at / swingMs) % 7 === 0 ? 1.5 : 0;
    const { probability } = forecast.step(at, 6.2 + higher + 3 * Math.sin((2 * Math.PI * at) / swingMs));
    if (at > DAY) greatest = Math.max(greatest, probability);
  }
  return greatest;
}

describe('compressor health', () => {
  it('counts cycles and duty of a regular compressor', () => {
    const monitor = new CompressorHealthMonitor();
    let health = monitor.step(0, 5);
    // 60 minutes up, 30 minutes down: sixteen cycles a day, one third of the time cooled.
    for (let minute = 5; minute < 6 * 24 * 60; minute += 5) {
      const phase = minute % 90;
      health = monitor.step(minute * MINUTE, phase < 60 ? 4 + phase / 30 : 6 - (phase - 60) / 15);
    }
    expect(health.cyclesPerDay).toBeCloseTo(16, 0);
    // A turn is seen when it is certain: the steep end of cooling sooner than its begin.
    expect(health.duty).toBeGreaterThan(0.3);
    expect(health.duty).toBeLessThan(0.42);
    expect(health.daysToExhaustion).toBeNull();
  });

  it('foresees that a compressor which loses its cooling will run all the time', () => {
    const atMs = 10 * DAY;
    const fault = { kind: 'weak-compressor', atMs, magnitude: 0.6 } as const;
    const monitor = new CompressorHealthMonitor();
    const seen: { readonly at: number; readonly days: number | null; readonly duty: number }[] = [];
    let left: number | null = null;
    for (const { at, value } of simulateColdStore({ seed: 'health', days: 16, fault })) {
      const { daysToExhaustion, duty } = monitor.step(at, value);
      if (at > atMs && value > 8) left ??= at;
      if (left === null) seen.push({ at, days: daysToExhaustion, duty });
    }
    const before = seen.filter(({ at }) => at > 5 * DAY && at <= atMs);
    const during = seen.filter(({ at }) => at > atMs + 2 * DAY);
    expect(during.some(({ days }) => days !== null && days < 10)).toBe(true);
    expect(Math.max(...during.map(({ duty }) => duty))).toBeGreaterThan(Math.max(...before.map(({ duty }) => duty)));
  });
});
