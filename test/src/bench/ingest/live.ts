import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Mosquitto } from '../../support/mosquitto.js';
import { WINDOW } from './filled-broker.js';
import { BENCH_PASSWORD, type IngestWorld, stopIngest, WARM } from './ingest-world.js';
import type { LoadMessage } from './load.js';
import { type PreparedLoad, preparedLoad, RawPublisher } from './raw-publisher.js';

const PUBLISHERS = 20;
const PUBLISHER_WINDOW = 200;

/**
 * Messages per second from many publishers through a broker on the same machine, from a tenth of them on until the
 * subscriber has the last one: an empty MQTT.js handler in a process of its own, or ingest with everything that it does.
 */
export async function live(
  world: IngestWorld,
  messages: readonly LoadMessage[],
  subscriber: 'empty' | 'ingest',
): Promise<number> {
  const broker = await Mosquitto.start([`max_inflight_messages ${WINDOW}`]);
  const loads = loadsOf(messages);
  try {
    if (subscriber === 'empty') {
      const warm = Math.ceil(messages.length * WARM);
      const child = await emptySubscriber(broker.url, messages.length, warm);
      const began = once(child, 'message').then(() => performance.now());
      const done = once(child, 'exit').then(([code]: number[]) => ({ code, at: performance.now() }));
      const [begin, { code, at }] = await Promise.all([began, done, publish(broker, loads)]);
      if (code !== 0) throw new Error('the empty subscriber did not get everything');
      return (messages.length - warm) / ((at - begin) / 1000);
    }
    await world.clear();
    const ingest = await world.ingest({ CCT_MQTT_URL: broker.url });
    let [begin, warm] = [0, 0];
    const stored = world.stored(messages.length, (frames) => {
      begin = performance.now();
      warm = frames;
    });
    const [end] = await Promise.all([stored, publish(broker, loads)]);
    await stopIngest(ingest);
    return (messages.length - warm) / ((end - begin) / 1000);
  } finally {
    await broker.close();
  }
}

async function emptySubscriber(url: string, messages: number, warm: number): Promise<ChildProcess> {
  const child = fork(new URL('empty-subscriber.js', import.meta.url), [url, String(messages), String(warm)]);
  await once(child, 'message');
  return child;
}

/** The messages of each publisher, ready to be sent. */
function loadsOf(messages: readonly LoadMessage[]): readonly PreparedLoad[] {
  return Array.from({ length: PUBLISHERS }, (_, number) =>
    preparedLoad(
      messages
        .filter((_message, index) => index % PUBLISHERS === number)
        .map(({ gateway, payload }) => ({ topic: `coldchain/v1/bench/${gateway}/readings`, payload })),
    ),
  );
}

async function publish(broker: Mosquitto, loads: readonly PreparedLoad[]): Promise<void> {
  await Promise.all(
    loads.map(async (load, number) => {
      const publisher = await RawPublisher.connect(broker.port, `bench-${number}`, BENCH_PASSWORD, PUBLISHER_WINDOW);
      await publisher.publishAll(load);
      publisher.close();
    }),
  );
}
