import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, hashPassword, type Transaction } from '@coldchain/database';
import type { Random } from '@coldchain/kernel';
import {
  type AccountRole,
  DEMONSTRATION_ORGANISATIONS,
  type DemonstrationOrganisation,
  REGULATOR,
} from './organisations.js';

/** One line of `demo-accounts.json`: an account with several roles has one entry per role, with the same key. */
export interface DemoAccount {
  readonly organisation: string;
  readonly role: AccountRole;
  readonly apiKey: string;
  /** Of a Responsible Person: what he types when he signs a decision. */
  readonly password?: string;
}

const FILE = 'demo-accounts.json';

/**
 * On an empty database, in one transaction: the organisations and accounts of the demonstration and the outbox rows that
 * register the parties on the ledger. The keys (256 bit) and the passwords of those who sign exist in clear only in
 * `<data dir>/demo-accounts.json`, mode 0600; the database has SHA-256 of the keys and scrypt of the passwords.
 * @param database as its owner
 * @returns false when the database had organisations before: nothing was changed
 */
export async function createFirstAccounts(database: Database, dataDir: string, random: Random): Promise<boolean> {
  return database.asProcess(async (transaction) => {
    // Two launchers on one external database: the second waits here and then finds the organisations of the first.
    await transaction.query(`SELECT pg_advisory_xact_lock(hashtext('coldchain-first-accounts'))`);
    const found = await transaction.query('SELECT 1 FROM organisation LIMIT 1');
    if (found.length > 0) return false;
    const accounts: DemoAccount[] = [];
    for (const organisation of DEMONSTRATION_ORGANISATIONS)
      accounts.push(...(await insertOrganisation(transaction, organisation, random)));
    // Before COMMIT: keys that nobody could read would lock everyone out of a database that counts as set up.
    writeAccounts(dataDir, accounts);
    return true;
  });
}

/** The accounts that the first start wrote; empty where this data folder did not make them. */
export function readAccounts(dataDir: string): readonly DemoAccount[] {
  try {
    return JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')) as readonly DemoAccount[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function writeAccounts(dataDir: string, accounts: readonly DemoAccount[]): void {
  const file = join(dataDir, FILE);
  const lines = accounts.map((account) => `  ${JSON.stringify(account)}`).join(',\n');
  writeFileSync(`${file}.partial`, `[\n${lines}\n]\n`, { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}

async function insertOrganisation(
  transaction: Transaction,
  organisation: DemonstrationOrganisation,
  random: Random,
): Promise<DemoAccount[]> {
  const { slug, name, party, gln, prefixes, roles } = organisation;
  const [row] = await transaction.query<{ id: number }>(
    `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
     VALUES ($1, $2, $3, $4, $5, $6, true) RETURNING id`,
    [slug, name, party, gln, prefixes, roles],
  );
  const written: DemoAccount[] = [];
  for (const account of organisation.accounts) {
    const apiKey = random.bytes(32).toString('base64url');
    const [made] = await transaction.query<{ id: number }>(
      `INSERT INTO account (organisation_id, name, kind, roles, key_sha256) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
      [row?.id, account.name, account.kind, account.roles, createHash('sha256').update(apiKey).digest()],
    );
    const signs = account.roles.includes('responsible-person');
    const signing = signs && made !== undefined ? { password: await givePassword(transaction, made.id, random) } : {};
    written.push(...account.roles.map((role) => ({ organisation: slug, role, apiKey, ...signing })));
  }
  const regulator = DEMONSTRATION_ORGANISATIONS.find((candidate) => candidate.slug === REGULATOR)?.party;
  await transaction.query(
    `INSERT INTO outbox (event_id, signing_party, command, payload, object_keys)
     VALUES (NULL, $1, 'registerParty', $2, $3)`,
    [regulator, JSON.stringify({ party, roles, prefixes }), [`party:${party}`]],
  );
  return written;
}

/** A first password for a person who signs; 96 random bits, which nobody guesses within the attempts that he has. */
async function givePassword(transaction: Transaction, accountId: number, random: Random): Promise<string> {
  const password = random.bytes(12).toString('base64url');
  await transaction.query(
    'INSERT INTO account_password (account_id, password_hash, changed_at) VALUES ($1, $2, now())',
    [accountId, await hashPassword(password, random)],
  );
  return password;
}
