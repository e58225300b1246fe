import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import { count, eventually, type IngestFixture, ingestFixture, STORED } from '../contract/ingest-fixture.js';
import { describeWithProgram, Mosquitto, MOSQUITTO } from '../support/index.js';
import { StoreAndForward } from './store-and-forward.js';

const FRAMES = 1_000;
/** Of the subscriber and of the kit's gateways. */
const KEEPALIVE_MS = 30_000;
/** A connection that stands still is ended after half of its keep-alive and made again: no more often than that. */
const MOST_CONNECTIONS = 1 + (3 * KEEPALIVE_MS) / (KEEPALIVE_MS / 2);

describeWithProgram(MOSQUITTO, 'mosquitto', 'a database that is blocked for three times the keep-alive', () => {
  let folder: string;
  let broker: Mosquitto;
  let fixture: IngestFixture;
  let gateway: StoreAndForward;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coldchain-blocked-'));
    // Started by root, the broker writes as a user of its own.
    chmodSync(folder, 0o777);
    broker = await Mosquitto.start([`log_dest file ${join(folder, 'log')}`, 'connection_messages true']);
  });
  afterEach(async () => {
    await gateway.close();
    await fixture.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** How often a client connected, by its id. */
  const connections = (): Map<string, number> => {
    const ids = [...readFileSync(join(folder, 'log'), 'utf8').matchAll(/New client connected from \S+ as (\S+)/g)];
    const counts = new Map<string, number>();
    for (const [, id = ''] of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    return counts;
  };

  it.each([
    ['and all messages fit into the receive maximum: no connection is made again', 2_000, 1],
    ['and more wait than that: no storm of connections', 50, MOST_CONNECTIONS],
  ])(
    '%s, and nothing is lost or doubled',
    async (_what, mqttReceiveMaximum, mostConnections) => {
      fixture = await ingestFixture({ source: { mqttUrl: broker.url, mqttReceiveMaximum } });
      gateway = new StoreAndForward([broker.url], 'north/g1', FRAMES);
      const locker = Database.open({ url: fixture.url, role: null, applicationName: 'locker' });
      await locker.asProcess(async (transaction) => {
        await transaction.query('LOCK TABLE reading_single, reading_frame, dead_letter IN ACCESS EXCLUSIVE MODE');
        gateway.start();
        // Idle it would be ended after a minute.
        await transaction.query('SELECT pg_sleep($1)', [(3 * KEEPALIVE_MS) / 1_000 + 1]);
        expect(gateway.pending).toBe(FRAMES);
      });
      await locker.close();
      await eventually(() => (gateway.pending === 0 ? true : undefined), 120_000);
      const counts = connections();
      process.stderr.write(`connections: ${JSON.stringify(Object.fromEntries(counts))}\n`);
      expect(counts.get('spec-ingest') ?? 0).toBeGreaterThan(0);
      for (const times of counts.values()) expect(times).toBeLessThanOrEqual(mostConnections);
      const [stored] = await fixture.owner.query<{ frames: number; numbers: number }>(
        `SELECT count(*) AS frames, count(DISTINCT (stream, seq)) AS numbers FROM ${STORED}`,
      );
      expect(stored).toEqual({ frames: FRAMES, numbers: FRAMES });
      expect(await count(fixture.owner, 'dead_letter')).toBe(0);
    },
    300_000,
  );
});
