import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, migrate, verifyPassword } from '@coldchain/database';
import { parseGln } from '@coldchain/gs1';
import { SeededRandom } from '@coldchain/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningPostgres, startPostgres } from '../postgres/postgres-launcher.js';
import { createFirstAccounts, readAccounts } from './accounts.js';
import { DEMONSTRATION_ORGANISATIONS } from './organisations.js';

describe('the organisations of the demonstration', () => {
  it.each(DEMONSTRATION_ORGANISATIONS)('give $slug a valid GLN under its own prefix', ({ gln, prefixes }) => {
    expect(parseGln(gln)).toBe(gln);
    expect(prefixes.every((prefix) => prefix.startsWith('952') && gln.startsWith(prefix))).toBe(true);
  });
});

describe('createFirstAccounts', () => {
  let dataDir: string;
  let server: RunningPostgres;
  let database: Database;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'coldchain-accounts-'));
    chmodSync(dataDir, 0o711);
    server = await startPostgres({ dataDir, durable: false });
    await migrate(server.url);
    database = Database.open({ url: server.url, role: null, maxConnections: 2, applicationName: 'spec' });
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
    const cluster = realpathSync(join(dataDir, 'postgres'));
    for (const folder of [dataDir, cluster]) rmSync(folder, { recursive: true, force: true });
  });

  it('writes organisations, accounts and ledger registrations once, also when two start together', async () => {
    const both = await Promise.all([
      createFirstAccounts(database, dataDir, new SeededRandom('a')),
      createFirstAccounts(database, dataDir, new SeededRandom('b')),
    ]);
    expect(both.sort()).toEqual([false, true]);
    expect(await createFirstAccounts(database, dataDir, new SeededRandom('c'))).toBe(false);
    const organisations = await database.query<{ slug: string }>('SELECT slug FROM organisation ORDER BY id');
    expect(organisations.map(({ slug }) => slug)).toEqual(DEMONSTRATION_ORGANISATIONS.map(({ slug }) => slug));
  });

  it('registers every party in the name of the regulator', async () => {
    const rows = await database.query(
      `SELECT event_id, signing_party, command, payload->>'party' AS party, object_keys, state FROM outbox ORDER BY id`,
    );
    expect(rows).toEqual(
      DEMONSTRATION_ORGANISATIONS.map(({ party }) => ({
        event_id: null,
        signing_party: 'RegulatorMSP:medicines-authority',
        command: 'registerParty',
        party,
        object_keys: [`party:${party}`],
        state: 'pending',
      })),
    );
  });

  it('keeps keys in clear only in a file for its owner; each opens its account with that role', async () => {
    const accounts = readAccounts(dataDir);
    expect(statSync(join(dataDir, 'demo-accounts.json')).mode & 0o777).toBe(0o600);
    for (const { organisation, role, apiKey } of accounts) {
      expect(Buffer.from(apiKey, 'base64url')).toHaveLength(32);
      const found = await database.query('SELECT organisation_slug, roles FROM authenticate_account($1)', [
        createHash('sha256').update(apiKey).digest(),
      ]);
      expect(found).toEqual([{ organisation_slug: organisation, roles: expect.arrayContaining([role]) }]);
    }
    const kinds = await database.query<{ organisation_id: number; persons: number; machines: number }>(
      `SELECT organisation_id, count(*) FILTER (WHERE kind = 'person')::integer AS persons,
         count(*) FILTER (WHERE kind = 'machine')::integer AS machines FROM account GROUP BY 1`,
    );
    expect(kinds).toHaveLength(DEMONSTRATION_ORGANISATIONS.length);
    expect(kinds.every(({ persons, machines }) => persons >= 2 && machines === 1)).toBe(true);
    expect(readFileSync(join(dataDir, 'logs', 'postgres.log'), 'utf8')).not.toContain(accounts[0]?.apiKey);
  });

  it('gives a password to those who sign decisions, and to nobody else', async () => {
    const accounts = readAccounts(dataDir);
    const signing = new Map(
      accounts.flatMap(({ apiKey, password }) => (password === undefined ? [] : [[apiKey, password]])),
    );
    const rows = await database.query<{ key_sha256: Buffer; roles: readonly string[]; password_hash: string | null }>(
      'SELECT key_sha256, roles, password_hash FROM account LEFT JOIN account_password ON account_id = id',
    );
    for (const { key_sha256: digest, roles, password_hash: hash } of rows) {
      expect(hash !== null).toBe(roles.includes('responsible-person'));
      const found = [...signing].find(([key]) =>
        createHash('sha256')
          .update(key ?? '')
          .digest()
          .equals(digest),
      );
      if (hash !== null) expect(await verifyPassword(Buffer.from(found?.[1] ?? ''), hash)).toBe(true);
    }
    expect(signing.size).toBe(4);
  });
});
