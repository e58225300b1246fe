import { type Random, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Pool, PoolClient } from 'pg';

/** Held by the one active worker of a database. */
export interface Leadership {
  /** Aborted when the connection that holds the lock breaks. */
  readonly lost: AbortSignal;
  /** Gives the lock to a standby. */
  release(): void;
}

const LOCK = `hashtext('coldchain-ledger-worker')`;

/**
 * Waits until no other worker is active, then holds the lock on a connection of its own, which also hears of new outbox
 * rows. null when the signal is aborted before.
 */
export async function acquireLeadership(
  options: { readonly pool: Pool; readonly logger: Logger; readonly random: Random; readonly retryMs: number },
  onOutbox: () => void,
  signal: AbortSignal,
): Promise<Leadership | null> {
  let told = false;
  while (!signal.aborted) {
    try {
      const client = await tryLock(options.pool);
      if (client !== null) return await lead(client, onOutbox);
      if (!told) options.logger.info('standby: another worker is active');
      told = true;
    } catch (error) {
      options.logger.error({ err: error }, 'cannot ask for the lock of the active worker');
    }
    await sleep(Math.ceil(options.retryMs * (1 + options.random.unit())), signal);
  }
  return null;
}

/** A connection that breaks while it is idle emits this, and without a listener it would end the process. */
const broke = (): void => undefined;

async function tryLock(pool: Pool): Promise<PoolClient | null> {
  const client = await pool.connect();
  client.on('error', broke);
  let locked = false;
  let failed = true;
  try {
    const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${LOCK}) AS locked`);
    locked = rows[0]?.locked === true;
    failed = false;
    return locked ? client : null;
  } finally {
    if (!locked) {
      client.off('error', broke);
      client.release(failed);
    }
  }
}

async function lead(client: PoolClient, onOutbox: () => void): Promise<Leadership> {
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  client.on('notification', onOutbox);
  try {
    await client.query('LISTEN coldchain_outbox');
  } catch (error) {
    client.release(true);
    throw error;
  }
  return {
    lost: lost.signal,
    // Closing the connection frees the lock and the subscription with it.
    release: () => client.release(true),
  };
}
