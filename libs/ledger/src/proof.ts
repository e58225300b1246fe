/**
 * What is believed when blocks and attestations are checked without the ledger: the hash of block 0, which must have come
 * another way, and the sealed blocks that say who signs (`Ledger.configurations`), which are checked against it.
 */
export interface LedgerTrust {
  /** Header hash of block 0, 64 hex digits. */
  readonly genesis: string;
  readonly configurations: readonly Buffer[];
}

/** A transaction of a verified block, and who stands behind it. In a block it may be void all the same. */
export interface VerifiedTransaction {
  readonly transactionId: string;
  /** MSP ids of the organisations whose endorsement holds; none for the ledger's own configuration. */
  readonly endorsers: readonly string[];
}

/** A sealed block of which every byte was checked. Hashes are 64 hex digits. */
export interface VerifiedBlock {
  readonly number: number;
  readonly headerHash: string;
  readonly previousHash: string;
  /** Who signed it: MSP ids, or numbers of orderers. */
  readonly signers: readonly string[];
  readonly transactions: readonly VerifiedTransaction[];
}
