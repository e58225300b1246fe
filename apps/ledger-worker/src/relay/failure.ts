import type { PartyId } from '@coldchain/chaincode/protocol';
import { LedgerError } from '@coldchain/ledger';
import type { OutboxRow, RowError } from './outbox-row.js';

/** When a row that keeps failing is parked: after so many failures in a row, over at least this time. */
export interface ParkingLimits {
  readonly failures: number;
  readonly durationMs: number;
}

/** What brings a key, or restarts a server that answers nonsense, has half a minute; then others shall see it. */
export const PARKING_LIMITS: ParkingLimits = { failures: 6, durationMs: 30_000 };

/** A refusal with this code is a payload that the contract cannot read: a defect of ours, not a judgement of the act. */
export const MALFORMED = 'payload-invalid';

/** Code and text of what was thrown. */
export function rowError(error: unknown): RowError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
  return { code, reason: error instanceof Error ? error.message : String(error) };
}

/**
 * Whether a thrown error will come again until a person has done something about this row: no key for its party, a
 * contract or a program that fails on it. A ledger or database that cannot be reached is none: it concerns every row.
 */
export function lasts(error: unknown, signingParty: PartyId): boolean {
  if (error instanceof LedgerError) {
    switch (error.code) {
      case 'party-not-served':
      case 'ledger-keys-unreadable': {
        // The same error about the party that reads for all of them is nobody's row.
        const { party } = error.details;
        return party === undefined || party === signingParty;
      }
      case 'chaincode-failed':
      case 'envelope-invalid':
        return true;
      default:
        return false;
    }
  }
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

/** Whether a row that has failed once more is set aside. @param now ms */
export function isToPark(
  { failures, failingSince }: Pick<OutboxRow, 'failures' | 'failingSince'>,
  now: number,
  limits: ParkingLimits,
): boolean {
  return failures + 1 >= limits.failures && failingSince !== null && now - failingSince >= limits.durationMs;
}
