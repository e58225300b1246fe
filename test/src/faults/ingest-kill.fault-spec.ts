import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Database } from '@coldchain/database';
import { mapLimit, SeededRandom, sleep } from '@coldchain/kernel';
import mqtt, { type MqttClient } from 'mqtt';
import {
  eventually,
  frame,
  PASSWORD,
  readings,
  registerGateways,
  type SpecAcknowledgement,
  START,
} from '../contract/ingest-fixture.js';
import { freePort, killsPerPoint, type TestDatabase, testDatabase } from '../support/index.js';
import { startIngestProcess } from './ingest-process.js';

/** The moments are random: five of them, or as many as are asked for. */
const KILLS = Math.max(5, killsPerPoint());
/** So many that the kills are spread over the run. */
const FRAMES = 480 * KILLS;
const READINGS = 60;
const WINDOW = 200;
const USERS = ['north/g1', 'north/g2', 'south/g1'];
const MINUTE = 60_000;

/** One gateway that sends all its frames at full speed and notes what was acknowledged to it. */
interface Publisher {
  readonly user: string;
  readonly client: MqttClient;
  readonly confirmed: Set<number>;
  last: SpecAcknowledgement | undefined;
}

describe.each([
  ['the own listener', 'packets'],
  ['aedes', 'aedes'],
] as const)('kill -9 of the ingest process during a replay at full speed to %s', (_name, server) => {
  let database: TestDatabase;
  let owner: Database;
  let port: number;
  let child: ChildProcess | undefined;
  const dataDir = mkdtempSync(join(tmpdir(), 'coldchain-kill-'));
  let publishers: Publisher[] = [];
  beforeAll(async () => {
    publishers = [];
    database = await testDatabase();
    owner = Database.open({ url: database.url, role: null, applicationName: 'spec' });
    await registerGateways(owner);
    port = await freePort();
  });
  afterAll(async () => {
    // Before the spec's world is gone, also after a failure: a client that goes on reconnecting would end the whole run.
    for (const { client } of publishers) await client.endAsync(true);
    child?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
    await owner.close();
    await database.close();
  });

  it(
    'keeps every acknowledged reading exactly once',
    async () => {
      const seed = jest.getSeed();
      process.stderr.write(`ingest-kill seed: ${seed}\n`);
      const random = new SeededRandom(`ingest-kill-${seed}`);
      child = await startIngestProcess({ databaseUrl: database.url, dataDir, port, server });
      for (const user of USERS) publishers.push(await publisher(user, port));
      const total = FRAMES * USERS.length;
      const confirmed = (): number => publishers.reduce((sum, each) => sum + each.confirmed.size, 0);
      const sending = Promise.all(publishers.map((each) => send(each)));

      for (let kill = 0; kill < KILLS; kill++) {
        const threshold = Math.floor(((kill + 0.2 + 0.6 * random.unit()) / (KILLS + 1)) * total);
        await eventually(() => (confirmed() >= threshold ? true : undefined), 60_000);
        const before = publishers.map((each) => new Set(each.confirmed));
        child.kill('SIGKILL');
        await once(child, 'exit');
        for (const [index, each] of publishers.entries())
          await expectStored(owner, each.user, before[index] ?? new Set());
        child = await startIngestProcess({ databaseUrl: database.url, dataDir, port, server });
      }

      await sending;
      expect(confirmed()).toBe(total);
      const [stored] = await owner.query<{ frames: number; numbers: number; readings: number }>(
        `SELECT count(*) AS frames, count(DISTINCT (stream, seq)) AS numbers, sum(n) AS readings FROM reading_frame`,
      );
      expect(stored).toEqual({ frames: total, numbers: total, readings: total * READINGS });
      const [series] = await owner.query<{ readings: number }>('SELECT sum(n) AS readings FROM reading_series');
      expect(series).toEqual({ readings: total * READINGS });
      expect(await owner.query('SELECT code FROM dead_letter')).toEqual([]);
      for (const each of publishers) {
        await eventually(() => (each.last?.boots[0]?.contiguous === FRAMES - 1 ? true : undefined));
      }
    },
    60_000 + KILLS * 40_000,
  );
});

async function publisher(user: string, port: number): Promise<Publisher> {
  // Messages without a PUBACK stay in the client's store and are sent again after each reconnect.
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    username: user,
    password: PASSWORD,
    protocolVersion: 4,
    clientId: `kill-${user}`,
    reconnectPeriod: 50,
    connectTimeout: 5_000,
  });
  const state: Publisher = { user, client, confirmed: new Set(), last: undefined };
  client.on('error', () => undefined);
  client.on('message', (_topic, payload) => {
    state.last = JSON.parse(payload.toString('utf8')) as SpecAcknowledgement;
  });
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  await client.subscribeAsync(`coldchain/v1/${user}/acks`, { qos: 1 });
  return state;
}

async function send({ user, client, confirmed }: Publisher): Promise<void> {
  const numbers = Array.from({ length: FRAMES }, (_, seq) => seq);
  await mapLimit(numbers, WINDOW, async (seq) => {
    const bytes = frame(
      'boot',
      seq,
      readings(`logger-${user}`, START + seq * READINGS * 1_000, READINGS).map((reading, index) => ({
        ...reading,
        at: START + ((seq * READINGS + index) * MINUTE) / 60,
      })),
    );
    await publishUntilAcknowledged(client, `coldchain/v1/${user}/readings`, bytes);
    confirmed.add(seq);
    if (seq % 500 === 0) await sleep(0);
  });
}

/**
 * A gateway keeps a frame until it is acknowledged. MQTT.js sends again by itself what was on its way, but a message that
 * was published while it did so is given back with 'Connection closed' when that connection ends as well.
 */
async function publishUntilAcknowledged(client: MqttClient, topic: string, bytes: Buffer): Promise<void> {
  for (;;) {
    try {
      await client.publishAsync(topic, bytes, { qos: 1 });
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'Connection closed' || client.disconnecting) throw error;
      await sleep(10);
    }
  }
}

async function expectStored(owner: Database, user: string, acknowledged: ReadonlySet<number>): Promise<void> {
  const [organisation = '', gateway = ''] = user.split('/');
  const rows = await owner.query<{ seq: number }>(
    `SELECT f.seq FROM reading_frame f JOIN stream s ON s.id = f.stream JOIN gateway g ON g.id = s.gateway_id
     JOIN organisation o ON o.id = g.organisation_id WHERE o.slug = $1 AND g.name = $2`,
    [organisation, gateway],
  );
  const stored = new Set(rows.map((row) => row.seq));
  expect([...acknowledged].filter((seq) => !stored.has(seq))).toEqual([]);
}
