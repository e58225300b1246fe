import type { StateReader, StateReference, StateType, StateWrite } from '@coldchain/chaincode/domain';
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
  return async (references) => {
    // A fresh salt makes a fresh commitment: it cannot be anchored yet.
    const wanted = references.filter(({ type }) => type !== 'anchor');
    const states = new Map<string, unknown>();
    const read = async (from: string, asked: readonly StateReference[]): Promise<void> => {
      if (asked.length === 0) return;
      const rows = await transaction.query<{ object_type: StateType; object_key: string; state: unknown }>(
        `SELECT object_type, object_key, state FROM ${from}`,
        [asked.map(({ type }) => type), asked.map(({ key }) => key)],
      );
      for (const row of rows) states.set(idOf({ type: row.object_type, key: row.object_key }), row.state);
    };
    const named = '(object_type, object_key) IN (SELECT * FROM unnest($1::text[], $2::text[]))';
    const mayChange = wanted.filter(({ type }) => mayWrite(command, type));
    // In the order of the keys, so that two acts on the same objects cannot deadlock.
    await read(`expected_object WHERE ${named} ORDER BY object_type, object_key FOR UPDATE`, mayChange);
    await read(
      `expected_object WHERE ${named}`,
      wanted.filter(({ type }) => !mayWrite(command, type)),
    );
    await read(
      `ledger_object WHERE ${named}`,
      wanted.filter((reference) => !states.has(idOf(reference))),
    );
    return references.map((reference) => states.get(idOf(reference)));
  };
}

const idOf = ({ type, key }: StateReference): string => `${type}:${key}`;

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
  const kept = writes.filter(({ type }) => type !== 'anchor');
  if (kept.length === 0) return;
  await transaction.query(
    `INSERT INTO expected_object (object_type, object_key, state)
     SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
     ON CONFLICT (object_type, object_key) DO UPDATE SET state = excluded.state`,
    [kept.map(({ type }) => type), kept.map(({ key }) => key), kept.map(({ state }) => JSON.stringify(state))],
  );
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
