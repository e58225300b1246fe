import { freePort } from '@coldchain/deploy-local';
import { mapLimit } from '@coldchain/kernel';
import { Mosquitto } from '../../support/mosquitto.js';
import { intoNothing } from './empty-handler.js';
import { WINDOW } from './filled-broker.js';
import { BENCH_PASSWORD, type IngestWorld, stopIngest } from './ingest-world.js';
import type { LoadMessage } from './load.js';
import { type PreparedLoad, preparedLoad, RawPublisher } from './raw-publisher.js';
import { type Throughput, throughput, type Usage, usageOf } from './usage.js';

/** Messages of one gateway that are without PUBACK: four thousand of a thousand gateways. */
const PUBLISHER_WINDOW = 20;
const CONNECTING_AT_ONCE = 50;

/**
 * Where live messages go: through a Mosquitto to an empty MQTT.js handler in a process of its own, through it to ingest with
 * everything that it does, or to ingest at once, by its own listener or by aedes.
 */
export type LivePath = 'empty' | 'behind-broker' | 'packets' | 'aedes';

/**
 * What becomes of messages from gateways that are each on a connection of their own, on the same machine, from a tenth of the
 * messages on until the last one has come or is stored.
 */
export async function live(world: IngestWorld, messages: readonly LoadMessage[], path: LivePath): Promise<Throughput> {
  const loads = loadsOf(messages);
  if (path === 'packets' || path === 'aedes') {
    const port = await freePort();
    return intoTables(world, null, { CCT_MQTT_SERVER: path, CCT_MQTT_PORT: String(port) }, port, loads);
  }
  const broker = await Mosquitto.start([`max_inflight_messages ${WINDOW}`]);
  try {
    if (path === 'empty') {
      const publish = async (): Promise<void> => (await publishers(broker.port, loads))();
      return await intoNothing(world, broker, { messages: countOf(loads), kind: 'new', publish });
    }
    return await intoTables(world, broker, { CCT_MQTT_URL: broker.url }, broker.port, loads);
  } finally {
    await broker.close();
  }
}

async function intoTables(
  world: IngestWorld,
  broker: Mosquitto | null,
  settings: Readonly<Record<string, string>>,
  port: number,
  loads: readonly GatewayLoad[],
): Promise<Throughput> {
  await world.clear();
  const ingest = await world.ingest(settings);
  const usage = (): Usage => usageOf(world, broker, ingest.child.pid ?? 0);
  const publish = await publishers(port, loads);
  const messages = countOf(loads);
  let warm = 0;
  let begin = usage();
  const stored = world.stored(messages, (frames) => {
    begin = usage();
    warm = frames;
  });
  await Promise.all([stored, publish()]);
  const end = usage();
  await stopIngest(ingest);
  return throughput(begin, end, messages - warm);
}

function countOf(loads: readonly GatewayLoad[]): number {
  return loads.reduce((sum, { load }) => sum + load.ends.length, 0);
}

/** What one gateway publishes. */
interface GatewayLoad {
  readonly user: string;
  readonly load: PreparedLoad;
}

/** Messages by gateway, ready to be sent. */
function loadsOf(messages: readonly LoadMessage[]): readonly GatewayLoad[] {
  const byGateway = new Map<string, { topic: string; payload: Buffer }[]>();
  for (const { gateway, payload } of messages) {
    const of = byGateway.get(gateway) ?? [];
    of.push({ topic: `coldchain/v1/bench/${gateway}/readings`, payload });
    byGateway.set(gateway, of);
  }
  return [...byGateway].map(([gateway, of]) => ({ user: `bench/${gateway}`, load: preparedLoad(of) }));
}

/** Connects them all; what comes back lets them publish, and resolves when everything is confirmed. */
async function publishers(port: number, loads: readonly GatewayLoad[]): Promise<() => Promise<void>> {
  const connected: [RawPublisher, PreparedLoad][] = [];
  await mapLimit(loads, CONNECTING_AT_ONCE, async ({ user, load }) => {
    connected.push([await RawPublisher.connect(port, user, BENCH_PASSWORD, PUBLISHER_WINDOW), load]);
  });
  return async () => {
    await Promise.all(connected.map(([publisher, load]) => publisher.publishAll(load)));
    for (const [publisher] of connected) publisher.close();
  };
}
