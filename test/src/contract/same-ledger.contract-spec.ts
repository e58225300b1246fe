import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import { repositoryRoot, type TestDatabase, testDatabase } from '../support/index.js';

/** A database remembers the chain that it was filled from; `fsck` stands for all that opens the ledger. */
describe('a ledger worker', () => {
  let test: TestDatabase;
  let owner: Database;
  const folder = mkdtempSync(join(tmpdir(), 'coldchain-same-ledger-'));

  const fsck = (keys: string): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['apps/ledger-worker/dist/main.js', 'fsck'], {
      cwd: repositoryRoot,
      env: {
        PATH: process.env['PATH'],
        CCT_DATABASE_URL: test.url,
        CCT_LEDGER_KEYS_DIR: join(folder, keys),
        CCT_LOG_LEVEL: 'error',
      },
      encoding: 'utf8',
    });
    return { status, said: stdout + stderr };
  };

  beforeAll(async () => {
    test = await testDatabase();
    owner = Database.open({ url: test.url, role: null, applicationName: 'same-ledger', maxConnections: 1 });
    await owner.query(
      `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
       VALUES ('authority', 'Authority', 'RegulatorMSP:authority', '9520005000016', '{}', '{regulator}', true)`,
    );
  });
  afterAll(async () => {
    await owner.close();
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes an empty database the one of the ledger that it opens', async () => {
    for (let time = 0; time < 2; time++) expect(fsck('keys').said).not.toContain('ledger-differs');
    const [row] = await owner.query(
      `SELECT adapter, genesis = encode(header_hash, 'hex') AS same FROM ledger_checkpoint, embedded_ledger.block
       WHERE number = 0`,
    );
    expect(row).toEqual({ adapter: 'embedded', same: true });
  });

  it('refuses another chain', async () => {
    await owner.query(
      'DELETE FROM embedded_ledger.state; DELETE FROM embedded_ledger.transaction; DELETE FROM embedded_ledger.block',
    );
    expect(fsck('other keys')).toEqual({
      status: 2,
      said: expect.stringMatching(/^ledger-differs: .* another chain: .* – bring the ledger back/),
    });
  });

  it('refuses a ledger of another kind, before that writes anything', async () => {
    await owner.query(
      'DELETE FROM embedded_ledger.state; DELETE FROM embedded_ledger.transaction; DELETE FROM embedded_ledger.block',
    );
    await owner.query(`UPDATE ledger_checkpoint SET adapter = 'fabric'`);
    expect(fsck('keys')).toEqual({
      status: 2,
      said: expect.stringMatching(/^ledger-differs: .* Hyperledger Fabric network, .* – set CCT_LEDGER=fabric/),
    });
    expect(await owner.query('SELECT number FROM embedded_ledger.block')).toEqual([]);
  });
});
