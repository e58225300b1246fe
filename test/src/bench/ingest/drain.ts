import { filledBroker, SUBSCRIBER } from './filled-broker.js';
import { type IngestWorld, peakMemory, stopIngest } from './ingest-world.js';
import type { BenchKeys, LoadMessage } from './load.js';
import { type Throughput, throughput, usageOf } from './usage.js';

/** What ingest did with a filled queue. */
export interface Drained extends Throughput {
  /** Most that it had resident, MB. */
  readonly memory: number;
  readonly bytesPerReading: number;
}

/** A load and what ingest is set to for it. */
export interface DrainCase {
  readonly messages: readonly LoadMessage[];
  readonly readings: number;
  readonly client: 'packets' | 'mqtt.js';
  /** What the messages are signed with; null: they are not. */
  readonly keys: BenchKeys | null;
}

/** Fills a queue and lets ingest drain it. @throws when the tables do not hold every reading once at the end */
export async function drain(world: IngestWorld, { messages, readings, client, keys }: DrainCase): Promise<Drained> {
  await world.clear();
  await world.useKeys(keys);
  const distinct = new Set(messages).size;
  const broker = await filledBroker(messages);
  try {
    const ingest = await world.ingest({
      CCT_MQTT_URL: broker.url,
      CCT_MQTT_VERSION: '3.1.1',
      CCT_MQTT_CLIENT: client,
      CCT_MQTT_CLIENT_ID: SUBSCRIBER,
    });
    const pid = ingest.child.pid ?? 0;
    let begin = usageOf(world, broker, pid);
    let warmed = 0;
    await world.stored(distinct, (frames) => {
      begin = usageOf(world, broker, pid);
      warmed = frames;
    });
    const end = usageOf(world, broker, pid);
    const memory = peakMemory(ingest);
    await stopIngest(ingest);
    const stored = await world.readings();
    if (stored !== distinct * readings) throw new Error(`${stored} readings stored of ${distinct * readings}`);
    return {
      ...throughput(begin, end, messages.length * (1 - warmed / distinct)),
      memory,
      bytesPerReading: (await world.bytes()) / stored,
    };
  } finally {
    await broker.close();
  }
}
