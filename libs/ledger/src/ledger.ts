import type {
  Command,
  CommandPayloads,
  LedgerEvent,
  PartyId,
  Query,
  RefusalMessage,
} from '@coldchain/chaincode/protocol';
import type { Attestation, Attested } from './attestation.js';
import type { ValidationCode } from './validation-code.js';

/** The contract accepted: signed, endorsed, and nothing is on the ledger yet. Persist both, then submit. */
export interface Prepared {
  readonly kind: 'prepared';
  /** 64 lower-case hex digits. */
  readonly transactionId: string;
  /** Submitting the same bytes again never does it twice. */
  readonly envelope: Buffer;
}

/** The contract said no. Final for this act, unless what it depends on changes. */
export interface Refused {
  readonly kind: 'refused';
  readonly refusal: RefusalMessage;
}

/** In a valid block. */
export interface Committed {
  readonly kind: 'committed';
  readonly transactionId: string;
  readonly block: number;
}

/** In a block, but void: something that it read was changed by an earlier transaction. A new proposal may succeed. */
export interface Conflict {
  readonly kind: 'conflict';
  readonly transactionId: string;
}

/**
 * In a block, but void for another reason than a conflict: endorsed by too few organisations, by others than the channel
 * has, or for a chaincode that was replaced meanwhile. It changed nothing. The same proposal may end in the same way, so
 * trying again must be bounded or slow.
 */
export interface Invalid {
  readonly kind: 'invalid';
  readonly transactionId: string;
  readonly code: ValidationCode;
}

/** Certainly not on the ledger: the same envelope or a new proposal may be tried later. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly reason: string;
}

/** It may or may not be on the ledger: look up by id, then submit the same envelope; never propose anew before. */
export interface OutcomeUnknown {
  readonly kind: 'outcome-unknown';
  readonly transactionId: string;
  readonly reason: string;
}

export type Preparation = Prepared | Refused | Unavailable;
/** Certain for good: the transaction is in a block. */
export type Settled = Committed | Conflict | Invalid;
export type Outcome = Settled | Unavailable | OutcomeUnknown;

/** A transaction of a block. */
export interface LedgerTransaction {
  readonly transactionId: string;
  readonly index: number;
  /** False: in the block and void. */
  readonly valid: boolean;
  /** Why it is void, or `VALID`. Told by the copy that answered and signed by nobody: {@link Ledger.attest} is signed. */
  readonly validation: ValidationCode;
  /** null for void transactions, for replays (they change nothing) and for the ledger's own configuration. */
  readonly event: LedgerEvent | null;
  /** The proposal's time, ms. */
  readonly timestamp: number;
}

/** A block; hashes are 64 hex digits. */
export interface LedgerBlock {
  readonly number: number;
  readonly headerHash: string;
  readonly previousHash: string;
  readonly dataHash: string;
  readonly transactions: readonly LedgerTransaction[];
}

/** What can be wrong with a block that is checked from its own bytes. */
export const BLOCK_PROBLEMS = [
  'previous-hash-differs',
  'data-hash-differs',
  'header-differs',
  'block-signatures-too-few',
  'envelope-unreadable',
  'transaction-id-differs',
  'creator-signature-invalid',
  'endorsements-too-few',
  'event-differs',
] as const;
export type BlockProblemCode = (typeof BLOCK_PROBLEMS)[number];

/** One problem, and the transaction that has it, if it is one's. */
export interface BlockProblem {
  readonly code: BlockProblemCode;
  readonly transactionId: string | null;
}

/** A block with all that is wrong with it. Empty problems: hashes and signatures were recomputed and hold. */
export interface InspectedBlock {
  readonly block: LedgerBlock;
  readonly problems: readonly BlockProblem[];
  /** MSP ids of those whose signature over the block holds, sorted; nobody signs block 0 of Fabric. */
  readonly signers: readonly string[];
}

/** What organisations said of a transaction, checked. */
export interface AttestedTransaction {
  readonly attestation: Attestation;
  readonly attested: Attested;
}

/** State of the connection to the ledger. */
export interface LedgerHealth {
  readonly adapter: 'embedded' | 'fabric';
  /** Number of blocks: the last one has the number `height - 1`. */
  readonly height: number;
  /** Each organisation's copy; absent where there is one copy. */
  readonly organisations?: readonly OrganisationCopy[];
}

/** The copy of the ledger at one organisation's peer. */
export interface OrganisationCopy {
  readonly mspid: string;
  /** Number of blocks; null: the peer does not answer. */
  readonly height: number | null;
  /** Header hash of its last block, 64 hex digits; null: the peer does not answer. */
  readonly lastBlockHash: string | null;
}

/** Which build of the contracts answers, and which one the organisations agreed on. */
export interface ContractBuilds {
  /** Version of the definition on the channel: the digest of the build that was approved; null: there is none. */
  readonly agreed: string | null;
  /** How often the organisations have agreed on a definition. */
  readonly sequence: number;
  /** What each organisation's contracts say that they are; null: they do not answer. */
  readonly served: readonly { readonly mspid: string; readonly digest: string | null }[];
}

/**
 * The port to the ledger; only the ledger worker holds one. Expected outcomes are values; what is thrown is a
 * {@link LedgerError} or a defect. Every adapter passes the contract suite in `test/src/contract/ledger.suite.ts`.
 */
export abstract class Ledger {
  /**
   * Proposes a command for a party and has it endorsed. Writes nothing on the ledger.
   * @param endorsers MSP ids of the organisations to ask; by default as many as must endorse. Too few give a transaction
   * that the ledger takes into a block and voids (`invalid`, `ENDORSEMENT_POLICY_FAILURE`).
   * @throws LedgerError `party-not-served`: there is no signing identity for the party here.
   */
  abstract prepare<Name extends Command>(
    command: Name,
    payload: CommandPayloads[Name],
    signingParty: PartyId,
    endorsers?: readonly string[],
  ): Promise<Preparation>;

  /**
   * Hands a prepared transaction to the ledger and waits for its block. The caller has persisted id and envelope.
   * @throws LedgerError `envelope-invalid`: these bytes were not made by {@link prepare}.
   */
  abstract submit(envelope: Buffer): Promise<Outcome>;

  /** What became of a transaction; undefined when it is in no block (it still may come into one). */
  abstract transaction(transactionId: string): Promise<Settled | undefined>;

  /** Reads one committed object as JSON text; undefined where there is none. */
  abstract evaluate(query: Query, key: string): Promise<string | undefined>;

  /**
   * All blocks after `after` (-1 for all) in order, with all their transactions, and then each new one as it comes, until
   * the signal is aborted. One item is one block: a follower that stores the block's number with what it made of it has
   * seen each event exactly once.
   */
  abstract events(after: number, signal: AbortSignal): AsyncIterable<LedgerBlock>;

  /** One block; undefined above the height. */
  abstract block(number: number): Promise<LedgerBlock | undefined>;

  /**
   * One block checked from its own bytes against its predecessor's header hash (null for block 0).
   * undefined above the height.
   */
  abstract inspect(number: number, previousHeaderHash: string | null): Promise<InspectedBlock | undefined>;

  /**
   * What the named organisations say of a transaction that is in a block – its bytes and whether they hold it for valid –
   * signed by each of them and checked. It can be kept and checked again without the ledger: `verifyAttestation` of the
   * adapter, with {@link configurations}.
   * @throws LedgerError `ledger-unavailable`: one of them does not answer or does not have it yet;
   * `attestation-invalid`: what came does not hold.
   */
  abstract attest(transactionId: string, organisations: readonly string[]): Promise<AttestedTransaction>;

  /**
   * A block as it was signed, to be kept and checked without the ledger (`verifyBlock` of the adapter): header,
   * transactions, signatures. Whether a transaction is valid is not in it, because nobody signs that in a block.
   * undefined above the height.
   */
  abstract sealedBlock(number: number): Promise<Buffer | undefined>;

  /**
   * The sealed blocks that say who signs on this ledger, block 0 and every later change, in order: what everything that
   * is checked without the ledger is checked against, together with the hash of block 0.
   */
  abstract configurations(): Promise<readonly Buffer[]>;

  /** @throws LedgerError `ledger-unavailable`. */
  abstract health(): Promise<LedgerHealth>;

  /**
   * The builds of the contracts; null where they run in this process, as one build.
   * @throws LedgerError `ledger-unavailable`.
   */
  abstract builds(): Promise<ContractBuilds | null>;

  /** Ends what runs; submitted transactions are awaited. */
  abstract close(): Promise<void>;
}
