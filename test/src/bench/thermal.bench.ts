import {
  addSamplesOfRow,
  ascendingSamples,
  closeLeg,
  foldReadings,
  foldWithCheckpoints,
  type LegState,
  mergeReadings,
  type MktResult,
  MktStream,
  packSeries,
  presetProfile,
  type Reading,
  type Sample,
  resumeFrom,
  startLeg,
  unpackSeries,
} from '@coldchain/telemetry';
import { type BenchContext, ROUNDS } from './bench.js';
import { EvaluatorLoad } from './thermal/evaluator-load.js';
import type { Measured } from './report.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NO_SINGLE = { at: new Date(0), milliCelsius: null, humidityPermille: null };
const { thermal } = presetProfile('2-8');

/** Readings every minute: a fridge that swings around 5 °C, with a door that is open now and then. */
function minutes(count: number, from = 0): Reading[] {
  let seed = 20_261_125;
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 4_294_967_296;
  };
  return Array.from({ length: count }, (_, minute) => {
    const swing = 5000 + 1500 * Math.sin(minute / 20) + (random() < 0.01 ? 4000 : 0);
    return { at: from + minute * MINUTE, milliCelsius: Math.round(swing / 100) * 100, humidityPermille: null };
  });
}

const start = (): LegState => startLeg([thermal], { startedAt: 0, intervalMs: MINUTE, leadMs: 0 });

/** Series of a frame each, as they are stored. */
function framesOf(readings: readonly Reading[], size: number): Buffer[] {
  return Array.from({ length: Math.ceil(readings.length / size) }, (_, frame) => {
    return packSeries('LOG', readings.slice(frame * size, (frame + 1) * size)).data;
  });
}

/** As the evaluator reads them. */
function samplesOf(frames: readonly Buffer[]): readonly Sample[] {
  const samples: Sample[] = [];
  for (const data of frames) addSamplesOfRow({ data, ...NO_SINGLE }, samples, -1, Infinity);
  return ascendingSamples(samples);
}

/** ms of processor time that work took: it waits for nothing, and others on the machine do not count. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The engine alone, from stored bytes to state: what an evaluator adds to it is transactions. */
function inOrder(frames: readonly Buffer[]): number {
  let state = start();
  for (let at = 0; at < frames.length; at += 24) {
    const folded = foldWithCheckpoints(state, samplesOf(frames.slice(at, at + 24)));
    if (folded.late) throw new Error('late');
    state = folded.state;
  }
  return state.readings;
}

/** Every tenth frame comes a hundred frames late: what follows it is folded again from the checkpoint of its day. */
function withLate(frames: readonly Buffer[]): number {
  const arriving = frames
    .map((data, index) => ({ data, at: index % 10 === 5 ? index + 100 : index }))
    .sort((one, other) => one.at - other.at);
  const stored: (readonly Reading[])[] = [];
  let state = start();
  const checkpoints: LegState[] = [];
  for (let at = 0; at < arriving.length; at += 24) {
    const news = arriving.slice(at, at + 24).map(({ data }) => unpackSeries(data));
    stored.push(...news);
    const earliest = Math.min(...news.map((readings) => readings[0]?.at ?? Infinity));
    const from = resumeFrom([state, ...checkpoints], earliest) ?? start();
    const after = from.evaluatedTo ?? -1;
    const again = stored.filter((readings) => (readings.at(-1)?.at ?? 0) > after).flat();
    const folded = foldWithCheckpoints(from, mergeReadings(again.filter((reading) => reading.at > after)));
    if (folded.late) throw new Error('late');
    state = folded.state;
    checkpoints.push(...folded.checkpoints);
  }
  return state.readings;
}

function recomputed(frames: readonly Buffer[], endedAt: number): number {
  const folded = foldReadings(start(), samplesOf(frames));
  const closed = folded.late ? folded : closeLeg(folded.state, endedAt);
  if (closed.late) throw new Error('late');
  return closed.state.readings;
}

function mktOf(readings: readonly Reading[]): MktResult {
  if (thermal.mkt === undefined) throw new Error('the preset has a rule');
  const stream = new MktStream(thermal.mkt, thermal, 83.144, 0);
  for (const { at, milliCelsius } of readings) stream.hold(milliCelsius, milliCelsius, at + MINUTE);
  return stream.result();
}

const perSecond = (count: number, ms: number): number => (count * 1000) / ms;

/**
 * The evaluator: its engine from stored bytes, in order and with a tenth of the frames late; a leg of 90 days recomputed;
 * mean kinetic temperature; then the running evaluator over PostgreSQL.
 */
export default async function thermalBench({ report, quick }: BenchContext): Promise<void> {
  const rounds = quick ? 1 : ROUNDS;
  const readings = minutes(quick ? 30_000 : 500_000);
  const frames = framesOf(readings, 60);
  const quarter = framesOf(minutes(90 * 24 * 60), 60);
  const decoded = (list: readonly Buffer[]): number =>
    list.reduce((count, frame) => count + unpackSeries(frame).length, 0);
  // What the compiler has seen once.
  inOrder(frames.slice(0, 500));
  withLate(frames.slice(0, 500));
  recomputed(quarter, 90 * DAY);

  const measured = (subject: () => number, baseline: () => number): Measured[] =>
    Array.from({ length: rounds }, () => {
      let count = 0;
      const value = timed(() => (count = subject()));
      let decodedCount = 0;
      const decoding = timed(() => (decodedCount = baseline()));
      return { value: perSecond(count, value), baseline: perSecond(decodedCount, decoding) };
    });
  report.note('the engine in processor time; baselines: unpacking the same bytes and nothing else');
  report.figure(
    'engine from stored series, in order',
    'readings/s',
    measured(
      () => inOrder(frames),
      () => decoded(frames),
    ),
  );
  report.figure(
    'engine from stored series, 10 % of frames 100 frames late',
    'readings/s',
    measured(
      () => withLate(frames),
      () => decoded(frames),
    ),
  );
  report.figure(
    'leg of 90 days at 1 minute recomputed from stored series',
    'ms',
    Array.from({ length: quick ? 1 : 9 }, () => ({
      value: timed(() => recomputed(quarter, 90 * DAY)),
      baseline: timed(() => decoded(quarter)),
    })),
  );
  report.figure(
    'mean kinetic temperature over windows of 24 h, streamed',
    'readings/s',
    Array.from({ length: rounds }, () => ({
      value: perSecond(
        readings.length,
        timed(() => mktOf(readings)),
      ),
    })),
  );
  await evaluatorFigures({ report, quick });
}

/** The same through PostgreSQL: readings that lie there are drained by the running evaluator. */
async function evaluatorFigures({ report, quick }: Pick<BenchContext, 'report' | 'quick'>): Promise<void> {
  const load = await EvaluatorLoad.open(quick ? 3 : 20);
  try {
    const cases = [
      { name: 'a week of each leg, in order', latePercent: 0 },
      { name: 'day by day, 10 % late', latePercent: 10 },
    ];
    for (const { name, latePercent } of cases) {
      const drained = [];
      for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
        drained.push(await load.drain(quick ? 1_440 : 10_080, latePercent));
      }
      const title = `evaluator over PostgreSQL, ${name}`;
      report.figure(
        title,
        'readings/s',
        drained.map(({ perSecond: value }) => ({ value })),
      );
      const perProcessor = drained.map(({ perProcessorSecond: value }) => ({ value }));
      report.figure(`${title}, by its own processor time`, 'readings/s', perProcessor);
      const both = drained.flatMap(({ perSecondOfBoth: value }) => (value === null ? [] : [{ value }]));
      if (both.length > 0) report.figure(`${title}, by its own and PostgreSQL's`, 'readings/s', both);
    }
  } finally {
    await load.close();
  }
}
