import type { StateWrite, StateReader, StateType } from '@coldchain/chaincode/domain';
import type { Command } from '@coldchain/chaincode/protocol';
import type { Transaction } from '@coldchain/database';

/** Commands that write the batch they name; all others only read it and must not queue behind one another for it. */
const BATCH_COMMANDS: ReadonlySet<Command> = new Set([
  'registerBatch',
  'certifyBatch',
  'addPacks',
  'recallBatch',
  'liftRecall',
]);

/** Commands that write a party; all others only read the caller's. */
const PARTY_COMMANDS: ReadonlySet<Command> = new Set(['registerParty', 'suspendParty']);

/** Whether a command may write a state of a type that it reads. */
function mayWrite(command: Command, type: StateType): boolean {
  switch (type) {
    case 'batch':
      return BATCH_COMMANDS.has(command);
    case 'party':
      return PARTY_COMMANDS.has(command);
    default:
      return type !== 'profile';
  }
}

/**
 * What the ledger will hold once everything captured so far is committed, as a {@link StateReader} for the contract's
 * rules. What a command may write is locked as it is read, so that two acts on one object are judged one after the other.
 */
export function expectedStateReader(transaction: Transaction, command: Command): StateReader {
  return async (type, key) => {
    if (type === 'anchor') return undefined; // a fresh salt makes a fresh commitment: it cannot be anchored yet
    const lock = mayWrite(command, type);
    const [expected] = await transaction.query<{ state: unknown }>(
      `SELECT state FROM expected_object WHERE object_type = $1 AND object_key = $2 ${lock ? 'FOR UPDATE' : ''}`,
      [type, key],
    );
    if (expected !== undefined) return expected.state;
    const [committed] = await transaction.query<{ state: unknown }>(
      'SELECT state FROM ledger_object WHERE object_type = $1 AND object_key = $2',
      [type, key],
    );
    return committed?.state;
  };
}

/** Locks the units and packs that a command names, in key order: two acts on the same objects cannot deadlock. */
export async function lockExpected(transaction: Transaction, keys: readonly string[]): Promise<void> {
  await transaction.query(
    `SELECT 1 FROM expected_object WHERE object_key = ANY($1) AND object_type IN ('unit', 'pack')
     ORDER BY object_type, object_key FOR UPDATE`,
    [keys],
  );
}

/** Stores the states that a command will leave. */
export async function writeExpected(transaction: Transaction, writes: readonly StateWrite[]): Promise<void> {
  for (const write of writes) {
    if (write.type === 'anchor') continue;
    await transaction.query(
      `INSERT INTO expected_object (object_type, object_key, state) VALUES ($1, $2, $3)
       ON CONFLICT (object_type, object_key) DO UPDATE SET state = excluded.state`,
      [write.type, write.key, JSON.stringify(write.state)],
    );
  }
}

/**
 * Of the objects that a command only reads, those whose last change is not on the ledger yet: the command must be
 * submitted after it. Objects that are settled do not order anything.
 */
export async function unsettled(
  transaction: Transaction,
  objects: readonly { readonly type: StateType; readonly key: string }[],
): Promise<string[]> {
  if (objects.length === 0) return [];
  const rows = await transaction.query<{ object_key: string }>(
    `SELECT e.object_key FROM expected_object e
     LEFT JOIN ledger_object l USING (object_type, object_key)
     WHERE (e.object_type, e.object_key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
       AND e.state IS DISTINCT FROM l.state`,
    [objects.map((object) => object.type), objects.map((object) => object.key)],
  );
  return rows.map((row) => row.object_key);
}
