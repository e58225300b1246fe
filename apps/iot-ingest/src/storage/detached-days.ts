import type { Transaction } from '@coldchain/database';

/** `identical`: its bytes lie there. `gone`: where they could lie is not in this database any more. */
export type DetachedStanding = 'identical' | 'gone';

/**
 * How messages stand to the partitions of their days that were detached, by `stream number`; what is not named has nothing
 * to do with any. `places`: arrays of day, stream, number, SHA-256, serial number and time, for the single readings.
 */
export async function standingInDetached(
  transaction: Transaction,
  places: readonly unknown[],
): Promise<ReadonlyMap<string, DetachedStanding>> {
  const rows = await transaction.query<{ name: string; identical: boolean }>(
    `SELECT stream || ' ' || seq AS name, bool_or(identical) AS identical
     FROM compare_with_detached($1::date[], $2::int4[], $3::int8[], $4::bytea[], $5::text[], $6::timestamptz[])
     GROUP BY stream, seq`,
    places,
  );
  return new Map(rows.map(({ name, identical }) => [name, identical ? 'identical' : 'gone']));
}
