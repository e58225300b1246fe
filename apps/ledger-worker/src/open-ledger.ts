import type { Pool } from 'pg';
import { type Clock, DomainError, type Random } from '@coldchain/kernel';
import type { Ledger } from '@coldchain/ledger';
import type { Configuration } from '@coldchain/runtime';

/** The organisations of the channel. */
const ORGANISATIONS = ['ManufacturerMSP', 'DistributorMSP', 'PharmacyMSP', 'RegulatorMSP'] as const;

/** The process cannot have a ledger as it is configured. */
export class LedgerNotConfigured extends DomainError<'regulator-missing' | 'ledger-not-available'> {
  constructor(
    readonly code: 'regulator-missing' | 'ledger-not-available',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Opens the ledger that the configuration names.
 * @throws LedgerNotConfigured, and what the adapter throws
 */
export async function openLedger(
  configuration: Pick<Configuration<'ledger-worker'>, 'ledger' | 'ledgerKeysDir'>,
  pool: Pool,
  clock: Clock,
  random: Random,
): Promise<Ledger> {
  if (configuration.ledger === 'fabric') {
    throw new LedgerNotConfigured('ledger-not-available', 'this build has no Fabric adapter; set CCT_LEDGER=embedded');
  }
  const { rows } = await pool.query<{ party: string }>(
    `SELECT party FROM organisation WHERE 'regulator' = ANY(roles) ORDER BY id LIMIT 1`,
  );
  const [regulator] = rows;
  if (regulator === undefined) {
    throw new LedgerNotConfigured('regulator-missing', 'no organisation has the role regulator: create it first');
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
