import { SeededRandom } from '@coldchain/kernel';
import { MOSQUITTO } from '../support/mosquitto.js';
import { type BenchContext, ROUNDS } from './bench.js';
import { copyRows } from './ingest/copy-rows.js';
import { drain, type DrainCase, type Drained } from './ingest/drain.js';
import { emptyHandler } from './ingest/empty-handler.js';
import { IngestWorld } from './ingest/ingest-world.js';
import { latencies } from './ingest/latency.js';
import { live, type LivePath } from './ingest/live.js';
import { benchKeys, load, type LoadMessage } from './ingest/load.js';
import { comparePeers, PEERS } from './ingest/peers/compare-peers.js';
import { allCpu, type Throughput } from './ingest/usage.js';
import type { Measured, Report } from './report.js';

const GATEWAYS = 1_000;
const READINGS = 60;
const DAY = 86_400_000;
const FULL = {
  frames: 60_000,
  peerFrames: 60_000,
  singles: 200_000,
  rates: [100, 1_000, 10_000],
  seconds: 5,
  rounds: ROUNDS,
};
const QUICK = { frames: 3_000, peerFrames: 30_000, singles: 10_000, rates: [100], seconds: 2, rounds: 1 };
const CASES = ['frames', 'signed', 'signed-es256', 'late', 'singles', 'singles-mqtt.js', 'live', 'latency'] as const;
type CaseName = (typeof CASES)[number];
type DrainName = Exclude<CaseName, 'live' | 'latency'>;

/**
 * Ingest with everything that accepting does. Messages wait in the queue of a Mosquitto, then the subscriber connects
 * ("drain"): beside an empty MQTT.js handler, and frames beside COPY of a row per reading. Then many publishers at once
 * ("live"), and the time to the acknowledgements at fixed rates. Each side of a pair by turns; a count in the tables that
 * differs from what was sent ends the run. With `--peers` frames are also drained by what others use, in the same run.
 */
export default async function ingestBench({ report, quick, peers, only }: BenchContext): Promise<void> {
  const size = quick ? QUICK : FULL;
  const wanted = CASES.filter((name) => only === null || only.includes(name));
  const others = peers ? PEERS.filter(({ name }) => only === null || only.includes(name)) : [];
  if (wanted.length + others.length === 0)
    throw new RangeError(`--only takes of: ${[...CASES, ...(peers ? PEERS.map(({ name }) => name) : [])].join(', ')}`);
  const world = await IngestWorld.open(GATEWAYS);
  try {
    report.note(await world.settings());
    if (MOSQUITTO === null) report.note('SKIPPED drain and live: mosquitto is not installed');
    else {
      await throughBroker(world, report, size, wanted);
      if (others.length > 0) await comparePeers(world, report, others, { ...peerLoad(size), rounds: size.rounds });
    }
    if (wanted.includes('latency')) await latencies(world, report, size);
  } finally {
    await world.close();
  }
}

function peerLoad({ peerFrames }: typeof FULL): {
  readonly messages: readonly LoadMessage[];
  readonly readings: number;
} {
  const frames = { gateways: GATEWAYS, from: today(), messages: peerFrames, readings: READINGS };
  return { messages: load({ ...frames, boot: 'peers' }), readings: READINGS };
}

/** What the rounds of one case measured. */
interface Round {
  readonly drained: Drained;
  readonly empty: Throughput;
  /** Only of frames. */
  readonly copied: Throughput | null;
}

async function throughBroker(
  world: IngestWorld,
  report: Report,
  size: typeof FULL,
  wanted: readonly CaseName[],
): Promise<void> {
  const cases = drainCases(size, wanted);
  const found = new Map<DrainName, Round[]>();
  const lively = new Map<LivePath, LiveRound[]>();
  const singles = wanted.includes('live') ? singlesOf(size, 'live') : [];
  for (let round = 1; round <= size.rounds; round++) {
    for (const [name, of] of cases) {
      const empty = await emptyHandler(world, of.messages);
      const copied = name === 'frames' ? await copyRows(world, of.messages, of.readings) : null;
      const drained = await drain(world, of);
      found.set(name, [...(found.get(name) ?? []), { drained, empty, copied }]);
      report.note(`round ${round}, ${name}: ${messagesOf(drained)}, empty handler ${messagesOf(empty)}`);
      if (copied !== null) report.note(`round ${round}, ${name}: COPY ${messagesOf(copied)}`);
      const rows = new Set(of.messages).size * of.readings;
      report.note(`round ${round}, ${name}: ${rows} readings sent, ${rows} in the tables of each side that has tables`);
    }
    if (singles.length > 0) {
      const empty = await live(world, singles, 'empty');
      for (const path of LIVE_PATHS) {
        const stored = await live(world, singles, path);
        lively.set(path, [...(lively.get(path) ?? []), { stored, empty }]);
        report.note(`round ${round}, live ${LIVE_TITLES[path]}: ${messagesOf(stored)}, empty ${messagesOf(empty)}`);
      }
    }
  }
  for (const [name, of] of cases) figuresOf(report, name, of, found.get(name) ?? []);
  const clean = found.get('frames') ?? [];
  for (const name of ['signed', 'signed-es256', 'late'] as const) {
    const rounds = found.get(name);
    if (rounds === undefined || clean.length === 0) continue;
    const pairs = rounds.map(({ drained }, round) => ({
      value: drained.perSecond,
      baseline: clean[round]?.drained.perSecond ?? Number.NaN,
    }));
    report.figure(`${TITLES[name]}: beside clean frames`, 'messages/s', pairs);
    const costs = rounds.map(({ drained }, round) => ({
      value: allCpu(drained),
      baseline: allCpu(clean[round]?.drained ?? drained),
    }));
    report.figure(`${TITLES[name]}: processor time of all, beside clean frames`, 'µs/message', costs);
  }
  for (const [path, rounds] of lively) liveFigures(report, path, rounds);
}

/** What the rounds of one way measured. */
interface LiveRound {
  readonly stored: Throughput;
  /** The same gateways through a broker to an empty subscriber. */
  readonly empty: Throughput;
}

function liveFigures(report: Report, path: LivePath, rounds: readonly LiveRound[]): void {
  const title = `single readings, live ${LIVE_TITLES[path]}`;
  const rates = rounds.map(({ stored, empty }) => ({ value: stored.perSecond, baseline: empty.perSecond }));
  report.figure(`${title}: beside an empty subscriber`, 'messages/s', rates);
  const costs = rounds.map(({ stored, empty }) => ({ value: allCpu(stored), baseline: allCpu(empty) }));
  report.figure(`${title}: processor time but for gateways, beside an empty subscriber`, 'µs/message', costs);
}

const LIVE_PATHS = ['behind-broker', 'packets', 'aedes'] as const satisfies readonly LivePath[];
const LIVE_TITLES: Readonly<Record<LivePath, string>> = {
  empty: 'into nothing',
  'behind-broker': 'behind a broker',
  packets: 'to ingest itself',
  aedes: 'to ingest itself by aedes',
};

const TITLES: Readonly<Record<DrainName, string>> = {
  frames: `frames of ${READINGS}`,
  signed: `frames of ${READINGS}, signed (Ed25519)`,
  'signed-es256': `frames of ${READINGS}, signed (ES256)`,
  late: `frames of ${READINGS}, a tenth twice and a tenth late`,
  singles: 'single readings',
  'singles-mqtt.js': 'single readings by MQTT.js',
};

function figuresOf(report: Report, name: DrainName, { readings }: DrainCase, rounds: readonly Round[]): void {
  const figure = (what: string, unit: string, of: (round: Round) => Measured): void =>
    void report.figure(`${TITLES[name]}: ${what}`, unit, rounds.map(of));
  const rate = (one: Throughput, other: Throughput | null): Measured => ({
    value: one.perSecond * readings,
    ...(other === null ? {} : { baseline: other.perSecond * readings }),
  });
  const cpu = (one: Throughput, other: Throughput | null): Measured => ({
    value: allCpu(one),
    ...(other === null ? {} : { baseline: allCpu(other) }),
  });
  figure('drain, beside an empty handler', 'readings/s', ({ drained, empty }) => rate(drained, empty));
  figure('processor time of all, beside an empty handler', 'µs/message', ({ drained, empty }) => cpu(drained, empty));
  if (name === 'frames') {
    const besides = 'beside COPY of a row per reading';
    figure(`drain, ${besides}`, 'readings/s', ({ drained, copied }) => rate(drained, copied));
    figure(`processor time of all, ${besides}`, 'µs/message', ({ drained, copied }) => cpu(drained, copied));
  }
  figure('processor time of ingest', 'µs/message', ({ drained }) => ({ value: drained.subscriberCpu }));
  figure('processor time of PostgreSQL', 'µs/message', ({ drained }) => ({ value: drained.serverCpu }));
  figure('processor time of the broker', 'µs/message', ({ drained }) => ({ value: drained.brokerCpu }));
  figure('peak memory of ingest', 'MB', ({ drained }) => ({ value: drained.memory }));
  figure('on the disk', 'bytes/reading', ({ drained }) => ({ value: drained.bytesPerReading }));
}

function messagesOf(one: Throughput): string {
  return `${Math.round(one.perSecond)} messages/s, ${Math.round(allCpu(one))} µs of processor time each`;
}

function drainCases(size: typeof FULL, wanted: readonly CaseName[]): readonly (readonly [DrainName, DrainCase])[] {
  const frames = { gateways: GATEWAYS, from: today(), messages: size.frames, readings: READINGS };
  const keys = { signed: benchKeys('Ed25519'), 'signed-es256': benchKeys('ES256') };
  const made: Readonly<Record<DrainName, () => LoadMessage[]>> = {
    frames: () => load({ ...frames, boot: 'frames' }),
    signed: () => load({ ...frames, boot: 'signed', keys: keys.signed }),
    'signed-es256': () => load({ ...frames, boot: 'signed-es256', keys: keys['signed-es256'] }),
    late: () => withDuplicatesAndLate(load({ ...frames, boot: 'late' })),
    singles: () => singlesOf(size, 'singles'),
    'singles-mqtt.js': () => singlesOf(size, 'singles'),
  };
  const cases: [DrainName, DrainCase][] = [];
  for (const name of wanted) {
    if (name === 'live' || name === 'latency') continue;
    cases.push([
      name,
      {
        messages: made[name](),
        readings: name.startsWith('singles') ? 1 : READINGS,
        client: name === 'singles-mqtt.js' ? 'mqtt.js' : 'packets',
        keys: name === 'signed' || name === 'signed-es256' ? keys[name] : null,
      },
    ]);
  }
  return cases;
}

function singlesOf(size: typeof FULL, boot: string): LoadMessage[] {
  return load({ gateways: GATEWAYS, from: today(), boot, messages: size.singles, readings: 1 });
}

/** Some days back, so that all that follows is in the past. */
function today(): number {
  return Math.floor(Date.now() / DAY) * DAY - 5 * DAY;
}

/** A tenth comes twice, a tenth much later than its neighbours. */
function withDuplicatesAndLate(messages: readonly LoadMessage[]): LoadMessage[] {
  const random = new SeededRandom('duplicates and late');
  const late: LoadMessage[] = [];
  const sent: LoadMessage[] = [];
  for (const message of messages) {
    const place = random.unit();
    if (place < 0.1) late.push(message);
    else sent.push(message);
    if (place > 0.9) sent.push(message);
  }
  return [...sent, ...late];
}
