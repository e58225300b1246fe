import mqtt from 'mqtt';
import { SeededRandom } from '@coldchain/kernel';
import { Mosquitto, MOSQUITTO } from '../support/mosquitto.js';
import { freePort } from '@coldchain/deploy-local';
import { type BenchContext, ROUNDS } from './bench.js';
import { BENCH_PASSWORD, cpuMicroseconds, IngestWorld, peakMemory, stopIngest } from './ingest/ingest-world.js';
import { benchKeys, load, type LoadMessage } from './ingest/load.js';
import { RawPublisher } from './ingest/raw-publisher.js';
import type { Measured, Report } from './report.js';
import { quantile } from './statistics.js';

const GATEWAYS = 1_000;
const READINGS = 60;
const DAY = 86_400_000;
const CLIENT = 'bench-ingest';
const FULL = { frames: 30_000, singles: 200_000, rates: [100, 1_000, 10_000], seconds: 5 };
const QUICK = { frames: 3_000, singles: 10_000, rates: [100], seconds: 2 };

/**
 * Ingest with everything that accepting does, against an empty MQTT.js handler on the same Mosquitto: messages wait in the
 * broker's queue, then the subscriber connects ("drain"). Then PUBACK after COMMIT at the embedded broker, for latency.
 */
export default async function ingestBench({ report, quick }: BenchContext): Promise<void> {
  const size = quick ? QUICK : FULL;
  const rounds = quick ? 1 : ROUNDS;
  const world = await IngestWorld.open(GATEWAYS);
  try {
    if (MOSQUITTO === null) report.note('SKIPPED drain: mosquitto is not installed');
    else await drains(world, report, size, rounds);
    await latencies(world, report, size);
  } finally {
    await world.close();
  }
}

interface Drained {
  readonly perSecond: number;
  readonly cpuPerMessage: number;
  readonly serverCpuPerMessage: number;
  readonly memory: number;
  readonly bytesPerReading: number;
}

async function drains(world: IngestWorld, report: Report, size: typeof FULL, rounds: number): Promise<void> {
  const { publicKey, privateKey } = benchKeys();
  await world.owner.query(
    `INSERT INTO gateway_key (gateway_id, kid, algorithm, public_key) SELECT id, 'bench', 'Ed25519', $1 FROM gateway`,
    [publicKey.export({ format: 'der', type: 'spki' })],
  );
  const from = Math.floor(Date.now() / DAY) * DAY - 5 * DAY;
  const common = { gateways: GATEWAYS, from };
  const frames = load({ ...common, boot: 'frames', messages: size.frames, readings: READINGS });
  const signed = load({ ...common, boot: 'signed', messages: size.frames, readings: READINGS, key: privateKey });
  const singles = load({ ...common, boot: 'singles', messages: size.singles, readings: 1 });
  const cases = {
    frames: { messages: frames, readings: READINGS },
    signed: { messages: signed, readings: READINGS },
    'duplicates and late': { messages: withDuplicatesAndLate(frames), readings: READINGS },
    singles: { messages: singles, readings: 1 },
  } as const;
  const found: Record<keyof typeof cases, { drained: Drained; empty: number }[]> = {
    frames: [],
    signed: [],
    'duplicates and late': [],
    singles: [],
  };
  for (let round = 0; round < rounds; round++) {
    for (const [name, { messages, readings }] of Object.entries(cases)) {
      const distinct = new Set(messages).size;
      const empty = await emptyHandler(messages);
      const drained = await drain(world, messages, distinct, readings);
      found[name as keyof typeof cases].push({ drained, empty });
      report.note(`round ${round + 1}, ${name}: ${Math.round(drained.perSecond)} of ${Math.round(empty)} messages/s`);
    }
  }
  for (const [name, { readings }] of Object.entries(cases)) {
    const of = found[name as keyof typeof cases];
    const kind = readings === 1 ? 'single readings' : `frames of ${readings}`;
    const title = name === 'frames' || name === 'singles' ? kind : `${kind}, ${name}`;
    const figure = (what: string, unit: string, values: readonly Measured[]): void =>
      void report.figure(`${title}: ${what}`, unit, values);
    figure(
      'drain, beside an empty handler',
      'readings/s',
      of.map(({ drained, empty }) => ({ value: drained.perSecond * readings, baseline: empty * readings })),
    );
    figure(
      'processor time of ingest',
      'µs/message',
      of.map(({ drained }) => ({ value: drained.cpuPerMessage })),
    );
    figure(
      'processor time of PostgreSQL',
      'µs/message',
      of.map(({ drained }) => ({ value: drained.serverCpuPerMessage })),
    );
    figure(
      'peak memory of ingest',
      'MB',
      of.map(({ drained }) => ({ value: drained.memory })),
    );
    figure(
      'on the disk',
      'bytes/reading',
      of.map(({ drained }) => ({ value: drained.bytesPerReading })),
    );
  }
  const clean = found.frames;
  for (const name of ['signed', 'duplicates and late'] as const) {
    report.figure(
      `${name}, beside clean frames`,
      'messages/s',
      found[name].map(({ drained }, round) => ({
        value: drained.perSecond,
        baseline: clean[round]?.drained.perSecond ?? Number.NaN,
      })),
    );
  }
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

async function fill(broker: Mosquitto, messages: readonly LoadMessage[]): Promise<void> {
  // The session exists before anything is published, or nothing would be kept for it.
  const session = await mqtt.connectAsync(broker.url, { clientId: CLIENT, clean: false, protocolVersion: 4 });
  await session.subscribeAsync(['coldchain/v1/+/+/readings', 'coldchain/v1/+/+/status'], { qos: 1 });
  await session.endAsync();
  const publisher = await RawPublisher.connect(broker.port, 'bench', BENCH_PASSWORD, 2_000);
  for (let at = 0; at < messages.length; at += 1) {
    const message = messages[at];
    if (message !== undefined)
      await publisher.enqueue(`coldchain/v1/bench/${message.gateway}/readings`, message.payload);
  }
  await publisher.settled();
  publisher.close();
}

/** Messages per second that MQTT.js hands to a handler that does nothing. */
async function emptyHandler(messages: readonly LoadMessage[]): Promise<number> {
  const broker = await Mosquitto.start();
  try {
    await fill(broker, messages);
    const client = mqtt.connect(broker.url, {
      clientId: CLIENT,
      clean: false,
      protocolVersion: 4,
      manualConnect: true,
    });
    let count = 0;
    const done = new Promise<void>((resolve) => {
      client.on('message', () => {
        if (++count === messages.length) resolve();
      });
    });
    const connected = new Promise<void>((resolve) => client.once('connect', () => resolve()));
    client.connect();
    await connected;
    const begin = performance.now();
    await done;
    const seconds = (performance.now() - begin) / 1000;
    await client.endAsync();
    return messages.length / seconds;
  } finally {
    await broker.close();
  }
}

async function drain(
  world: IngestWorld,
  messages: readonly LoadMessage[],
  distinct: number,
  readings: number,
): Promise<Drained> {
  await world.clear();
  const broker = await Mosquitto.start();
  try {
    await fill(broker, messages);
    const ingest = await world.ingest({
      CCT_MQTT_URL: broker.url,
      CCT_MQTT_VERSION: '3.1.1',
      CCT_MQTT_CLIENT_ID: CLIENT,
      CCT_INGEST_GROUP_SIZE: readings === 1 ? '5000' : '500',
      CCT_MQTT_RECEIVE_MAXIMUM: readings === 1 ? '20000' : '2000',
    });
    const before = cpuMicroseconds(ingest.child.pid ?? 0);
    const serverBefore = world.serverCpu();
    const end = await world.stored(distinct);
    const cpu = cpuMicroseconds(ingest.child.pid ?? 0) - before;
    const serverCpu = world.serverCpu() - serverBefore;
    const memory = peakMemory(ingest);
    await stopIngest(ingest);
    const stored = await world.readings();
    if (stored !== distinct * readings) throw new Error(`${stored} readings stored of ${distinct * readings}`);
    return {
      perSecond: messages.length / ((end - ingest.readyAt) / 1000),
      cpuPerMessage: cpu / messages.length,
      serverCpuPerMessage: serverCpu / messages.length,
      memory,
      bytesPerReading: (await world.bytes()) / stored,
    };
  } finally {
    await broker.close();
  }
}

/** From PUBLISH to the PUBACK that follows the COMMIT, at the embedded broker, frames of 60 at fixed rates. */
async function latencies(world: IngestWorld, report: Report, size: typeof FULL): Promise<void> {
  const port = await freePort();
  for (const rate of size.rates) {
    await world.clear();
    const ingest = await world.ingest({ CCT_MQTT_PORT: String(port) });
    const from = Math.floor(Date.now() / DAY) * DAY - 5 * DAY;
    const messages = load({ boot: `rate-${rate}`, messages: rate * size.seconds, readings: 1, gateways: 1, from });
    const publisher = await RawPublisher.connect(port, 'bench/g0', BENCH_PASSWORD, 60_000);
    const sentAt: number[] = [];
    const took: number[] = [];
    publisher.onConfirmed = (index) => took.push(performance.now() - (sentAt[index] ?? Number.NaN));
    const begin = performance.now();
    for (const [index, { payload }] of messages.entries()) {
      const dueAt = begin + (index * 1000) / rate;
      // In bursts of what is due: a timer of its own for each message would be measured instead.
      if (dueAt > performance.now()) await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()));
      sentAt.push(performance.now());
      await publisher.enqueue('coldchain/v1/bench/g0/readings', payload);
    }
    await publisher.settled();
    publisher.close();
    await stopIngest(ingest);
    report.figure(`PUBLISH to durable PUBACK at ${rate} messages/s, p50`, 'ms', [{ value: quantile(took, 0.5) }]);
    report.figure(`PUBLISH to durable PUBACK at ${rate} messages/s, p99`, 'ms', [{ value: quantile(took, 0.99) }]);
  }
}
