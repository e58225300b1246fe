import type { Command, CommandPayloads, PartyId } from '@coldchain/chaincode/protocol';

/** An open outbox row as the schedule sees it. */
export interface OpenRow {
  readonly id: number;
  readonly command: Command;
  /** Order is kept among rows that share one. */
  readonly objectKeys: readonly string[];
  /** Lower goes first, among rows that may go at all. */
  readonly priority: number;
  /** `submitted`: its transaction may be on the ledger already. */
  readonly state: 'pending' | 'submitted';
  /** Its waiting time after a failure is over. */
  readonly due: boolean;
}

/** All that is needed to submit one. */
export interface OutboxRow {
  readonly id: number;
  readonly eventId: number | null;
  readonly signingParty: PartyId;
  readonly command: Command;
  readonly payload: CommandPayloads[Command];
  readonly objectKeys: readonly string[];
  readonly attempts: number;
  /** Failures in a row that only a person can end, and since when, ms; null when the last attempt was none. */
  readonly failures: number;
  readonly failingSince: number | null;
  /** Both are set in state `submitted`. */
  readonly transactionId: string | null;
  readonly envelope: Buffer | null;
}

/** Why an attempt failed, as it is stored with the row. */
export interface RowError {
  readonly code: string;
  readonly reason: string;
}
