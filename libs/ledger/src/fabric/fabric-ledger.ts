import { common, gateway } from '@hyperledger/fabric-protos';
import type { Command, CommandPayloads, PartyId, Query } from '@coldchain/chaincode/protocol';
import { type Clock, type Random, sleep, SystemClock, SystemRandom, unreachable } from '@coldchain/kernel';
import type { Attestation } from '../attestation.js';
import {
  type AttestedTransaction,
  type ContractBuilds,
  type InspectedBlock,
  Ledger,
  type LedgerBlock,
  type LedgerHealth,
  type OrganisationCopy,
  type Outcome,
  type Preparation,
  type Settled,
} from '../ledger.js';
import { LedgerError } from '../ledger-error.js';
import { attested } from './attestation.js';
import { inspectBlock, signedByItsCreator } from './block-inspection.js';
import { outcomeIn, parseEnvelope } from './block-reading.js';
import { blockStream } from './block-stream.js';
import { ChainQueries } from './chain-queries.js';
import { gatewayFailure } from './gateway-failure.js';
import { lowSSignature } from './low-s-signer.js';
import { type NetworkProfile, readNetworkProfile } from './network-profile.js';
import { OutcomeStream } from './outcome-stream.js';
import { PartyIdentities } from './party-identities.js';
import { Peers } from './peers.js';

/** What a connection to a Fabric network is made of. */
export interface FabricLedgerOptions {
  /** Folder with `network.json` and the identities of the parties that are served here. */
  readonly networkDirectory: string;
  /** The party in whose name blocks and states are read. */
  readonly reader: PartyId;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Deadline of an endorsement (default 15 s), a query (5 s), and a hand-over to the orderers (15 s). */
  readonly endorseMs?: number;
  readonly evaluateMs?: number;
  readonly submitMs?: number;
  /** How long a submitted transaction is waited for before its outcome is unknown (default 30 s). */
  readonly commitMs?: number;
}

type HandedOver =
  | { readonly kind: 'submitted' }
  | { readonly kind: 'already-submitted' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Endorsements that fail because a peer is a block behind are asked for so often in all. */
const ENDORSE_ATTEMPTS = 5;
const BETWEEN_ENDORSEMENTS_MS = 80;
/** While the outcome is waited for, it is looked up by id, too: it may be in a block that came before the waiting. */
const LOOK_UP_MS = 10_000;
const MAX_REASON = 500;
/** What a peer says whose chaincode server is away, or went away during the call. */
const CONTRACTS_AWAY = /could not launch chaincode|chaincode stream terminated/;

/**
 * The ledger on a Hyperledger Fabric network, through the gateway service of its peers. Expected outcomes are values; a
 * refusal is believed only from a peer that has every block that this process knows of.
 */
export class FabricLedger extends Ledger {
  private closed = false;
  private readonly submitting = new Set<Promise<Outcome>>();

  private constructor(
    private readonly profile: NetworkProfile,
    private readonly identities: PartyIdentities,
    private readonly peers: Peers,
    private readonly queries: ChainQueries,
    private readonly outcomes: OutcomeStream,
    private readonly random: Random,
    private readonly reader: PartyId,
    private readonly commitMs: number,
  ) {
    super();
  }

  /**
   * Connects to the network.
   * @throws LedgerError `ledger-keys-unreadable`, `party-not-served`, `ledger-unavailable`, `ledger-chain-differs`: its
   * block 0 is not the one that `network.json` names.
   */
  static async open(options: FabricLedgerOptions): Promise<FabricLedger> {
    const { reader, clock = new SystemClock(), random = new SystemRandom() } = options;
    const profile = await readNetworkProfile(options.networkDirectory);
    const identities = new PartyIdentities(profile.identities, clock);
    await identities.of(reader);
    const { endorseMs = 15_000, evaluateMs = 5000, submitMs = 15_000, commitMs = 30_000 } = options;
    const peers = new Peers(profile, identities, { endorseMs, evaluateMs, submitMs });
    const queries = new ChainQueries(peers, profile, reader);
    try {
      const answers = await Promise.all(peers.all.map((peer) => queries.copyAt(peer)));
      const heights = answers.flatMap(({ height }) => height ?? []);
      if (heights.length === 0) throw new LedgerError('ledger-unavailable', 'no peer of the network answers');
      await queries.configuration(0);
      const outcomes = new OutcomeStream(peers, reader, profile.chaincode, Math.max(...heights));
      return new FabricLedger(profile, identities, peers, queries, outcomes, random, reader, commitMs);
    } catch (error) {
      peers.close();
      throw error;
    }
  }

  override async prepare<Name extends Command>(
    command: Name,
    payload: CommandPayloads[Name],
    signingParty: PartyId,
    endorsers?: readonly string[],
  ): Promise<Preparation> {
    if (this.closed) return { kind: 'unavailable', reason: 'the ledger is closed' };
    await this.identities.of(signingParty);
    const text = JSON.stringify(payload);
    const known = this.outcomes.height;
    let reason = '';
    for (let attempt = 1; attempt <= ENDORSE_ATTEMPTS; attempt++) {
      // Asked before the pause, not after it: a peer tells of a block some moments before it judges upon it, because it
      // stores the block before the state (kvledger/kv_ledger.go).
      const current = attempt > 1 ? await this.organisationsAt(known) : new Set<string>();
      if (attempt > 1) await sleep(BETWEEN_ENDORSEMENTS_MS * (attempt - 1) * (0.5 + this.random.unit()));
      const asked = this.peers.first;
      try {
        return await this.endorse(command, text, signingParty, endorsers);
      } catch (error) {
        if (error instanceof LedgerError) throw error;
        const failure = gatewayFailure(error);
        switch (failure.kind) {
          case 'refused':
            if (failure.organisations.some((mspid) => current.has(mspid)))
              return { kind: 'refused', refusal: failure.refusal };
            reason = `refused (${failure.refusal.code}) by a peer that may be behind`;
            break;
          case 'chaincode-failed':
            throw new LedgerError('chaincode-failed', failure.reason.slice(0, MAX_REASON), {}, { cause: error });
          case 'answers-differ':
            reason = failure.reason;
            break;
          case 'failed':
            reason = failure.reason;
            if (!CONTRACTS_AWAY.test(reason)) return { kind: 'unavailable', reason: messageOf(failure) };
            // The contracts of the asked peer's organisation do not answer; at another one they do.
            this.peers.leave(asked);
            break;
          case 'already-submitted':
            return { kind: 'unavailable', reason: messageOf(failure) };
          default:
            return unreachable(failure);
        }
      }
    }
    return { kind: 'unavailable', reason: reason.slice(0, MAX_REASON) };
  }

  override async submit(envelope: Buffer): Promise<Outcome> {
    const transaction = parseEnvelope(envelope);
    const { channel, transactionId, action } = transaction;
    if (channel !== this.profile.channel || action === null || !signedByItsCreator(transaction))
      throw new LedgerError('envelope-invalid', 'the envelope is not one that was prepared for this channel');
    // Handed over earlier it may be on the ledger even so: only a look-up can tell.
    if (this.closed) return { kind: 'outcome-unknown', transactionId, reason: 'the ledger is closed' };
    const outcome = this.deliver(transactionId, envelope);
    this.submitting.add(outcome);
    try {
      return await outcome;
    } finally {
      this.submitting.delete(outcome);
    }
  }

  override async transaction(transactionId: string): Promise<Settled | undefined> {
    const read = await this.queries.blockOf(transactionId);
    if (read === undefined) return undefined;
    // What follows on this outcome must be judged by a peer that has this block, too.
    this.outcomes.learn(read.block.number + 1);
    return outcomeIn(read, transactionId);
  }

  override async evaluate(query: Query, key: string): Promise<string | undefined> {
    try {
      const answer = await this.peers.anywhere(async (peer) => {
        const contract = await this.peers.contract(peer, this.reader);
        return contract.evaluate(query, { arguments: [key], endorsingOrganizations: [peer.mspid] });
      });
      return answer.length === 0 ? undefined : Buffer.from(answer).toString('utf8');
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      const failure = gatewayFailure(error);
      if (failure.kind === 'refused') return undefined;
      const code = failure.kind === 'chaincode-failed' ? failure.kind : 'ledger-unavailable';
      throw new LedgerError(code, messageOf(failure), { query }, { cause: error });
    }
  }

  override async *events(after: number, signal: AbortSignal): AsyncIterable<LedgerBlock> {
    // Who goes on after a block has seen it, from a peer that may be away now.
    this.outcomes.learn(after + 1);
    for await (const { block } of blockStream(this.peers, this.reader, this.profile.chaincode, after + 1, signal)) {
      this.outcomes.learn(block.number + 1);
      yield block;
    }
  }

  override async block(number: number): Promise<LedgerBlock | undefined> {
    return (await this.queries.block(number))?.block;
  }

  override async inspect(number: number, previousHeaderHash: string | null): Promise<InspectedBlock | undefined> {
    const read = await this.queries.block(number);
    if (read === undefined) return undefined;
    const configuration = await this.queries.configurationFor(read);
    return inspectBlock(read, previousHeaderHash, { ...this.profile, configuration });
  }

  /** On Fabric validation codes are not part of what is signed in a block; this is. */
  override async attest(transactionId: string, organisations: readonly string[]): Promise<AttestedTransaction> {
    let attestation: Attestation;
    try {
      attestation = await this.queries.attestation(transactionId, organisations);
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      const reason = messageOf(gatewayFailure(error));
      throw new LedgerError('ledger-unavailable', `not all can attest: ${reason}`, { transactionId }, { cause: error });
    }
    const numbers = await this.queries.configurationNumbers(this.outcomes.height);
    const current = await this.queries.configuration(numbers.at(-1) ?? 0);
    const wanted = { transactionId, channel: this.profile.channel, organisations };
    return { attestation, attested: attested(attestation, wanted, current) };
  }

  override async sealedBlock(number: number): Promise<Buffer | undefined> {
    return this.queries.sealedBlock(number);
  }

  override async configurations(): Promise<readonly Buffer[]> {
    const numbers = await this.queries.configurationNumbers(this.outcomes.height);
    const sealed = await Promise.all(numbers.map((number) => this.queries.sealedBlock(number)));
    return sealed.filter((block) => block !== undefined);
  }

  /** Fewer answering organisations than must endorse are no ledger: what they have may be old, and nothing can change. */
  override async health(): Promise<LedgerHealth> {
    const organisations = await this.heights();
    const heights = organisations.flatMap(({ height }) => height ?? []);
    if (heights.length < this.profile.endorsements) {
      const silent = organisations.filter(({ height }) => height === null).map(({ mspid }) => mspid);
      throw new LedgerError('ledger-unavailable', `peers that do not answer: ${silent.join(', ')}`, { silent });
    }
    return { adapter: 'fabric', height: Math.max(...heights), organisations };
  }

  override builds(): Promise<ContractBuilds> {
    return this.queries.builds();
  }

  override async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.submitting);
    await this.outcomes.close();
    this.peers.close();
  }

  private async endorse(
    command: Command,
    text: string,
    party: PartyId,
    endorsers: readonly string[] | undefined,
  ): Promise<Preparation> {
    const identity = await this.identities.of(party);
    const endorsed = await this.peers.anywhere(async (peer) => {
      const contract = await this.peers.contract(peer, party);
      const asked = endorsers === undefined ? {} : { endorsingOrganizations: [...endorsers] };
      return contract.newProposal(command, { arguments: [text], ...asked }).endorse();
    });
    const envelope = gateway.PreparedTransaction.deserializeBinary(endorsed.getBytes()).getEnvelope();
    if (envelope === undefined) return { kind: 'unavailable', reason: 'the peer endorsed without an envelope' };
    envelope.setSignature(lowSSignature(envelope.getPayload_asU8(), identity.key));
    const bytes = Buffer.from(envelope.serializeBinary());
    return { kind: 'prepared', transactionId: endorsed.getTransactionId(), envelope: bytes };
  }

  private async deliver(transactionId: string, envelope: Buffer): Promise<Outcome> {
    const waiting = this.outcomes.await(transactionId);
    const over = new AbortController();
    try {
      const handed = await this.handOver(transactionId, envelope);
      if (handed.kind === 'failed') return { kind: 'outcome-unknown', transactionId, reason: handed.reason };
      // What the orderers had before may have been in a block before this waiting began.
      let wait = handed.kind === 'already-submitted' ? 0 : LOOK_UP_MS;
      for (let waited = 0; waited < this.commitMs; waited += LOOK_UP_MS) {
        const looking = sleep(wait, over.signal).then(() =>
          over.signal.aborted ? undefined : this.lookUp(transactionId),
        );
        const first = await Promise.race([waiting.outcome, looking]);
        if (first !== undefined) return first;
        wait = LOOK_UP_MS;
      }
      return { kind: 'outcome-unknown', transactionId, reason: `in no block after ${this.commitMs} ms` };
    } finally {
      over.abort();
      waiting.forget();
    }
  }

  /** Gives an envelope to the orderers. After a failure they may have it even so. */
  private async handOver(transactionId: string, envelope: Buffer): Promise<HandedOver> {
    const prepared = new gateway.PreparedTransaction();
    prepared.setTransactionId(transactionId);
    prepared.setEnvelope(common.Envelope.deserializeBinary(envelope));
    const bytes = prepared.serializeBinary();
    try {
      await this.peers.anywhere(async (peer) => {
        const connection = await this.peers.gateway(peer, this.reader);
        await connection.newTransaction(bytes).submit();
      });
      return { kind: 'submitted' };
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      const failure = gatewayFailure(error);
      return failure.kind === 'already-submitted' ? failure : { kind: 'failed', reason: messageOf(failure) };
    }
  }

  private async lookUp(transactionId: string): Promise<Settled | undefined> {
    try {
      return await this.transaction(transactionId);
    } catch (error) {
      // It may be answered the next time; until then the outcome is not known, which is what the caller is told.
      if (error instanceof LedgerError && error.code === 'ledger-unavailable') return undefined;
      throw error;
    }
  }

  /** The organisations whose peer has at least so many blocks. */
  private async organisationsAt(height: number): Promise<Set<string>> {
    const heights = await this.heights();
    return new Set(heights.filter((one) => one.height !== null && one.height >= height).map(({ mspid }) => mspid));
  }

  private heights(): Promise<OrganisationCopy[]> {
    return Promise.all(this.peers.all.map((peer) => this.queries.copyAt(peer)));
  }
}

const messageOf = (failure: { readonly kind: string; readonly reason?: string }): string =>
  (failure.reason ?? failure.kind).slice(0, MAX_REASON);
