import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import { DomainError } from '@coldchain/kernel';
import type { Ledger } from '@coldchain/ledger';
import type { Pool } from 'pg';

type Adapter = 'embedded' | 'fabric';

const NAMES: Readonly<Record<Adapter, string>> = {
  embedded: 'the embedded ledger',
  fabric: 'a Hyperledger Fabric network',
};

/** The database was filled from another ledger: what it says was signed is not on this one. */
export class LedgerDiffers extends DomainError<'ledger-differs'> {
  readonly code = 'ledger-differs';

  constructor(message: string, nextStep: string) {
    super(message, { nextStep });
  }
}

/**
 * Before a ledger is opened, which may write: was the database filled from one of another kind?
 * @throws LedgerDiffers
 */
export async function demandKind(pool: Pool, adapter: Adapter): Promise<void> {
  const recorded = (await recordedLedger(pool))?.adapter ?? adapter;
  if (recorded === adapter) return;
  throw new LedgerDiffers(
    `the database was filled from ${NAMES[recorded]}, CCT_LEDGER names ${NAMES[adapter]}`,
    `set CCT_LEDGER=${recorded}, or take an empty database`,
  );
}

/**
 * Before anything is relayed or projected: does the database belong to exactly this chain? A database that belongs to none
 * becomes this one's.
 * @throws LedgerDiffers
 */
export async function demandSameLedger(pool: Pool, ledger: Ledger, adapter: Adapter): Promise<void> {
  const first = await ledger.block(0);
  if (first === undefined) throw new LedgerDiffers('the ledger has no first block', 'look at the network');
  await pool.query(
    `INSERT INTO ledger_checkpoint (channel, block, transaction_index, height, confirmed_at, adapter, genesis)
     VALUES ($1, -1, -1, 0, to_timestamp(0), $2, $3)
     ON CONFLICT (channel) DO UPDATE SET adapter = excluded.adapter, genesis = excluded.genesis
     WHERE ledger_checkpoint.genesis IS NULL`,
    [CHANNEL_NAME, adapter, first.headerHash],
  );
  const recorded = await recordedLedger(pool);
  if (recorded?.genesis === first.headerHash) return;
  throw new LedgerDiffers(
    `the database was filled from another chain: its first block is ${recorded?.genesis.slice(0, 16)}…, here it is ${first.headerHash.slice(0, 16)}…`,
    'bring the ledger back that belongs to the database, or take an empty database',
  );
}

interface RecordedLedger {
  readonly adapter: Adapter;
  readonly genesis: string;
}

async function recordedLedger(pool: Pool): Promise<RecordedLedger | null> {
  const { rows } = await pool.query<RecordedLedger>(
    'SELECT adapter, genesis FROM ledger_checkpoint WHERE channel = $1 AND genesis IS NOT NULL',
    [CHANNEL_NAME],
  );
  return rows[0] ?? null;
}
