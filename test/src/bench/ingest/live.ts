import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Mosquitto } from '../../support/mosquitto.js';
import { WINDOW } from './filled-broker.js';
import { BENCH_PASSWORD, type IngestWorld, stopIngest } from './ingest-world.js';
import type { LoadMessage } from './load.js';
import { RawPublisher } from './raw-publisher.js';

const PUBLISHERS = 20;
const PUBLISHER_WINDOW = 200;

/**
 * Messages per second from many publishers through a broker on the same machine, until the subscriber has the last one:
 * an empty MQTT.js handler in a process of its own, or ingest with everything that it does.
 */
export async function live(
  world: IngestWorld,
  messages: readonly LoadMessage[],
  subscriber: 'empty' | 'ingest',
): Promise<number> {
  const broker = await Mosquitto.start([`max_inflight_messages ${WINDOW}`]);
  try {
    if (subscriber === 'empty') {
      const child = await emptySubscriber(broker.url, messages.length);
      const done = once(child, 'exit') as Promise<[number]>;
      const begin = performance.now();
      const [[code]] = await Promise.all([done, publish(broker, messages)]);
      if (code !== 0) throw new Error('the empty subscriber did not get everything');
      return messages.length / ((performance.now() - begin) / 1000);
    }
    await world.clear();
    const ingest = await world.ingest({ CCT_MQTT_URL: broker.url, CCT_MQTT_RECEIVE_MAXIMUM: '15000' });
    const begin = performance.now();
    const [end] = await Promise.all([world.stored(messages.length), publish(broker, messages)]);
    await stopIngest(ingest);
    return messages.length / ((end - begin) / 1000);
  } finally {
    await broker.close();
  }
}

async function emptySubscriber(url: string, messages: number): Promise<ChildProcess> {
  const child = fork(new URL('empty-subscriber.js', import.meta.url), [url, String(messages)]);
  await once(child, 'message');
  return child;
}

async function publish(broker: Mosquitto, messages: readonly LoadMessage[]): Promise<void> {
  await Promise.all(
    Array.from({ length: PUBLISHERS }, async (_, number) => {
      const publisher = await RawPublisher.connect(broker.port, `bench-${number}`, BENCH_PASSWORD, PUBLISHER_WINDOW);
      for (let at = number; at < messages.length; at += PUBLISHERS) {
        const { gateway, payload } = messages[at] as LoadMessage;
        await publisher.enqueue(`coldchain/v1/bench/${gateway}/readings`, payload);
      }
      await publisher.settled();
      publisher.close();
    }),
  );
}
