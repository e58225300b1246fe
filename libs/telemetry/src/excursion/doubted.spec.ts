import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import { type DoubtedSource, doubtedSpans } from './doubted.js';
import { lengthOf } from './spans.js';

const source = (times: readonly number[], members: Partial<DoubtedSource> = {}): DoubtedSource => ({
  samples: times.map((at) => ({ at, low: 5_000, high: 5_000 })),
  intervalMs: 10,
  from: 0,
  to: null,
  vouchesFrom: null,
  secondedFrom: null,
  vouchesUntil: null,
  ...members,
});
const every = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 10 }, (_, place) => from + place * 10);
const TIME = { from: 0, to: 100 };
const doubtedMs = (...sources: readonly DoubtedSource[]): number => lengthOf(doubtedSpans(sources, TIME, []));

describe('doubtedSpans', () => {
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
    ['one that was claimed later', [source(every(0, 100), { vouchesFrom: 60 })], 60],
    ['a reading from before it vouches shows nothing', [source(every(0, 100), { vouchesFrom: 65 })], 70],
    ['both at once', [source(every(0, 100), { vouchesFrom: 30, vouchesUntil: 50 })], 80],
  ])('%s', (_name, sources, expected) => {
    expect(doubtedMs(...sources)).toBe(expected);
  });

  it('says which times these are', () => {
    const claimed = source(every(0, 100), { vouchesFrom: 30, vouchesUntil: 50 });
    expect(doubtedSpans([claimed], TIME, [])).toEqual([
      [0, 30],
      [50, 100],
    ]);
  });

  it('has none where packaging vouches', () => {
    expect(doubtedSpans([source(every(0, 100), { vouchesUntil: 0 })], TIME, [[-20, 70]])).toEqual([[70, 100]]);
  });
});

describe('a source that was claimed later', () => {
  const claimed = source(every(0, 100), { vouchesFrom: 80, secondedFrom: 20 });
  const left = (times: readonly number[], members: Partial<DoubtedSource> = {}): DoubtedSource =>
    source(times, { vouchesUntil: 20, to: 90, ...members });

  it.each<[string, readonly DoubtedSource[], number]>([
    ['is seconded by what goods are said to have left', [claimed, left(every(0, 90))], 0],
    ['not where that is silent', [claimed, left([...every(0, 40), ...every(60, 90)])], 20],
    ['not where one of several is silent', [claimed, left(every(0, 90)), left(every(0, 50))], 30],
    ['not before it may be', [claimed, left(every(0, 90), { vouchesUntil: 0 })], 20],
    ['not when nothing may second it', [{ ...claimed, secondedFrom: null }, left(every(0, 90))], 60],
    ['not by another claim', [claimed, { ...claimed }], 80],
    ['not by one that was claimed itself by then', [claimed, left(every(0, 90), { vouchesFrom: 70 })], 70],
    [
      'not where another claim is silent that they are said to have left since',
      [claimed, left(every(0, 90)), left([...every(0, 40), ...every(60, 90)], { vouchesFrom: 70 })],
      20,
    ],
    ['not after it was left itself', [{ ...claimed, vouchesUntil: 50 }, left(every(0, 90))], 50],
  ])('%s', (_name, sources, expected) => {
    expect(doubtedMs(...sources)).toBe(expected);
  });
});

describe('claims and words', () => {
  const SEED = process.env['SEED'] ?? '20261127';
  it(`only ever add to what is doubted of the same readings (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    const draw = (most: number): number => Math.floor(random.unit() * most);
    for (let round = 0; round < 2_000; round++) {
      const sources = Array.from({ length: 1 + draw(3) }, () => {
        const from = draw(60);
        return source(
          every(0, 100).filter(() => random.unit() < 0.8),
          { from, to: random.unit() < 0.5 ? null : from + draw(60) },
        );
      });
      const before = doubtedMs(...sources);
      const place = draw(sources.length);
      const one = sources[place] as DoubtedSource;
      const vouchesFrom = one.from + 1 + draw(50);
      const doubted = sources.with(
        place,
        random.unit() < 0.5 ? { ...one, vouchesFrom } : { ...one, vouchesUntil: vouchesFrom },
      );
      expect([round, before]).toEqual([round, 0]);
      expect(doubtedMs(...doubted)).toBeGreaterThanOrEqual(before);
      expect(doubtedMs(...doubted, source(every(0, 100)))).toBe(0);
    }
  });
});
