import type { Database } from '@coldchain/database';
import { LocalError } from '../local-error.js';

type LedgerKind = 'embedded' | 'fabric';

const NAMES: Readonly<Record<LedgerKind, string>> = {
  embedded: 'the embedded ledger',
  fabric: 'a Hyperledger Fabric network',
};

/**
 * A database that was filled from a ledger of another kind cannot go on with this one; nor can one whose network is gone.
 * The ledger worker compares the chains themselves; this is said before anything is started for it.
 * @param networkExists whether the data folder has a Fabric network (or another folder was named)
 * @throws LocalError `ledger-differs`
 */
export async function demandRecordedLedger(
  database: Database,
  dataDir: string,
  wanted: LedgerKind,
  networkExists: boolean,
): Promise<void> {
  const [row] = await database.query<{ adapter: LedgerKind }>(
    'SELECT adapter FROM ledger_checkpoint WHERE adapter IS NOT NULL',
  );
  if (row === undefined) return;
  if (row.adapter !== wanted) {
    throw new LocalError(
      'ledger-differs',
      `the database of ${dataDir} was filled from ${NAMES[row.adapter]}, this start wants ${NAMES[wanted]}`,
      `set CCT_LEDGER=${row.adapter}, or CCT_DATA_DIR to an empty folder`,
    );
  }
  if (wanted === 'fabric' && !networkExists) {
    throw new LocalError(
      'ledger-differs',
      `the database of ${dataDir} was filled from a Hyperledger Fabric network that is not there any more`,
      'bring its folder back, or set CCT_DATA_DIR to an empty folder',
    );
  }
}
