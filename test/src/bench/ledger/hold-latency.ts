import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';
import { FabricLedger } from '@coldchain/ledger/fabric';
import type { TestNetwork } from '../../support/fabric/test-network.js';
import { repositoryRoot } from '../../support/repository.js';
import { startServer, stopServer } from '../../support/server-of-the-run.js';
import { testDatabase } from '../../support/test-database.js';
import { type Act, Consignment, MAKER, preparations, REGULATOR, WHOLESALER } from './custody-acts.js';
import { CustodyLoad } from './custody-load.js';
import { cpuMsOf } from './resource-usage.js';

const BACKGROUND_UNITS = 512;
const PREPARED_AT_ONCE = 64;
const TICK_MS = 20;
const BETWEEN_LOOKS_MS = 200;

/** What was asked for and what came of it; times from outbox row to settled row, ms. */
export interface HoldTimes {
  readonly holds: readonly number[];
  /** Acts of the background that were settled per second. */
  readonly backgroundPerSecond: number;
  /** Processor time of the ledger worker per row, with projection. */
  readonly workerCpuMs: number;
}

/**
 * Holds on their way from the outbox through a ledger worker process to a valid block, while other acts keep the network
 * busy. A row is settled when the worker has seen its block.
 * @param perSecond acts of the background
 */
export async function holdTimes(
  network: TestNetwork,
  perSecond: number,
  holds: number,
  betweenHoldsMs: number,
): Promise<HoldTimes> {
  await startServer();
  const test = await testDatabase();
  const database = Database.open({ url: test.url, role: null, applicationName: 'bench', maxConnections: 4 });
  let worker: ChildProcess | undefined;
  try {
    const background = Array.from({ length: BACKGROUND_UNITS }, (_, index) => new Consignment(`back ${index}`, 1));
    const held = Array.from({ length: holds }, (_, index) => new Consignment(`held ${index}`, 1));
    await pack(network, [...background, ...held]);
    await insertOrganisations(database);
    worker = startWorker(network, test.url);
    await projected(database);
    const begun = performance.now();
    const cpuBefore = cpuMsOf(worker.pid ?? 0);
    await drive(database, background, held, perSecond, betweenHoldsMs);
    const seconds = (performance.now() - begun) / 1000;
    const [counted] = await database.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM outbox WHERE state = 'committed' AND priority = 1`,
    );
    await settled(database);
    const rows = await database.query<{ ms: number }>(
      `SELECT extract(epoch FROM settled_at - created_at)::double precision * 1000 AS ms FROM outbox
       WHERE priority = 0 AND state = 'committed'`,
    );
    if (rows.length !== holds) throw new Error(`${holds - rows.length} holds were not committed`);
    const [all] = await database.query<{ count: number }>('SELECT count(*)::integer AS count FROM outbox');
    const workerCpuMs = (cpuMsOf(worker.pid ?? 0) - cpuBefore) / (all?.count ?? 0);
    return { holds: rows.map(({ ms }) => ms), backgroundPerSecond: (counted?.count ?? 0) / seconds, workerCpuMs };
  } finally {
    if (worker !== undefined) await ended(worker);
    await database.close();
    await test.close();
    await stopServer();
  }
}

async function pack(network: TestNetwork, consignments: readonly Consignment[]): Promise<void> {
  const ledger = await FabricLedger.open({ networkDirectory: network.networkDirectory, reader: REGULATOR });
  try {
    const load = new CustodyLoad(ledger, 0);
    for (const act of preparations()) await load.commit(act);
    const rest = consignments.flatMap((consignment) => consignment.packing()).values();
    const clients = Array.from({ length: PREPARED_AT_ONCE }, async () => {
      for (const act of rest) await load.commit(act);
    });
    await Promise.all(clients);
  } finally {
    await ledger.close();
  }
}

async function insertOrganisations(database: Database): Promise<void> {
  let gln = 9520001000010;
  for (const [party, role] of [
    [REGULATOR, 'regulator'],
    [MAKER, 'manufacturer'],
    [WHOLESALER, 'distributor'],
  ]) {
    await database.query(
      `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
       VALUES ($1, $1, $2, $3, '{}', ARRAY[$1], true)`,
      [role, party, String(gln++)],
    );
  }
}

function startWorker(network: TestNetwork, databaseUrl: string): ChildProcess {
  return spawn(process.execPath, [join(repositoryRoot, 'apps', 'ledger-worker', 'dist', 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      CCT_DATABASE_URL: databaseUrl,
      CCT_LEDGER: 'fabric',
      CCT_FABRIC_NETWORK: network.networkDirectory,
      CCT_LOG_LEVEL: 'error',
      // It ends with us, however that is.
      CCT_PARENT_PIPE: '1',
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
}

async function ended(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGTERM');
  await exit;
}

/** The worker has read the chain that was there before. */
async function projected(database: Database): Promise<void> {
  for (;;) {
    const [row] = await database.query<{ there: boolean }>(
      'SELECT block + 1 >= height AND confirmed_at > to_timestamp(0) AS there FROM ledger_checkpoint',
    );
    if (row?.there === true) return;
    await sleep(BETWEEN_LOOKS_MS);
  }
}

async function settled(database: Database): Promise<void> {
  for (;;) {
    const [row] = await database.query<{ open: number }>(
      `SELECT count(*)::integer AS open FROM outbox WHERE state IN ('pending', 'submitted')`,
    );
    if (row?.open === 0) return;
    await sleep(BETWEEN_LOOKS_MS);
  }
}

/** Puts rows into the outbox at their time, however far the ledger is. */
async function drive(
  database: Database,
  background: readonly Consignment[],
  held: readonly Consignment[],
  perSecond: number,
  betweenHoldsMs: number,
): Promise<void> {
  const began = performance.now();
  let moved = 0;
  for (let placed = 0; placed < held.length;) {
    const elapsedMs = performance.now() - began;
    const due = Math.floor((elapsedMs * perSecond) / 1000);
    const acts: QueuedAct[] = [];
    for (; moved < due; moved++) {
      const consignment = background[moved % background.length];
      if (consignment !== undefined)
        acts.push({ act: consignment.step(), unit: consignment.units[0] ?? '', priority: 1 });
    }
    const hold = elapsedMs >= (placed + 1) * betweenHoldsMs ? held[placed] : undefined;
    if (hold !== undefined) {
      placed++;
      acts.push({ act: hold.hold(), unit: hold.units[0] ?? '', priority: 0 });
    }
    if (acts.length > 0) await insertActs(database, acts);
    await sleep(TICK_MS);
  }
}

/** An act for the outbox; `unit` is what its order is kept by. */
export interface QueuedAct {
  readonly act: Act;
  readonly unit: string;
  readonly priority: number;
}

/** Puts acts into the outbox as they are: no event belongs to them. */
export async function insertActs(database: Database, acts: readonly QueuedAct[]): Promise<void> {
  await database.query(
    `INSERT INTO outbox (signing_party, command, payload, object_keys, priority)
     SELECT party, command, payload, ARRAY[unit], priority
     FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::text[], $5::smallint[])
       AS t (party, command, payload, unit, priority)`,
    [
      acts.map(({ act }) => act.party),
      acts.map(({ act }) => act.command),
      acts.map(({ act }) => JSON.stringify(act.payload)),
      acts.map(({ unit }) => unit),
      acts.map(({ priority }) => priority),
    ],
  );
}
