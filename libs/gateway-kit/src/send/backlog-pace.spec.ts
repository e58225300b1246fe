import { describe, expect, it, jest } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import { BacklogPace } from './backlog-pace.js';

const SECOND = 1_000;

/** How many go in so many seconds, looked at each 50 ms, when a confirmation each time takes so long. */
function sent(pace: BacklogPace, from: number, seconds: number, tookMs: number): number {
  let count = 0;
  for (let now = from; now < from + seconds * SECOND; now += 50) {
    while (pace.take(now)) count++;
    pace.confirmed(tookMs, now, false);
  }
  return count;
}

/** How many go in two minutes with four on their way at most, each confirmed after what is drawn for it. */
function sentOver(pace: BacklogPace, from: number, draw: () => number): number {
  let [count, flights] = [0, [] as { readonly at: number; readonly end: number }[]];
  for (let now = from; now < from + 120 * SECOND; now += 10) {
    const due = flights.filter(({ end }) => end <= now).sort((one, other) => one.end - other.end);
    flights = flights.filter(({ end }) => end > now);
    for (const { at, end } of due) pace.confirmed(end - at, end, false);
    while (flights.length < 4 && pace.take(now)) {
      flights.push({ at: now, end: now + draw() });
      count++;
    }
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

  describe('on a mobile way', () => {
    const seed = jest.getSeed();
    process.stderr.write(`backlog-pace seed: ${seed}\n`);
    /** Live frames each minute, while no backlog was there: more than the hour that it takes to know the way. */
    const known = (pace: BacklogPace, draw: () => number): number => {
      pace.connected(0);
      for (let minute = 1; minute <= 64; minute++) pace.confirmed(draw(), minute * 60 * SECOND, true);
      const back = 65 * 60 * SECOND;
      pace.connected(back);
      return back;
    };

    it.each([50, 100, 150, 200])(
      'that is uneven by up to %i ms goes at more than half of the full rate',
      (jitterMs) => {
        const random = new SeededRandom(`mobile-${jitterMs}-${seed}`);
        const draw = (): number => 60 + random.unit() * jitterMs;
        const pace = new BacklogPace(10);
        expect(sentOver(pace, known(pace, draw), draw)).toBeGreaterThan(120 * 5);
      },
    );

    it('gives way when even the quickest of many confirmations is late', () => {
      const random = new SeededRandom(`queueing-${seed}`);
      let queuedMs = 0;
      const draw = (): number => 60 + queuedMs + random.unit() * 100;
      const pace = new BacklogPace(10);
      const back = known(pace, draw);
      sentOver(pace, back, draw);
      queuedMs = 120;
      expect(sentOver(pace, back + 120 * SECOND, draw)).toBeLessThan(120 * 3);
    });
  });

  it('holds nothing where no rate is asked for', () => {
    const pace = new BacklogPace(Infinity);
    pace.connected(0);
    pace.confirmed(1, 0, false);
    pace.confirmed(60_000, 0, false);
    expect(Array.from({ length: 1_000 }, () => pace.take(0))).not.toContain(false);
  });
});
