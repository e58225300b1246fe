import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Database } from '@coldchain/database';
import { SeededRandom } from '@coldchain/kernel';
import { count, eventually, registerGateways, STORED } from '../contract/ingest-fixture.js';
import {
  describeWithProgram,
  freePort,
  Mosquitto,
  MOSQUITTO,
  type TestDatabase,
  testDatabase,
} from '../support/index.js';
import { startIngestProcess } from './ingest-process.js';
import { StoreAndForward } from './store-and-forward.js';

const FRAMES = 1_200;
const USERS = ['north/g1', 'north/g2', 'south/g1'];

describeWithProgram(MOSQUITTO, 'mosquitto', 'two ingest processes on one shared subscription', () => {
  let broker: Mosquitto;
  let database: TestDatabase;
  let owner: Database;
  const dataDir = mkdtempSync(join(tmpdir(), 'coldchain-shared-'));
  const children = new Map<string, ChildProcess>();
  let gateways: StoreAndForward[];
  beforeEach(async () => {
    broker = await Mosquitto.start();
    database = await testDatabase();
    owner = Database.open({ url: database.url, role: null, applicationName: 'spec' });
    await registerGateways(owner);
    for (const name of ['one', 'two']) children.set(name, await member(name));
    gateways = USERS.map((user) => new StoreAndForward([broker.url], user, FRAMES));
  }, 60_000);
  afterEach(async () => {
    for (const gateway of gateways) await gateway.close();
    for (const child of children.values()) child.kill('SIGKILL');
    await owner.close();
    await database.close();
    await broker.close();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  const member = async (name: string): Promise<ChildProcess> =>
    startIngestProcess({
      databaseUrl: database.url,
      dataDir,
      port: await freePort(),
      shared: { mqttUrl: broker.url, group: 'spec', clientId: `spec-${name}` },
    });
  const pending = (): number => gateways.reduce((sum, gateway) => sum + gateway.pending, 0);

  it('lose and double nothing when one is killed: the other goes on, and what waited for the dead one comes again', async () => {
    const seed = jest.getSeed();
    process.stderr.write(`shared-kill seed: ${seed}\n`);
    const random = new SeededRandom(`shared-kill-${seed}`);
    const total = FRAMES * USERS.length;
    for (const gateway of gateways) gateway.start();
    const threshold = Math.floor(total * (1 - 0.2 - 0.5 * random.unit()));
    await eventually(() => (pending() <= threshold ? true : undefined), 60_000);
    const dead = random.unit() < 0.5 ? 'one' : 'two';
    const victim = children.get(dead);
    victim?.kill('SIGKILL');
    if (victim !== undefined) await once(victim, 'exit');
    const left = pending();
    // The one that is left stores what the broker gives to it.
    await eventually(() => (pending() < left ? true : undefined), 60_000);
    children.set(dead, await member(dead));
    await eventually(() => (pending() === 0 ? true : undefined), 120_000);
    const [stored] = await owner.query<{ frames: number; numbers: number }>(
      `SELECT count(*) AS frames, count(DISTINCT (stream, seq)) AS numbers FROM ${STORED}`,
    );
    expect(stored).toEqual({ frames: total, numbers: total });
    expect(await count(owner, 'dead_letter')).toBe(0);
    process.stderr.write(
      `shared-kill: ${stored?.frames} of ${total} frames once each, ${left} were open at the kill\n`,
    );
  }, 300_000);
});
