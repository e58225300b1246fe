import { join } from 'node:path';
import type { Pool } from 'pg';
import { type Clock, DomainError, type Random } from '@coldchain/kernel';
import type { Ledger } from '@coldchain/ledger';
import type { Configuration } from '@coldchain/runtime';
import { demandKind, demandSameLedger } from './same-ledger.js';

/** The organisations of the channel. */
const ORGANISATIONS = ['ManufacturerMSP', 'DistributorMSP', 'PharmacyMSP', 'RegulatorMSP'] as const;

/** The process cannot have a ledger as it is configured. */
export class LedgerNotConfigured extends DomainError<'regulator-missing'> {
  readonly code = 'regulator-missing';
}

type LedgerConfiguration = Pick<
  Configuration<'ledger-worker'>,
  'ledger' | 'ledgerKeysDir' | 'dataDir' | 'fabricNetwork'
>;

/**
 * Opens the ledger that the configuration names, which must be the one that the database was filled from.
 * @throws LedgerNotConfigured, LedgerDiffers, and what the adapter throws
 */
export async function openLedger(
  configuration: LedgerConfiguration,
  pool: Pool,
  clock: Clock,
  random: Random,
): Promise<Ledger> {
  await demandKind(pool, configuration.ledger);
  const ledger = await openAdapter(configuration, pool, clock, random);
  try {
    await demandSameLedger(pool, ledger, configuration.ledger);
    return ledger;
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

async function openAdapter(
  configuration: LedgerConfiguration,
  pool: Pool,
  clock: Clock,
  random: Random,
): Promise<Ledger> {
  const { rows } = await pool.query<{ party: string }>(
    `SELECT party FROM organisation WHERE 'regulator' = ANY(roles) ORDER BY id LIMIT 1`,
  );
  const [regulator] = rows;
  if (regulator === undefined) {
    throw new LedgerNotConfigured('no organisation has the role regulator: create it first');
  }
  if (configuration.ledger === 'fabric') {
    const networkDirectory = configuration.fabricNetwork ?? join(configuration.dataDir, 'fabric');
    const { FabricLedger } = await import('@coldchain/ledger/fabric');
    return FabricLedger.open({ networkDirectory, reader: regulator.party, clock, random });
  }
  const { EmbeddedLedger } = await import('@coldchain/ledger/embedded');
  return EmbeddedLedger.open({
    pool,
    keysDirectory: configuration.ledgerKeysDir,
    organisations: ORGANISATIONS,
    regulator: regulator.party,
    clock,
    random,
  });
}
