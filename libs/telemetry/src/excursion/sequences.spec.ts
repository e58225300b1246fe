import { expect, it } from '@jest/globals';
import {
  carryOf,
  closeLeg,
  foldReadings,
  foldWithCheckpoints,
  legTotals,
  mergeReadings,
  packSeries,
  presetProfile,
  resumeFrom,
  startLeg,
  unpackSeries,
} from '../index.js';
import type { Excursion, FoldResult, Folded, LegState, Reading, ThermalProfile } from '../index.js';

/** A short run by default; `SEQUENCES=100000 SEED=…` for the full one or to repeat a failure. */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 5_000);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000);

const INTERVAL = 10;
const EVERY_MS = 50;
const END = 340;
const base = presetProfile('2-8').thermal;
const PROFILES: readonly ThermalProfile[] = [
  {
    ...base,
    ranges: [
      { name: 'warm', comparator: '>', limitMilliCelsius: 8000, allowedMs: 50 },
      { name: 'hot', comparator: '>=', limitMilliCelsius: 25_000, allowedMs: 20, activation: 'consecutive' },
      { name: 'cool', comparator: '<', limitMilliCelsius: 2000, allowedMs: 50 },
    ],
    freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 15 },
    humidity: { maxPermille: 600, consecutiveMs: 15 },
    gap: { allowedMs: 10, policy: 'last-value' },
    openingMs: [0, 0, 0],
  },
  {
    ...base,
    version: 2,
    combine: 'nested',
    ranges: [
      { name: 'warm', comparator: '>=', limitMilliCelsius: 8000, allowedMs: 0, activation: 'instant' },
      { name: 'hot', comparator: '>', limitMilliCelsius: 25_000, allowedMs: 20 },
    ],
    gap: { allowedMs: 10, policy: 'worst-plausible' },
    guardBandMilliCelsius: 100,
    ignoreAfterPackingMs: 40,
    openingMs: [0, 0],
  },
];
const CELSIUS = [-8000, -500, -499, 1999, 2000, 5000, 5000, 5000, 7950, 8000, 8001, 24_999, 25_000, 25_001];

/** mulberry32: a small generator whose whole state is its seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const inOrder = (result: FoldResult): Folded => {
  if (result.late) throw new Error(`late at ${result.at}`);
  return result;
};
const start = (): LegState => startLeg(PROFILES, { startedAt: 0, intervalMs: INTERVAL, leadMs: 0, packedAt: 0 });

interface Leg {
  readonly state: LegState;
  readonly closed: readonly Excursion[];
  readonly open: readonly Excursion[];
}

/** What a leg is, in one text: its state, and its excursions in an order of their own. */
function textOf({ state, closed, open }: Leg): string {
  const key = ({ profile, rule, openedAt }: Excursion): string => `${profile} ${rule} ${openedAt}`;
  const { profiles: _profiles, ...own } = state;
  return JSON.stringify([own, [...closed, ...open].sort((one, other) => (key(one) < key(other) ? -1 : 1))]);
}

/** As it is read back from a database. The profiles stay one object: reading them again and again is slow. */
const stored = ({ profiles, ...state }: LegState): LegState => ({
  ...(JSON.parse(JSON.stringify(state)) as LegState),
  profiles,
});

/** An evaluator that keeps a state and checkpoints, and reads again what it has to. */
class Evaluator {
  private readonly readings: Reading[] = [];
  private state = start();
  private readonly checkpoints = new Map<number, LegState>();
  private closed: readonly Excursion[] = [];
  private open: readonly Excursion[] = [];

  arrive(frames: readonly Buffer[]): void {
    const news = frames.flatMap((frame) => [...unpackSeries(frame)]);
    this.readings.push(...news);
    const states = [this.state, ...this.checkpoints.values()];
    const from = resumeFrom(states, Math.min(...news.map(({ at }) => at)));
    const after = from?.evaluatedTo ?? -1;
    const again = this.readings.filter(({ at }) => at > after);
    const folded = foldWithCheckpoints(from ?? start(), mergeReadings(again), EVERY_MS);
    if (folded.late) throw new Error(`late at ${folded.at}`);
    for (const at of this.checkpoints.keys()) if (at > after) this.checkpoints.delete(at);
    for (const checkpoint of folded.checkpoints) {
      if (checkpoint.evaluatedTo !== null) this.checkpoints.set(checkpoint.evaluatedTo, stored(checkpoint));
    }
    this.closed = [...this.closed.filter(({ closedAt }) => (closedAt ?? 0) <= after), ...folded.closed];
    this.open = folded.open;
    this.state = stored(folded.state);
  }

  leg(): Leg {
    return { state: this.state, closed: this.closed, open: this.open };
  }
}

/** One sequence: readings, cut into frames of its own grouping, repeated, permuted, and delivered in groups. */
function checkSequence(seed: number): void {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const readings = Array.from({ length: 1 + below(40) }, (): Reading => {
    const humidityPermille = below(3) === 0 ? [500, 600, 601, 900][below(4)]! : null;
    return { at: below(300), milliCelsius: CELSIUS[below(CELSIUS.length)]!, humidityPermille };
  });
  const atOnce = inOrder(foldReadings(start(), mergeReadings(readings)));
  const order = [...readings, ...readings.filter(() => below(4) === 0)];
  // Half of the deliveries come nearly in order, as from a gateway; the others in any order.
  const jitter = seed % 2 === 0 ? 20 : 1000;
  const weights = new Map(order.map((reading) => [reading, reading.at + random() * jitter]));
  order.sort((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0));
  const frames: Buffer[] = [];
  for (let at = 0; at < order.length;) {
    const size = 1 + below(12);
    frames.push(packSeries('LOG', order.slice(at, at + size)).data);
    at += size;
  }
  const evaluator = new Evaluator();
  for (let at = 0; at < frames.length;) {
    const size = 1 + below(3);
    const group = frames.slice(at, at + size);
    evaluator.arrive(below(5) === 0 ? [...group, ...group] : group);
    at += size;
  }
  if (textOf(evaluator.leg()) !== textOf(atOnce)) {
    throw new Error(`sequence ${seed}: ${textOf(evaluator.leg())} instead of ${textOf(atOnce)}`);
  }
  checkSplit(
    readings,
    [below(300), below(300)].sort((one, other) => one - other),
    seed,
  );
}

/** Whoever had the unit when: the legs' times add up to the whole, to the ms, also over gaps that are charged. */
function checkSplit(readings: readonly Reading[], cuts: readonly number[], seed: number): void {
  // What is plausible is known per leg only, and a first reading's past too: with the last value alone all adds up.
  const profiles = PROFILES.slice(0, 1);
  const legOver = (from: number, to: number, carry: ReturnType<typeof carryOf> | null): LegState => {
    const begun = startLeg(profiles, { startedAt: from, intervalMs: INTERVAL, leadMs: 0, carry });
    const own = readings.filter(({ at }) => at >= from && at < to);
    return inOrder(closeLeg(inOrder(foldReadings(begun, mergeReadings(own))).state, to)).state;
  };
  const whole = legTotals(legOver(0, END, null)).exposures[0];
  let carry: ReturnType<typeof carryOf> | null = null;
  let from = 0;
  const used = [0, 0, 0];
  for (const to of [...cuts, END]) {
    const state = legOver(from, to, carry);
    legTotals(state).exposures[0]?.usedMs.forEach((ms, range) => (used[range] = (used[range] ?? 0) + ms));
    carry = carryOf(state);
    from = to;
  }
  if (JSON.stringify(used) !== JSON.stringify(whole?.usedMs)) {
    throw new Error(
      `sequence ${seed}, cut at ${cuts.join(', ')}: ${used.join(' ')} instead of ${whole?.usedMs.join(' ')}`,
    );
  }
}

it(`ends in one state over ${SEQUENCES} sequences from seed ${SEED}`, () => {
  for (let sequence = 0; sequence < SEQUENCES; sequence++) checkSequence(SEED + sequence);
  expect(SEQUENCES).toBeGreaterThan(0);
}, 3_600_000);
