import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { readEvent } from '@coldchain/chaincode/written-form';
import type { LedgerEvent } from '@coldchain/chaincode/protocol';
import type { BlockProblemCode } from '../ledger.js';
import { framed, unframed } from '../framing.js';
import { LedgerError } from '../ledger-error.js';
import {
  type OrganisationKeys,
  type OrganisationSignature,
  quorumOf,
  signersOf,
  splitParty,
} from './organisation-keys.js';

/** Block and position of the transaction that wrote a state. */
export type Version = readonly [block: number, index: number];

/** What the client asks for; its bytes are what the endorsers answer to. */
export interface Proposal {
  readonly channel: string;
  readonly chaincode: string;
  readonly transactionId: string;
  readonly creator: { readonly mspid: string; readonly certificate: string };
  readonly nonce: string;
  /** ms */
  readonly timestamp: number;
  readonly function: string;
  readonly argument: string;
}

/** What executing a proposal gave; its bytes are what the endorsers sign. */
export interface ProposalResponse {
  readonly proposalHash: string;
  readonly payload: string;
  readonly event: { readonly name: string; readonly payload: string } | null;
  readonly reads: readonly (readonly [key: string, version: Version | null])[];
  readonly writes: readonly (readonly [key: string, value: string])[];
}

/** A parsed envelope with the bytes that were signed. */
export interface Transaction {
  readonly proposal: Proposal;
  readonly response: ProposalResponse;
  readonly proposalBytes: Buffer;
  readonly responseBytes: Buffer;
  readonly endorsements: readonly OrganisationSignature[];
  readonly signature: Buffer;
  readonly envelope: Buffer;
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
export const sha256Hex = (bytes: Buffer): string => sha256(bytes).toString('hex');

/** As on Fabric: SHA-256 over nonce and creator, so a client chooses an id and cannot choose another's. */
export function transactionIdOf(nonce: string, creator: Proposal['creator']): string {
  return sha256Hex(Buffer.concat([Buffer.from(nonce, 'hex'), Buffer.from(`${creator.mspid}\n${creator.certificate}`)]));
}

/** What an organisation signs: the bytes and, behind them, its name. */
export const endorsedBytes = (bytes: Buffer, mspid: string): Buffer => Buffer.concat([bytes, Buffer.from(mspid)]);

/**
 * Endorses a response and signs all of it for the creator.
 * @param endorsers by default a quorum, the caller's organisation first
 * @throws LedgerError `party-not-served`: one of them is not of this ledger
 */
export function sealed(
  proposalBytes: Buffer,
  proposal: Proposal,
  response: ProposalResponse,
  keys: OrganisationKeys,
  endorsers: readonly string[] = keys.quorum(proposal.creator.mspid),
): Buffer {
  const responseBytes = Buffer.from(JSON.stringify(response));
  const endorsements = endorsers.map((mspid) => keys.sign(mspid, endorsedBytes(responseBytes, mspid)));
  const signedPart = framed(proposalBytes, responseBytes, Buffer.from(JSON.stringify(endorsements)));
  const { signature } = keys.sign(proposal.creator.mspid, signedPart);
  return Buffer.concat([signedPart, framed(Buffer.from(signature, 'base64'))]);
}

/** @throws LedgerError `envelope-invalid`. */
export function parseEnvelope(envelope: Buffer): Transaction {
  const [proposalBytes, responseBytes, endorsementBytes, signature, ...rest] = unframed(envelope) ?? [];
  if (
    proposalBytes === undefined ||
    responseBytes === undefined ||
    endorsementBytes === undefined ||
    signature === undefined ||
    rest.length > 0
  ) {
    throw new LedgerError('envelope-invalid', 'the envelope has not four parts');
  }
  return {
    proposal: parsed<Proposal>(proposalBytes),
    response: parsed<ProposalResponse>(responseBytes),
    endorsements: parsed<OrganisationSignature[]>(endorsementBytes),
    proposalBytes,
    responseBytes,
    signature,
    envelope,
  };
}

/** What this process wrote as JSON. */
function parsed<Value>(bytes: Buffer): Value {
  try {
    return JSON.parse(bytes.toString('utf8')) as Value;
  } catch (cause) {
    throw new LedgerError('envelope-invalid', 'a part of the envelope is not JSON', {}, { cause });
  }
}

/** The event that a valid transaction emitted. */
export function eventOf(transaction: Transaction): LedgerEvent | null {
  const { event } = transaction.response;
  return event === null ? null : readEvent(event.payload);
}

/** What is wrong with an envelope whatever became of it, from its own bytes and the organisations' public keys. */
export function envelopeProblems(
  transaction: Transaction,
  publicKeys: ReadonlyMap<string, KeyObject>,
): BlockProblemCode[] {
  const { proposal, response, proposalBytes, signature, envelope } = transaction;
  const problems: BlockProblemCode[] = [];
  if (
    proposal.transactionId !== transactionIdOf(proposal.nonce, proposal.creator) ||
    response.proposalHash !== sha256Hex(proposalBytes)
  ) {
    problems.push('transaction-id-differs');
  }
  const key = publicKeys.get(proposal.creator.mspid);
  const signedPart = envelope.subarray(0, envelope.length - signature.length - 4);
  const issued = key !== undefined && new X509Certificate(proposal.creator.certificate).verify(key);
  if (!issued || !verify('sha256', signedPart, key, signature)) problems.push('creator-signature-invalid');
  return problems;
}

/** The organisations whose endorsement of a transaction holds, ascending. */
export function endorsersOf(
  { responseBytes, endorsements }: Transaction,
  publicKeys: ReadonlyMap<string, KeyObject>,
): string[] {
  const holding = endorsements.flatMap((one) => [
    ...signersOf(endorsedBytes(responseBytes, one.mspid), [one], publicKeys),
  ]);
  return [...new Set(holding)].sort();
}

/** Did as many organisations endorse as must? */
export const isEndorsed = (transaction: Transaction, publicKeys: ReadonlyMap<string, KeyObject>): boolean =>
  endorsersOf(transaction, publicKeys).length >= quorumOf(publicKeys.size);

/** A proposal for a party, with its bytes. */
export function proposalOf(
  party: string,
  call: Pick<Proposal, 'channel' | 'chaincode' | 'timestamp' | 'function' | 'argument'>,
  nonce: string,
  keys: OrganisationKeys,
): { readonly proposal: Proposal; readonly bytes: Buffer } {
  const creator = { mspid: splitParty(party)[0], certificate: keys.certificateOf(party) };
  const proposal: Proposal = {
    channel: call.channel,
    chaincode: call.chaincode,
    transactionId: transactionIdOf(nonce, creator),
    creator,
    nonce,
    timestamp: call.timestamp,
    function: call.function,
    argument: call.argument,
  };
  return { proposal, bytes: Buffer.from(JSON.stringify(proposal)) };
}
