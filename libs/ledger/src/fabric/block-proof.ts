import { dataHash } from '../embedded/block-header.js';
import { LedgerError } from '../ledger-error.js';
import type { LedgerTrust, VerifiedBlock, VerifiedTransaction } from '../proof.js';
import { blockSigners, endorsersOf, quorumOf, signingProblems } from './block-inspection.js';
import { canonicalEnvelope, parseEnvelope, type ParsedTransaction, readBlock } from './block-reading.js';
import type { ChannelConfiguration } from './channel-configuration.js';
import { configurationBefore, trustedConfigurations } from './configuration-chain.js';
import { openSealed } from './sealed-block.js';

/**
 * Checks a sealed block without the network: its one encoding, every hash, every signature of orderers that it carries (a
 * quorum of the configuration in force at least), creators and endorsements of its transactions. A transaction that the
 * channel voided may stand there with any endorsements: who endorsed is told, and validity is what an attestation is for.
 * @throws LedgerError `block-invalid`, `ledger-chain-differs`
 */
export function verifyBlock(sealed: Buffer, trust: LedgerTrust): VerifiedBlock {
  const configurations = trustedConfigurations(trust);
  const read = readBlock(openSealed(sealed), '');
  const { number, headerHash, previousHash, dataHash: data } = read.block;
  const invalid = (what: string): LedgerError => new LedgerError('block-invalid', what, { number });
  if (dataHash(read.envelopes).toString('hex') !== data) throw invalid('header and transactions differ');
  if (number === 0) {
    if (headerHash !== trust.genesis) throw invalid('another block 0');
    return { number, headerHash, previousHash, signers: [], transactions: [] };
  }
  const configuration = configurations.get(configurationBefore(read, configurations.keys()));
  if (configuration === undefined) throw invalid('the configuration that it names is not among those given');
  const { signers, others } = blockSigners(read.signatures, read.header, configuration);
  if (others) throw invalid('a signature does not hold');
  if (signers.size < quorumOf(configuration.consenters.size)) throw invalid('too few signatures');
  return {
    number,
    headerHash,
    previousHash,
    signers: [...signers].sort((a, b) => a - b).map(String),
    transactions: read.envelopes.map((envelope) => verifiedTransaction(envelope, configuration)),
  };
}

function verifiedTransaction(envelope: Buffer, configuration: ChannelConfiguration): VerifiedTransaction {
  canonicalEnvelope(envelope);
  const parsed = readable(envelope);
  if (parsed === null) return { transactionId: '', endorsers: [] };
  const endorsers = parsed.action === null ? [] : [...endorsersOf(parsed.action, configuration)].sort();
  // Orderers take what its creator signed; the rest is for peers to judge, and for an attestation to tell.
  const problems = signingProblems(parsed, configuration.channel, configuration);
  if (problems.includes('creator-signature-invalid'))
    throw new LedgerError('block-invalid', 'a transaction is not what its creator signed', { problems });
  return { transactionId: parsed.transactionId, endorsers: problems.length === 0 ? endorsers : [] };
}

/** Orderers take any payload of a member; what cannot be read has no id and is void. */
function readable(envelope: Buffer): ParsedTransaction | null {
  try {
    return parseEnvelope(envelope);
  } catch {
    return null;
  }
}
