import { join } from 'node:path';
import { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';
import { LocalError } from '../local-error.js';

const TIMEOUT_MS = 60_000;
const BETWEEN_LOOKS_MS = 50;

/**
 * Waits until every organisation that is served here is a party on the ledger. Before, the first act of its accounts is
 * refused with `party-unknown`, and on a Fabric network that time is seconds.
 * @param databaseUrl as its owner
 * @throws LocalError `process-not-ready`, `interrupted`
 */
export async function untilPartiesRegistered(databaseUrl: string, dataDir: string, signal: AbortSignal): Promise<void> {
  const options = { url: databaseUrl, role: null, maxConnections: 1, applicationName: 'coldchain-first-start' };
  const database = Database.open(options);
  try {
    const until = Date.now() + TIMEOUT_MS;
    for (let waiting = await unregistered(database); waiting.length > 0; waiting = await unregistered(database)) {
      if (signal.aborted) throw new LocalError('interrupted', 'stopped while starting', 'start again');
      if (Date.now() > until) {
        const whose = `not registered on the ledger after ${TIMEOUT_MS / 1000} s: ${waiting.join(', ')}`;
        throw new LocalError('process-not-ready', whose, `see ${join(dataDir, 'logs', 'ledger-worker.log')}`);
      }
      await sleep(BETWEEN_LOOKS_MS, signal);
    }
  } finally {
    await database.close();
  }
}

async function unregistered(database: Database): Promise<string[]> {
  const rows = await database.asProcess((transaction) =>
    transaction.query<{ slug: string }>(
      `SELECT slug FROM organisation o WHERE served AND NOT EXISTS (
         SELECT FROM ledger_object WHERE object_type = 'party' AND object_key = o.party) ORDER BY slug`,
    ),
  );
  return rows.map(({ slug }) => slug);
}
