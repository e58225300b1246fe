import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@coldchain/database';
import { EmbeddedLedger, type EmbeddedLedgerOptions } from '@coldchain/ledger/embedded';
import { type TestDatabase, testDatabase } from '../support/index.js';
import { type LedgerUnderTest, REGULATOR } from './ledger.suite.js';

/** MSP ids of the organisations of an embedded ledger under test. */
export const EMBEDDED_ORGANISATIONS = ['ManufacturerMSP', 'DistributorMSP', 'PharmacyMSP', 'RegulatorMSP'];

/** An embedded ledger on a database of its own. */
export interface EmbeddedUnderTest extends LedgerUnderTest {
  readonly ledger: EmbeddedLedger;
  readonly owner: Database;
  readonly options: EmbeddedLedgerOptions;
}

/** @param other what the ledger shall have otherwise: a clock, say */
export async function openEmbedded(other: Partial<EmbeddedLedgerOptions> = {}): Promise<EmbeddedUnderTest> {
  const test: TestDatabase = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'ledger-'));
  const database = Database.open({ url: test.url, role: 'cct_worker', applicationName: 'embedded-ledger-spec' });
  const owner = Database.open({
    url: test.url,
    role: null,
    maxConnections: 2,
    applicationName: 'embedded-ledger-spec',
  });
  const options: EmbeddedLedgerOptions = {
    pool: database.pool,
    keysDirectory: join(directory, 'keys'),
    organisations: EMBEDDED_ORGANISATIONS,
    regulator: REGULATOR,
    ...other,
  };
  const opened: EmbeddedLedger[] = [];
  const open = async (): Promise<EmbeddedLedger> => {
    const ledger = await EmbeddedLedger.open(options);
    opened.push(ledger);
    return ledger;
  };
  return {
    ledger: await open(),
    owner,
    options,
    reopen: async () => {
      await opened.at(-1)?.close();
      return open();
    },
    close: async () => {
      for (const ledger of opened) await ledger.close();
      await database.close();
      await owner.close();
      await test.close();
      await rm(directory, { recursive: true });
    },
  };
}
