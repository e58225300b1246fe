import { Database } from '@coldchain/database';
import { DomainError, SystemClock, SystemRandom } from '@coldchain/kernel';
import type { Ledger } from '@coldchain/ledger';
import { type Configuration, loadConfiguration } from '@coldchain/runtime';
import type { Pool } from 'pg';
import { openLedger } from './open-ledger.js';

/** What a command of this process works with: the database, and the ledger when it asks for it. */
export interface CommandContext {
  readonly configuration: Configuration<'ledger-worker'>;
  readonly pool: Pool;
  /** Opens the ledger; it is closed after the command. @throws what {@link openLedger} throws */
  readonly ledger: () => Promise<Ledger>;
}

/** Runs one command, beside a worker or without one, and closes what it opened. @throws ConfigurationInvalid */
export async function withDatabase<Result>(
  name: string,
  work: (context: CommandContext) => Promise<Result>,
): Promise<Result> {
  const configuration = loadConfiguration('ledger-worker');
  const database = Database.open({
    url: configuration.databaseUrl,
    role: 'cct_worker',
    applicationName: `ledger-worker-${name}`,
    maxConnections: 4,
  });
  const opened: Ledger[] = [];
  const ledger = async (): Promise<Ledger> => {
    const one = await openLedger(configuration, database.pool, new SystemClock(), new SystemRandom());
    opened.push(one);
    return one;
  };
  try {
    return await work({ configuration, pool: database.pool, ledger });
  } finally {
    for (const one of opened) await one.close();
    await database.close();
  }
}

/** Tells on standard error why a command could not be done: code, what happened, and what to do next where it is known. */
export function tellFailure(error: unknown): void {
  const code = error instanceof DomainError ? String(error.code) : 'unexpected';
  const nextStep = error instanceof DomainError ? error.details['nextStep'] : undefined;
  const advice = typeof nextStep === 'string' ? ` – ${nextStep}` : '';
  process.stderr.write(`${code}: ${error instanceof Error ? error.message : String(error)}${advice}\n`);
}
