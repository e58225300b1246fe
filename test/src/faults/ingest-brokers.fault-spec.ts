import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import { count, eventually, type IngestFixture, ingestFixture, STORED } from '../contract/ingest-fixture.js';
import { describeWithProgram, Mosquitto, MOSQUITTO, NATS_SERVER, NatsCluster } from '../support/index.js';
import { StoreAndForward } from './store-and-forward.js';

const FRAMES = 1_500;

function seeded(name: string): SeededRandom {
  const seed = jest.getSeed();
  process.stderr.write(`${name} seed: ${seed}\n`);
  return new SeededRandom(`${name}-${seed}`);
}

/** Every frame once, and nothing set aside. */
async function expectOnce(fixture: IngestFixture): Promise<void> {
  const [stored] = await fixture.owner.query<{ frames: number; numbers: number }>(
    `SELECT count(*) AS frames, count(DISTINCT (stream, seq)) AS numbers FROM ${STORED}`,
  );
  expect(stored).toEqual({ frames: FRAMES, numbers: FRAMES });
  expect(await count(fixture.owner, 'dead_letter')).toBe(0);
}

describeWithProgram(MOSQUITTO, 'mosquitto', 'an external broker that dies', () => {
  let broker: Mosquitto;
  let fixture: IngestFixture;
  let gateway: StoreAndForward;
  beforeEach(async () => {
    broker = await Mosquitto.start();
    fixture = await ingestFixture({ source: { mqttUrl: broker.url, mqttShareGroup: 'spec' } });
    gateway = new StoreAndForward([broker.url], 'north/g1', FRAMES);
  });
  afterEach(async () => {
    await gateway.close();
    await fixture.close();
    await broker.close();
  });

  it('and loses what it kept: the gateway sends again what the platform did not acknowledge', async () => {
    const random = seeded('broker-kill');
    gateway.start();
    for (let kill = 0; kill < 3; kill++) {
      const threshold = Math.floor(FRAMES * (1 - (kill + 0.2 + 0.6 * random.unit()) / 4));
      await eventually(() => (gateway.pending <= threshold ? true : undefined), 60_000);
      await broker.kill({ forget: true });
      await sleep(random.unit() * 300);
      await broker.begin();
    }
    await eventually(() => (gateway.pending === 0 ? true : undefined), 90_000);
    await expectOnce(fixture);
  }, 240_000);
});

describeWithProgram(NATS_SERVER, 'nats-server', 'a cluster of three that loses one', () => {
  let cluster: NatsCluster;
  let fixture: IngestFixture;
  let gateway: StoreAndForward;
  beforeEach(async () => {
    cluster = await NatsCluster.start();
    fixture = await ingestFixture({ source: { natsUrl: cluster.url, natsReplicas: 3 } });
    gateway = new StoreAndForward(
      [0, 1, 2].map((index) => cluster.mqttUrl(index)),
      'north/g1',
      FRAMES,
    );
  }, 90_000);
  afterEach(async () => {
    await gateway.close();
    await fixture.close();
    await cluster.close();
  }, 60_000);

  it('keeps everything that it confirmed, and the rest is sent again', async () => {
    const random = seeded('node-kill');
    gateway.start();
    const threshold = Math.floor(FRAMES * (0.2 + 0.3 * random.unit()));
    await eventually(() => (gateway.confirmed.size >= threshold ? true : undefined), 60_000);
    const leader = await cluster.leader('$MQTT_msgs');
    expect(leader).toBeDefined();
    await cluster.kill(leader ?? 0);
    const confirmed = [...gateway.confirmed];
    await eventually(async () => {
      const rows = await fixture.owner.query<{ seq: number }>(`SELECT seq FROM ${STORED}`);
      const stored = new Set(rows.map(({ seq }) => seq));
      return confirmed.every((seq) => stored.has(seq)) ? true : undefined;
    }, 60_000);
    await eventually(() => (gateway.pending === 0 ? true : undefined), 120_000);
    await expectOnce(fixture);
  }, 300_000);
});
