import mqtt from 'mqtt';
import { Mosquitto } from '../../support/mosquitto.js';
import { BENCH_PASSWORD } from './ingest-world.js';
import type { LoadMessage } from './load.js';
import { RawPublisher } from './raw-publisher.js';

/** Client id of whoever drains the queue. */
export const SUBSCRIBER = 'bench-ingest';
/** What it subscribes to. */
export const FILTERS = ['coldchain/v1/+/+/readings', 'coldchain/v1/+/+/status'];

/** Messages that a broker may send without PUBACK: more than two groups of each size. */
export const WINDOW = 20_000;

/** A Mosquitto whose queue for {@link SUBSCRIBER} holds these messages. */
export async function filledBroker(messages: readonly LoadMessage[]): Promise<Mosquitto> {
  const broker = await Mosquitto.start([`max_inflight_messages ${WINDOW}`]);
  // The session exists before anything is published, or nothing would be kept for it.
  const session = await mqtt.connectAsync(broker.url, { clientId: SUBSCRIBER, clean: false, protocolVersion: 4 });
  await session.subscribeAsync(FILTERS, { qos: 1 });
  await session.endAsync();
  const publisher = await RawPublisher.connect(broker.port, 'bench', BENCH_PASSWORD, 2_000);
  for (const { gateway, payload } of messages) {
    await publisher.enqueue(`coldchain/v1/bench/${gateway}/readings`, payload);
  }
  await publisher.settled();
  publisher.close();
  return broker;
}
