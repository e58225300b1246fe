import type { Transaction } from '@coldchain/database';
import { sqlState } from '../accept/store-failure.js';

/** `identical`: its bytes lie there. `gone`: where they could lie is not in this database any more, or cannot be read. */
export type DetachedStanding = 'identical' | 'gone';

/**
 * Classes of SQLSTATE (PostgreSQL appendix A) of a table that people changed, took away from us or lock, or that the disk
 * has damaged: access rule violation, object not in prerequisite state, system error, internal error.
 */
const UNREADABLE_CLASSES = ['42', '55', '58', 'XX'];

/**
 * How messages stand to the partitions of their days that were detached, by `stream number`; what is not named has nothing
 * to do with any. `places`: arrays of day, stream, number, SHA-256, serial number and time, for the single readings.
 * Detached tables belong to people: one that cannot be read must not keep messages waiting that have nothing to do with it.
 */
export async function standingInDetached(
  transaction: Transaction,
  places: readonly unknown[],
): Promise<ReadonlyMap<string, DetachedStanding>> {
  await transaction.query('SAVEPOINT detached');
  try {
    await transaction.query("SET LOCAL lock_timeout = '2s'");
    const standing = await compared(transaction, COMPARE, places);
    await transaction.query('ROLLBACK TO SAVEPOINT detached');
    return standing;
  } catch (error) {
    if (!UNREADABLE_CLASSES.includes(sqlState(error)?.slice(0, 2) ?? '')) throw error;
    await transaction.query('ROLLBACK TO SAVEPOINT detached');
    return compared(transaction, CANNOT_COMPARE, places);
  }
}

const WANTED = '$1::date[], $2::int4[], $3::int8[], $4::bytea[], $5::text[], $6::timestamptz[]';
const COMPARE = `SELECT stream, seq, identical FROM compare_with_detached(${WANTED})`;
const CANNOT_COMPARE = `
  SELECT x.stream, x.seq, false AS identical FROM unnest(${WANTED}) AS x (day, stream, seq, sha256, serial, at)
  WHERE EXISTS (SELECT FROM detached_partition p WHERE p.day = x.day)`;

async function compared(
  transaction: Transaction,
  sql: string,
  places: readonly unknown[],
): Promise<ReadonlyMap<string, DetachedStanding>> {
  const rows = await transaction.query<{ name: string; identical: boolean }>(
    `SELECT stream || ' ' || seq AS name, bool_or(identical) AS identical FROM (${sql}) c GROUP BY stream, seq`,
    places,
  );
  return new Map(rows.map(({ name, identical }) => [name, identical ? 'identical' : 'gone']));
}
