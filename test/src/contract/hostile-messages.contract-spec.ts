import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SourceConfiguration } from '@coldchain/iot-ingest';
import { JetStreamSource } from '@coldchain/iot-ingest/sources';
import { sleep } from '@coldchain/kernel';
import { describeWithProgram, freePort, Mosquitto, MOSQUITTO, NATS_SERVER, NatsCluster } from '../support/index.js';
import { FORMS, type Form, goodMessage, HOSTILE } from './hostile-messages.js';
import { count, eventually, type IngestFixture, ingestFixture, STORED } from './ingest-fixture.js';
import type { SourceGateway } from './message-source.suite.js';
import { httpGateway, mqttGateway } from './source-world.js';

const GATEWAY = 'north/g1';
const MAPPED = 'north/mapped';
const LARGE_BYTES = 5 * 1024 * 1024;

/** A way to the platform. */
interface Way {
  readonly source: Partial<SourceConfiguration>;
  gateway(fixture: IngestFixture, user: string): Promise<SourceGateway>;
  /** What becomes of 5 MB: refused before it is read, or set aside with its first bytes, by the platform or its transport. */
  readonly large: 'not-taken' | 'set-aside' | 'beginning-set-aside';
  close(): Promise<void>;
}

/** What every source must make of messages that nothing can be made of, in every form. */
function hostileSuite(name: string, open: () => Promise<Way>): void {
  describe(`hostile messages by ${name}`, () => {
    let way: Way;
    let fixture: IngestFixture;
    beforeAll(async () => {
      way = await open();
      fixture = await ingestFixture({ source: way.source });
      await fixture.owner.query(
        `INSERT INTO gateway (organisation_id, name, password_hash, accepts_unsequenced, model, mapping)
         SELECT organisation_id, 'mapped', password_hash, true, 'own', $1 FROM gateway WHERE name = 'plain'`,
        [JSON.stringify({ logger: '/d', time: '/t', timeForm: 'ms', celsius: '/c' })],
      );
    }, 60_000);
    afterAll(async () => {
      await fixture.close();
      await way.close();
    });

    const gatewayOf = (form: Form): Promise<SourceGateway> =>
      way.gateway(fixture, form === 'mapped' ? MAPPED : GATEWAY);
    const stored = async (total: number): Promise<void> => {
      await eventually(async () => ((await count(fixture.owner, STORED)) === total ? true : undefined), 20_000);
    };

    it.each(FORMS)('are set aside with their bytes and code, and hold up nothing that is good: %s', async (form) => {
      const gateway = await gatewayOf(form);
      const before = await count(fixture.owner, STORED);
      await fixture.owner.query('DELETE FROM dead_letter');
      const hostile = HOSTILE[form];
      try {
        for (const [index, { bytes }] of hostile.entries()) {
          await gateway.send('readings', bytes);
          await gateway.send('readings', goodMessage(form, index));
        }
      } finally {
        await gateway.close();
      }
      await stored(before + hostile.length);
      await eventually(async () => ((await count(fixture.owner, 'dead_letter')) >= hostile.length ? true : undefined));
      const kept = await fixture.owner.query<{ code: string; raw: Buffer; named: boolean }>(
        'SELECT code, raw, gateway_id IS NOT NULL AS named FROM dead_letter ORDER BY id',
      );
      const told = kept.map(({ code, raw, named }) => {
        const of = hostile.find(({ bytes }) => bytes.subarray(0, 256 * 1024).equals(raw));
        return `${of?.what ?? 'of none of them'}: ${code}${named ? '' : ' of nobody'}`;
      });
      expect(told).toEqual(hostile.map(({ what, code }) => `${what}: ${code}`));
    });

    it('of 5 MB end nothing but themselves', async () => {
      const before = await count(fixture.owner, STORED);
      await fixture.owner.query('DELETE FROM dead_letter');
      const [attacker, neighbour] = [await way.gateway(fixture, 'south/g1'), await gatewayOf('compact')];
      const sent = attacker.send('readings', Buffer.alloc(LARGE_BYTES, 0x20)).catch(() => undefined);
      try {
        for (let seq = 1_000; seq < 1_020; seq++) await neighbour.send('readings', goodMessage('compact', seq));
        await stored(before + 20);
        if (way.large !== 'not-taken') {
          const [row] = await eventually(async () => {
            const rows = await fixture.owner.query<{ code: string; kept: number; bytes: number }>(
              `SELECT code, octet_length(raw) AS kept, (details ->> 'bytes')::int AS bytes FROM dead_letter`,
            );
            return rows.length > 0 ? rows : undefined;
          });
          expect(row).toEqual(
            way.large === 'set-aside'
              ? { code: 'frame-too-large', kept: 256 * 1024, bytes: LARGE_BYTES }
              : { code: 'packet-too-large', kept: expect.any(Number), bytes: null },
          );
          expect(row?.kept).toBeGreaterThan(100 * 1024);
        } else {
          await sleep(500);
          expect(await count(fixture.owner, 'dead_letter')).toBe(0);
        }
      } finally {
        await Promise.all([attacker.close(), neighbour.close()]);
        await sent;
      }
      const again = await way.gateway(fixture, 'south/g1');
      await again.send('readings', goodMessage('compact', 0));
      await stored(before + 21);
      await again.close();
    });
  });
}

for (const protocolVersion of [4, 5] as const) {
  hostileSuite(`the gateway listener (MQTT ${protocolVersion === 5 ? '5' : '3.1.1'})`, async () => ({
    source: {},
    gateway: (fixture, user) =>
      mqttGateway(() => `mqtt://127.0.0.1:${fixture.ingest().port}`, user, { protocolVersion }),
    large: 'beginning-set-aside',
    close: async () => undefined,
  }));
}

hostileSuite('the embedded broker', async () => ({
  source: { mqttServer: 'aedes' },
  gateway: (fixture, user) => mqttGateway(() => `mqtt://127.0.0.1:${fixture.ingest().port}`, user),
  large: 'not-taken',
  close: async () => undefined,
}));

hostileSuite('the HTTP twin', async () => {
  const port = await freePort();
  return {
    source: { ingestHttpPort: port },
    gateway: async (_, user) => httpGateway(port, user),
    large: 'not-taken',
    close: async () => undefined,
  };
});

describeWithProgram(MOSQUITTO, 'mosquitto', 'behind a real Mosquitto', () => {
  for (const [mqttClient, mqttVersion] of [
    ['packets', '5'],
    ['packets', '3.1.1'],
    ['mqtt.js', '5'],
  ] as const) {
    hostileSuite(`the subscriber by ${mqttClient} (MQTT ${mqttVersion})`, async () => {
      const broker = await Mosquitto.start();
      return {
        source: { mqttUrl: broker.url, mqttClient, mqttVersion },
        gateway: (_, user) => mqttGateway(() => broker.url, user),
        large: 'set-aside',
        close: () => broker.close(),
      };
    });
  }
});

describeWithProgram(NATS_SERVER, 'nats-server', 'behind a cluster of three NATS servers', () => {
  hostileSuite('the JetStream consumer', async () => {
    const cluster = await NatsCluster.start();
    const natsConsumer = 'hostile';
    return {
      source: { natsUrl: cluster.url, natsConsumer, natsReplicas: 3 },
      gateway: (_, user) => mqttGateway(() => cluster.mqttUrl(0), user),
      large: 'not-taken',
      close: async () => {
        await JetStreamSource.forget(cluster.url, natsConsumer);
        await cluster.close();
      },
    };
  });
});
