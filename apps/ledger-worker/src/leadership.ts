import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import { type Random, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Pool, PoolClient } from 'pg';

/** Held by the one active worker of a database. */
export interface Leadership {
  /** Counts leaders: every claim and every projected block is written under the epoch of its leader. */
  readonly epoch: number;
  /** Aborted when the connection that holds the lock breaks. */
  readonly lost: AbortSignal;
  /** Gives the lock to a standby. */
  release(): Promise<void>;
}

/** Who asks to lead, and how often. */
export interface LeadershipOptions {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly random: Random;
  /** Names this process to people. */
  readonly holder: string;
  readonly retryMs: number;
  /** The server ends the session of a leader that said nothing for so long, so that a paused one is replaced. */
  readonly silenceMs: number;
}

const LOCK = `hashtext('coldchain-ledger-worker')`;
/** So many signs of life fall into the time after which silence ends a leadership. */
const SIGNS = 5;

/**
 * Waits until no other worker is active, then holds the lock on a connection of its own, which also hears of new outbox
 * rows. null when the signal is aborted before.
 */
export async function acquireLeadership(
  options: LeadershipOptions,
  onOutbox: () => void,
  signal: AbortSignal,
): Promise<Leadership | null> {
  let told = false;
  while (!signal.aborted) {
    try {
      const client = await tryLock(options.pool);
      if (client !== null) return await lead(client, options, onOutbox);
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

async function lead(client: PoolClient, options: LeadershipOptions, onOutbox: () => void): Promise<Leadership> {
  const lost = new AbortController();
  const stop = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  client.on('notification', onOutbox);
  let epoch: number;
  try {
    await client.query('LISTEN coldchain_outbox');
    await client.query(`SELECT set_config('idle_session_timeout', $1, false)`, [String(options.silenceMs)]);
    epoch = await nextEpoch(client, options.holder);
  } catch (error) {
    client.release(true);
    throw error;
  }
  const signs = giveSigns(client, options.silenceMs / SIGNS, AbortSignal.any([lost.signal, stop.signal]));
  return {
    epoch,
    lost: lost.signal,
    release: async () => {
      stop.abort();
      await signs;
      // Closing the connection frees the lock and the subscription with it.
      client.release(true);
    },
  };
}

/** Counts on, and takes over what earlier leaders had claimed: from here on they write nothing, whatever they had begun. */
async function nextEpoch(client: PoolClient, holder: string): Promise<number> {
  const { rows } = await client.query<{ epoch: number | string }>(
    `INSERT INTO ledger_leadership (channel, epoch, holder) VALUES ($1, 1, $2)
     ON CONFLICT (channel) DO UPDATE SET epoch = ledger_leadership.epoch + 1, holder = $2, since = now()
     RETURNING epoch`,
    [CHANNEL_NAME, holder],
  );
  const epoch = Number(rows[0]?.epoch);
  await client.query(
    `UPDATE outbox SET claim_epoch = $1 WHERE state IN ('pending', 'submitted') AND claim_epoch IS NOT NULL`,
    [epoch],
  );
  return epoch;
}

async function giveSigns(client: PoolClient, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, signal);
    // A failure means that the connection is gone, which ends the leadership by its own event.
    if (!signal.aborted) await client.query('SELECT 1').catch(() => undefined);
  }
}
