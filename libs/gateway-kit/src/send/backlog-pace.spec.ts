import { describe, expect, it } from '@jest/globals';
import { BacklogPace } from './backlog-pace.js';

const SECOND = 1_000;

/** How many go in so many seconds, looked at each 50 ms, when a confirmation each time takes so long. */
function sent(pace: BacklogPace, from: number, seconds: number, tookMs: number): number {
  let count = 0;
  for (let now = from; now < from + seconds * SECOND; now += 50) {
    while (pace.take(now)) count++;
    pace.confirmed(tookMs, now);
  }
  return count;
}

describe('BacklogPace', () => {
  it('goes at the full rate while confirmations are quick', () => {
    const pace = new BacklogPace(10);
    pace.connected(0);
    expect(sent(pace, 0, 10, 8)).toBeGreaterThanOrEqual(99);
  });

  it('gives way when they come late, never stops, and comes back slowly', () => {
    const pace = new BacklogPace(10);
    pace.connected(0);
    sent(pace, 0, 10, 8);
    const late = sent(pace, 11 * SECOND, 10, 60);
    expect([late >= 19, late <= 30]).toEqual([true, true]);
    expect(sent(pace, 21 * SECOND, 2, 9)).toBeLessThan(10);
    sent(pace, 23 * SECOND, 8, 9);
    expect(sent(pace, 31 * SECOND, 10, 9)).toBeGreaterThanOrEqual(99);
  });

  it('takes a long way for what it is, and a way that became longer after a while', () => {
    const pace = new BacklogPace(10);
    pace.connected(0);
    expect(sent(pace, 0, 10, 700)).toBeGreaterThanOrEqual(99);
    sent(pace, 10 * SECOND, 5, 1_400);
    expect(sent(pace, 15 * SECOND, 10, 1_400)).toBeLessThanOrEqual(21);
    sent(pace, 25 * SECOND, 11 * 60, 1_400);
    expect(sent(pace, 700 * SECOND, 10, 1_400)).toBeGreaterThanOrEqual(99);
    pace.connected(710 * SECOND);
    expect(sent(pace, 710 * SECOND, 10, 3_000)).toBeGreaterThanOrEqual(99);
  });

  it('holds nothing where no rate is asked for', () => {
    const pace = new BacklogPace(Infinity);
    pace.connected(0);
    pace.confirmed(1, 0);
    pace.confirmed(60_000, 0);
    expect(Array.from({ length: 1_000 }, () => pace.take(0))).not.toContain(false);
  });
});
