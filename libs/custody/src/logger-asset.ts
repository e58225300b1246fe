import { createHash } from 'node:crypto';
import type { Transaction } from '@coldchain/database';
import { type Giai, Gs1Error, parseGiai } from '@coldchain/gs1';

/** A logger's row and the asset identifier that stands for it in events. */
export interface LoggerAsset {
  readonly id: number;
  readonly giai: Giai;
}

/** The logger of a row. @throws Error when the transaction cannot see it */
export async function loggerAsset(transaction: Transaction, loggerId: number): Promise<LoggerAsset> {
  const [row] = await transaction.query<{ serial: string; prefix: string | null; gln: string }>(
    `SELECT g.serial, o.prefixes[1] AS prefix, o.gln FROM logger g JOIN organisation o ON o.id = g.organisation_id
     WHERE g.id = $1`,
    [loggerId],
  );
  if (row === undefined) throw new Error(`logger ${loggerId} is not visible`);
  return { id: loggerId, giai: giaiOf(row.prefix ?? row.gln, row.serial) };
}

/**
 * GIAI (General Specifications §2.3.2): the owner's company prefix and the serial number as asset reference. A serial
 * number that does not fit (over 30 characters in all, or characters outside of set 82) is represented by 20 hex digits
 * of its SHA-256.
 */
export function giaiOf(prefix: string, serial: string): Giai {
  try {
    return parseGiai(`${prefix}${serial}`);
  } catch (error) {
    if (!(error instanceof Gs1Error)) throw error;
    return parseGiai(`${prefix}${createHash('sha256').update(serial).digest('hex').slice(0, 20)}`);
  }
}
