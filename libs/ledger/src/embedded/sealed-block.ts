import type { KeyObject } from 'node:crypto';
import { der } from '@coldchain/kernel';
import { framed, unframed } from '../framing.js';
import { LedgerError } from '../ledger-error.js';
import type { LedgerTrust, VerifiedBlock, VerifiedTransaction } from '../proof.js';
import { dataHash, headerBytes, headerHash, NO_HASH } from './block-header.js';
import { configurationOf, publicKeysOf } from './block-inspection.js';
import type { ReadBlock } from './block-store.js';
import { endorsersOf, envelopeProblems, parseEnvelope } from './envelope.js';
import { quorumOf, signersOf } from './organisation-keys.js';

/** What is believed of an embedded ledger. */
export interface TrustedLedger {
  readonly channel: string;
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
}

/** A block as it was signed: header, transactions, and who signed with which signature. */
export function sealBlock({ content, envelopes, signatures }: ReadBlock): Buffer {
  const signed = signatures.flatMap(({ mspid, signature }) => [Buffer.from(mspid), Buffer.from(signature, 'base64')]);
  return framed(content, framed(...envelopes), framed(...signed));
}

interface OpenedBlock {
  readonly number: number;
  readonly previousHash: Buffer;
  readonly header: Buffer;
  readonly envelopes: readonly Buffer[];
  /** MSP id and signature, in turn. */
  readonly signed: readonly Buffer[];
}

const invalid = (what: string, details: Readonly<Record<string, unknown>> = {}): LedgerError =>
  new LedgerError('block-invalid', what, details);

function openSealed(sealed: Buffer): OpenedBlock {
  const [header, envelopes, signed, ...rest] = (unframed(sealed) ?? []).map((part, index) =>
    index === 0 ? [part] : unframed(part),
  );
  if (header?.[0] === undefined || envelopes == null || signed == null || rest.length > 0)
    throw invalid('the bytes are not a sealed block');
  const [content] = header;
  const [number, previousHash, data] = headerParts(content);
  const known = { number, previousHash, dataHash: dataHash(envelopes) };
  // Encoded anew from what was read and hashed: no byte of it can be another.
  if (!headerBytes(known).equals(content) || !data.equals(known.dataHash))
    throw invalid('header and transactions differ', { number });
  return { number, previousHash, header: content, envelopes, signed };
}

function headerParts(header: Buffer): [number: number, previousHash: Buffer, dataHash: Buffer] {
  try {
    const [whole] = der.elements(header);
    const [number, previousHash, data] = der.elements(whole?.content ?? Buffer.alloc(0));
    if (number === undefined || previousHash === undefined || data === undefined) throw new RangeError('parts missing');
    return [Number(`0x${number.content.toString('hex')}`), previousHash.content, data.content];
  } catch (cause) {
    throw new LedgerError('block-invalid', 'the header is not DER', {}, { cause });
  }
}

/**
 * What block 0 says about who signs, if it is the block 0 that is believed.
 * @throws LedgerError `ledger-chain-differs`, `block-invalid`
 */
export function trustedLedger({ genesis, configurations }: LedgerTrust): TrustedLedger {
  const [first, ...more] = configurations;
  if (first === undefined || more.length > 0) throw invalid('an embedded ledger has exactly one configuration');
  const opened = openSealed(first);
  if (headerHash(opened.header).toString('hex') !== genesis)
    throw new LedgerError('ledger-chain-differs', 'block 0 is not the one that is believed', { genesis });
  const configuration = configurationOf(opened.envelopes[0]);
  const publicKeys = publicKeysOf(configuration);
  signersOfBlock(opened, publicKeys);
  return { channel: configuration.channel, publicKeys };
}

/**
 * Checks a sealed block without the ledger: every hash, and every signature that it carries, of a quorum at least.
 * @throws LedgerError `block-invalid`, `ledger-chain-differs`
 */
export function verifyBlock(sealed: Buffer, trust: LedgerTrust): VerifiedBlock {
  const { publicKeys, channel } = trustedLedger(trust);
  const opened = openSealed(sealed);
  const { number, previousHash, header, envelopes } = opened;
  const hash = headerHash(header).toString('hex');
  if (number === 0 && (hash !== trust.genesis || !previousHash.equals(NO_HASH))) throw invalid('another block 0');
  const signers = signersOfBlock(opened, publicKeys);
  const transactions =
    number === 0 ? [] : envelopes.map((envelope) => verifiedTransaction(envelope, channel, publicKeys));
  return { number, headerHash: hash, previousHash: previousHash.toString('hex'), signers, transactions };
}

/** Each signature must hold and stand there once. */
function signersOfBlock(
  { number, header, signed }: OpenedBlock,
  publicKeys: ReadonlyMap<string, KeyObject>,
): readonly string[] {
  const signers = new Set<string>();
  for (let at = 0; at < signed.length; at += 2) {
    const mspid = signed[at]?.toString('utf8') ?? '';
    const signature = signed[at + 1]?.toString('base64') ?? '';
    if (!signersOf(header, [{ mspid, signature }], publicKeys).has(mspid) || signers.has(mspid))
      throw invalid('a signature does not hold', { number, mspid });
    signers.add(mspid);
  }
  if (signers.size < quorumOf(publicKeys.size)) throw invalid('too few signatures', { number });
  return [...signers].sort();
}

function verifiedTransaction(
  envelope: Buffer,
  channel: string,
  publicKeys: ReadonlyMap<string, KeyObject>,
): VerifiedTransaction {
  const transaction = parseEnvelope(envelope);
  const problems = envelopeProblems(transaction, publicKeys);
  if (problems.length > 0 || transaction.proposal.channel !== channel)
    throw invalid('a transaction is not what its creator signed', { problems });
  return { transactionId: transaction.proposal.transactionId, endorsers: endorsersOf(transaction, publicKeys) };
}
