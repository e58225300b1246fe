import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import mqtt, { type MqttClient } from 'mqtt';
import { count, frame, type IngestFixture, ingestFixture, PASSWORD, STORED } from './ingest-fixture.js';

const KEEPALIVE_S = 1;
/** What a gateway of the kit has on its way at most. */
const WINDOW = 200;
const USERS = ['north/g1', 'north/g2', 'south/g1'];

describe('gateways at the listener, and a database that is blocked for more than three times their keep-alive', () => {
  let fixture: IngestFixture;
  const clients: MqttClient[] = [];
  beforeEach(async () => {
    fixture = await ingestFixture();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
    await fixture.close();
  });

  it.each([4, 5] as const)(
    'are answered their pings, connect once, and everything is stored once (MQTT %s)',
    async (protocolVersion) => {
      let connections = 0;
      for (const username of USERS) {
        const client = mqtt.connect(`mqtt://127.0.0.1:${fixture.ingest().port}`, {
          ...{ username, password: PASSWORD, protocolVersion, keepalive: KEEPALIVE_S, reconnectPeriod: 20 },
        });
        client.on('error', () => undefined);
        client.on('connect', () => connections++);
        clients.push(client);
        await new Promise<void>((resolve) => client.once('connect', () => resolve()));
      }
      const locker = Database.open({ url: fixture.url, role: null, applicationName: 'locker' });
      const sent: Promise<unknown>[] = [];
      await locker.asProcess(async (transaction) => {
        await transaction.query('LOCK TABLE reading_single, reading_frame, dead_letter IN ACCESS EXCLUSIVE MODE');
        for (const [index, client] of clients.entries()) {
          for (let seq = 0; seq < WINDOW; seq++) {
            const topic = `coldchain/v1/${USERS[index]}/readings`;
            sent.push(client.publishAsync(topic, frame('b', seq), { qos: 1 }));
          }
        }
        await transaction.query('SELECT pg_sleep($1)', [3 * KEEPALIVE_S + 1]);
        expect(await count(fixture.owner, 'pg_locks WHERE NOT granted')).toBeGreaterThan(0);
      });
      await locker.close();
      await Promise.all(sent);
      expect(connections).toBe(USERS.length);
      expect(await count(fixture.owner, STORED)).toBe(USERS.length * WINDOW);
    },
  );
});
