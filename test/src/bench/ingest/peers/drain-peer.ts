import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@coldchain/kernel';
import { filledBroker, SUBSCRIBER } from '../filled-broker.js';
import { type IngestWorld, WARM } from '../ingest-world.js';
import type { LoadMessage } from '../load.js';
import { type Throughput, throughput, usageOf } from '../usage.js';
import type { Peer } from './peer.js';

const FILTER = 'coldchain/v1/+/+/readings';
/** So long nothing more came: it has lost something, or stands still. */
const PATIENCE_MS = 60_000;
/** What may come twice comes within that time. */
const AFTERWARDS_MS = 1_000;

/** What a peer did with a filled queue. */
export interface PeerDrained extends Throughput {
  /** Rows in its table at the end. */
  readonly rows: number;
}

/**
 * Fills a queue and lets a peer drain it; measured from a tenth of the messages on, as ingest is.
 * @throws when its table does not hold every reading once at the end
 */
export async function drainPeer(
  world: IngestWorld,
  peer: Peer,
  messages: readonly LoadMessage[],
  readings: number,
): Promise<PeerDrained> {
  const { owner, databaseUrl } = world;
  await owner.query('DROP SCHEMA IF EXISTS peer CASCADE');
  await owner.query('CREATE SCHEMA peer');
  if (peer.schema !== null) await owner.query(peer.schema);
  await owner.query('CHECKPOINT');
  const folder = mkdtempSync(join(tmpdir(), 'coldchain-peer-'));
  const broker = await filledBroker(messages);
  const child = peer.start({ brokerPort: broker.port, clientId: SUBSCRIBER, filter: FILTER, databaseUrl, folder });
  const usage = (): ReturnType<typeof usageOf> => usageOf(world, broker, child.pid ?? 0);
  const expected = messages.length * readings;
  try {
    const startedAt = performance.now();
    const warmed = await rowsOf(world, peer, child, expected * WARM, startedAt);
    const begin = usage();
    await rowsOf(world, peer, child, expected, startedAt);
    const end = usage();
    await sleep(AFTERWARDS_MS);
    const rows = await count(world, peer);
    if (rows !== expected) throw new Error(`${peer.title}: ${rows} rows of ${expected} readings`);
    return { ...throughput(begin, end, messages.length - warmed / readings), rows };
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await broker.close();
    await owner.query('DROP SCHEMA peer CASCADE');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for so many rows; gives how many there were then. To count costs what is measured: the nearer, the oftener. */
async function rowsOf(
  world: IngestWorld,
  peer: Peer,
  child: ChildProcess,
  wanted: number,
  startedAt: number,
): Promise<number> {
  let [seen, seenAt] = [0, performance.now()];
  for (;;) {
    const rows = await count(world, peer);
    const now = performance.now();
    if (rows >= wanted) return rows;
    if (child.exitCode !== null) throw new Error(`${peer.title} ended with ${child.exitCode}`);
    if (rows > seen) [seen, seenAt] = [rows, now];
    else if (now - seenAt > PATIENCE_MS) throw new Error(`${peer.title} stands still at ${rows} rows of ${wanted}`);
    const leftMs = rows === 0 ? 0 : ((wanted - rows) / rows) * (now - startedAt);
    await sleep(Math.min(Math.max(leftMs * 0.7, 20), 2_000));
  }
}

async function count({ owner }: IngestWorld, { table }: Peer): Promise<number> {
  const [exists] = await owner.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
  if (exists?.exists !== true) return 0;
  const [row] = await owner.query<{ rows: number }>(`SELECT count(*)::int8 AS rows FROM ${table}`);
  return row?.rows ?? 0;
}
