import type { PartyId } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Gln } from '@coldchain/gs1';
import type { Clock, Random } from '@coldchain/kernel';

/** Who acts, in which transaction, with which clock and randomness. */
export interface ActContext {
  readonly transaction: OrganisationTransaction;
  readonly organisation: ActingOrganisation;
  readonly clock: Clock;
  readonly random: Random;
  /** When it happened, ms since 1970 UTC; the clock's present when absent. */
  readonly eventTime?: number;
  /** Offset of the place where it happened, `±hh:mm`; `+00:00` when absent. */
  readonly zoneOffset?: string;
}

/** The organisation in whose name an act is captured: its row, its ledger party and its location number. */
export interface ActingOrganisation {
  readonly id: number;
  readonly slug: string;
  readonly party: PartyId;
  readonly gln: Gln;
}

/** What was stored about one act. Its anchor is pending until the ledger worker has submitted it. */
export interface RecordedAct {
  readonly eventId: number;
  readonly commitment: string;
  /** `ni:///sha-256;…?ver=CBV2.0` */
  readonly eventHash: string;
  /** SHA-256 of the event's RFC 8785 form, lower-case hex. */
  readonly digest: string;
  readonly recordedAt: Date;
  /** true: the same event had been captured before; nothing was written now. */
  readonly repeated: boolean;
}

/** When the act happened (ms since 1970 UTC). */
export const eventTimeOf = (context: ActContext): number => context.eventTime ?? context.clock.now();

/**
 * Up to when evidence that an act ends speaks (ms since 1970 UTC): the capture, however early the act says it was. What was
 * measured by then does not go away because somebody says so later.
 */
export const evidenceEndOf = (context: ActContext): number => Math.max(eventTimeOf(context), context.clock.now());
