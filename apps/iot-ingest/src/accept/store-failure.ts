/**
 * What to do about a failed transaction. `repeat`: it met another one, again at once. `data`: PostgreSQL objects to a
 * value, the group is halved until the one message is found. `outage`: everything else; the acknowledgement is held and
 * the same group tried again later, since nothing says that the messages are at fault.
 */
export type StoreFailure = 'repeat' | 'data' | 'outage';

/** A writer of another process stored the same numbers meanwhile; the repeated statement sees them. */
export class WatermarkRaced extends Error {}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
/** Another process made the partition of the same new day a moment ago. */
const DUPLICATE_TABLE = '42P07';
const REPEATABLE = [SERIALIZATION_FAILURE, DEADLOCK_DETECTED, DUPLICATE_TABLE];
/** Classes of SQLSTATE (PostgreSQL appendix A): data exception, integrity constraint violation. */
const DATA_CLASSES = ['22', '23'];
const UNIQUE_VIOLATION = '23505';
/** A value too long for an index, or a row too large. */
const PROGRAM_LIMIT_EXCEEDED = '54000';
/** Of a constraint, or, without naming one, of a partition that is not there: known before, detached since. */
const CHECK_VIOLATION = '23514';

/** SQLSTATE of an error of the server; null for one of the connection or of this program. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : null;
}

/** Whether a row with this key is there already. */
export function isDuplicate(error: unknown): boolean {
  return sqlState(error) === UNIQUE_VIOLATION;
}

/** Whether the partition of a day is not there. */
export function lacksPartition(error: unknown): boolean {
  if (sqlState(error) !== CHECK_VIOLATION) return false;
  const { constraint } = error as { readonly constraint?: unknown };
  return constraint === undefined || constraint === null;
}

/** Sorts an error of a store transaction. */
export function judgeStoreFailure(error: unknown): StoreFailure {
  if (error instanceof WatermarkRaced || lacksPartition(error)) return 'repeat';
  const state = sqlState(error);
  if (state !== null && REPEATABLE.includes(state)) return 'repeat';
  if (state !== null && (DATA_CLASSES.includes(state.slice(0, 2)) || state === PROGRAM_LIMIT_EXCEEDED)) return 'data';
  return 'outage';
}
