import mqtt from 'mqtt';
import { freePort } from '@coldchain/deploy-local';
import type { Report } from '../report.js';
import { quantile } from '../statistics.js';
import { BENCH_PASSWORD, type IngestWorld, stopIngest, WARM } from './ingest-world.js';
import { load } from './load.js';
import { RawPublisher } from './raw-publisher.js';

const DAY = 86_400_000;
const GATEWAY = 'g0';

/**
 * Single readings of one gateway at fixed rates to the embedded broker, from a tenth of them on: from PUBLISH to the PUBACK that follows the
 * COMMIT, and to the application acknowledgement that covers the number, of which there is one a second at most.
 */
export async function latencies(
  world: IngestWorld,
  report: Report,
  { rates, seconds }: { readonly rates: readonly number[]; readonly seconds: number },
): Promise<void> {
  for (const rate of rates) {
    await world.clear();
    const { durable, acknowledged } = await latencyAt(world, rate, seconds);
    for (const [name, took] of [
      ['durable PUBACK', durable],
      ['application acknowledgement', acknowledged],
    ] as const) {
      for (const [label, share] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const) {
        const warm = took.slice(Math.ceil(took.length * WARM));
        report.figure(`PUBLISH to ${name} at ${rate} messages/s, ${label}`, 'ms', [{ value: quantile(warm, share) }]);
      }
    }
  }
}

interface Latencies {
  readonly durable: number[];
  readonly acknowledged: number[];
}

async function latencyAt(world: IngestWorld, rate: number, seconds: number): Promise<Latencies> {
  const port = await freePort();
  const ingest = await world.ingest({ CCT_MQTT_PORT: String(port) });
  const sentAt: number[] = [];
  const durable: number[] = [];
  const acknowledged: number[] = [];
  const listener = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    username: `bench/${GATEWAY}`,
    password: BENCH_PASSWORD,
    clientId: 'listener',
    protocolVersion: 4,
  });
  listener.on('message', (_topic, payload) => {
    const now = performance.now();
    const { boots } = JSON.parse(payload.toString('utf8')) as { readonly boots: readonly { contiguous: number }[] };
    const contiguous = boots[0]?.contiguous ?? -1;
    while (acknowledged.length <= contiguous) acknowledged.push(now - (sentAt[acknowledged.length] ?? Number.NaN));
  });
  await listener.subscribeAsync(`coldchain/v1/bench/${GATEWAY}/acks`, { qos: 1 });
  const from = Math.floor(Date.now() / DAY) * DAY - 5 * DAY;
  const messages = load({
    boot: `rate-${rate}`,
    messages: rate * seconds,
    readings: 1,
    gateways: 1,
    from,
    // By the minute the last of them would lie in the future, and be set aside.
    stepMs: 1_000,
  });
  const publisher = await RawPublisher.connect(port, `bench/${GATEWAY}`, BENCH_PASSWORD, 60_000);
  publisher.onConfirmed = (index) => durable.push(performance.now() - (sentAt[index] ?? Number.NaN));
  const begin = performance.now();
  for (const [index, { payload }] of messages.entries()) {
    const dueAt = begin + (index * 1000) / rate;
    // In bursts of what is due: a timer of its own for each message would be measured instead.
    if (dueAt > performance.now()) await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()));
    sentAt.push(performance.now());
    await publisher.enqueue(`coldchain/v1/bench/${GATEWAY}/readings`, payload);
  }
  await publisher.settled();
  publisher.close();
  await world.until(() => acknowledged.length >= messages.length);
  await listener.endAsync();
  await stopIngest(ingest);
  return { durable, acknowledged };
}
