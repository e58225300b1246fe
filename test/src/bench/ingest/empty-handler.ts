import mqtt from 'mqtt';
import { type IngestWorld, WARM } from './ingest-world.js';
import { filledBroker, SUBSCRIBER } from './filled-broker.js';
import type { LoadMessage } from './load.js';
import { type Throughput, throughput, usageOf } from './usage.js';

/** MQTT.js in this process, with a handler that does nothing. */
export async function emptyHandler(world: IngestWorld, messages: readonly LoadMessage[]): Promise<Throughput> {
  const broker = await filledBroker(messages);
  try {
    const client = mqtt.connect(broker.url, {
      clientId: SUBSCRIBER,
      clean: false,
      protocolVersion: 4,
      manualConnect: true,
    });
    const warm = Math.floor(messages.length * WARM);
    let count = 0;
    let begin = usageOf(world, broker, process.pid);
    const done = new Promise<void>((resolve) => {
      client.on('message', () => {
        count++;
        if (count === warm) begin = usageOf(world, broker, process.pid);
        if (count === messages.length) resolve();
      });
    });
    client.connect();
    await done;
    const end = usageOf(world, broker, process.pid);
    await client.endAsync();
    return throughput(begin, end, messages.length - warm);
  } finally {
    await broker.close();
  }
}
