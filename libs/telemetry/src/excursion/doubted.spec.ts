import { describe, expect, it } from '@jest/globals';
import { doubtedMs, type DoubtedSource } from './doubted.js';

const source = (times: readonly number[], members: Partial<DoubtedSource> = {}): DoubtedSource => ({
  samples: times.map((at) => ({ at, low: 5_000, high: 5_000 })),
  intervalMs: 10,
  from: 0,
  to: null,
  vouchesUntil: null,
  ...members,
});
const every = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 10 }, (_, place) => from + place * 10);
const TIME = { from: 0, to: 100 };

describe('doubtedMs', () => {
  it.each<[string, readonly DoubtedSource[], number]>([
    ['sources that nobody doubts', [source(every(0, 100))], 0],
    ['one that is doubted since', [source(every(0, 100), { vouchesUntil: 35 })], 65],
    ['no more than it speaks for', [source([0, 60], { vouchesUntil: 35 })], 10],
    ['no more than up to its end', [source(every(0, 100), { vouchesUntil: 35, to: 50 })], 15],
    ['what another one speaks for is not doubted', [source(every(0, 100), { vouchesUntil: 0 }), source([20])], 90],
    [
      'two that are doubted say it once',
      [source(every(0, 50), { vouchesUntil: 0 }), source(every(30, 100), { vouchesUntil: 40 })],
      90,
    ],
    ['one that was doubted all the time', [source(every(-100, 100), { from: -100, vouchesUntil: -100 })], 100],
  ])('%s', (_name, sources, expected) => {
    expect(doubtedMs(sources, TIME, [])).toBe(expected);
  });

  it('is none where packaging vouches', () => {
    expect(doubtedMs([source(every(0, 100), { vouchesUntil: 0 })], TIME, [[-20, 70]])).toBe(30);
  });
});
