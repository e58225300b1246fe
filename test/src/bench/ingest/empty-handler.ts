import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Mosquitto } from '../../support/mosquitto.js';
import { filledBroker } from './filled-broker.js';
import { type IngestWorld, WARM } from './ingest-world.js';
import type { LoadMessage } from './load.js';
import { type Throughput, throughput, type Usage, usageOf } from './usage.js';

/** MQTT.js with a handler that does nothing, in a process of its own as ingest is, drains the same queue. */
export async function emptyHandler(world: IngestWorld, messages: readonly LoadMessage[]): Promise<Throughput> {
  const broker = await filledBroker(messages);
  try {
    return await intoNothing(world, broker, {
      messages: messages.length,
      kind: 'queue',
      publish: async () => undefined,
    });
  } finally {
    await broker.close();
  }
}

/**
 * Gives messages to an empty handler in a process of its own, from a tenth of them on. `publish` begins when it is there;
 * those of a queue come by themselves.
 */
export async function intoNothing(
  world: IngestWorld,
  broker: Mosquitto,
  of: { readonly messages: number; readonly kind: 'new' | 'queue'; publish(): Promise<void> },
): Promise<Throughput> {
  const warm = Math.ceil(of.messages * WARM);
  const script = new URL('empty-subscriber.js', import.meta.url);
  const child = fork(script, [broker.url, String(of.messages), String(warm), of.kind]);
  const usages = new Map<unknown, Usage>();
  const there = once(child, 'message');
  child.on('message', (what) => usages.set(what, usageOf(world, broker, child.pid ?? 0)));
  await there;
  await of.publish();
  while (!usages.has('done')) await once(child, 'message');
  child.disconnect();
  await once(child, 'exit');
  const [begin, end] = [usages.get('warm'), usages.get('done')];
  if (begin === undefined || end === undefined) throw new Error('the empty handler did not get everything');
  return throughput(begin, end, of.messages - warm);
}
