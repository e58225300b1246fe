import { createPublicKey, type KeyObject } from 'node:crypto';
import { unframed } from '../framing.js';
import type { BlockProblem, InspectedBlock } from '../ledger.js';
import { LedgerError } from '../ledger-error.js';
import { dataHash, headerBytes, headerHash, NO_HASH } from './block-header.js';
import type { ReadBlock } from './block-store.js';
import { envelopeProblems, eventOf, isEndorsed, parseEnvelope } from './envelope.js';
import { quorumOf, signersOf } from './organisation-keys.js';

/** What block 0 holds: who signs on this ledger. */
export interface LedgerConfiguration {
  readonly channel: string;
  readonly organisations: readonly { readonly mspid: string; readonly publicKey: string }[];
  readonly regulator: string;
  /** ms */
  readonly timestamp: number;
}

/** Reads the configuration out of block 0's only envelope. @throws LedgerError `envelope-invalid`. */
export function configurationOf(envelope: Buffer | undefined): LedgerConfiguration {
  const [configuration] = unframed(envelope ?? Buffer.alloc(0)) ?? [];
  if (configuration === undefined) throw new LedgerError('envelope-invalid', 'block 0 holds no configuration');
  return JSON.parse(configuration.toString('utf8')) as LedgerConfiguration;
}

/** The organisations' keys by MSP id. */
export function publicKeysOf(configuration: LedgerConfiguration): Map<string, KeyObject> {
  return new Map(configuration.organisations.map(({ mspid, publicKey }) => [mspid, createPublicKey(publicKey)]));
}

/** Recomputes every hash and verifies every signature of a block. */
export function inspectBlock(
  read: ReadBlock,
  previousHeaderHash: string | null,
  publicKeys: ReadonlyMap<string, KeyObject>,
): InspectedBlock {
  const { block, content, signatures, envelopes } = read;
  const problems: BlockProblem[] = [];
  const add = (code: BlockProblem['code'], transactionId: string | null = null): void => {
    problems.push({ code, transactionId });
  };
  if (block.previousHash !== (previousHeaderHash ?? NO_HASH.toString('hex'))) add('previous-hash-differs');
  const data = dataHash(envelopes);
  if (data.toString('hex') !== block.dataHash) add('data-hash-differs');
  const header = headerBytes({
    number: block.number,
    previousHash: Buffer.from(block.previousHash, 'hex'),
    dataHash: data,
  });
  if (!header.equals(content) || headerHash(header).toString('hex') !== block.headerHash) add('header-differs');
  const signers = signersOf(header, signatures, publicKeys);
  if (signers.size < quorumOf(publicKeys.size)) add('block-signatures-too-few');
  if (block.number > 0) {
    block.transactions.forEach((stored, index) => {
      for (const code of transactionProblems(envelopes[index], stored, publicKeys)) add(code, stored.transactionId);
    });
  }
  return { block, problems, signers: [...signers].sort() };
}

function transactionProblems(
  envelope: Buffer | undefined,
  stored: ReadBlock['block']['transactions'][number],
  publicKeys: ReadonlyMap<string, KeyObject>,
): BlockProblem['code'][] {
  let parsed;
  try {
    parsed = parseEnvelope(envelope ?? Buffer.alloc(0));
  } catch {
    return ['envelope-unreadable'];
  }
  const problems = envelopeProblems(parsed, publicKeys);
  // What is void changed nothing, whoever endorsed it.
  if (stored.valid && !isEndorsed(parsed, publicKeys)) problems.push('endorsements-too-few');
  if (parsed.proposal.transactionId !== stored.transactionId) problems.push('transaction-id-differs');
  const event = stored.valid ? eventOf(parsed) : null;
  if (JSON.stringify(event) !== JSON.stringify(stored.event)) problems.push('event-differs');
  return problems;
}
