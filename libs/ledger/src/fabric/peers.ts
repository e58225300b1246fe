import { credentials, Client, status } from '@grpc/grpc-js';
import { connect, type Contract, type Gateway, GatewayError, hash, type Network } from '@hyperledger/fabric-gateway';
import type { PartyId } from '@coldchain/chaincode/protocol';
import { lowSSignature } from './low-s-signer.js';
import type { NetworkProfile, PeerEndpoint } from './network-profile.js';
import type { PartyIdentities, PartyIdentity } from './party-identities.js';

/** Deadlines of calls; the gateway itself has none. */
export interface Deadlines {
  readonly endorseMs: number;
  readonly evaluateMs: number;
  readonly submitMs: number;
}

/** A connection to one organisation's peer. */
export interface Peer {
  readonly mspid: string;
  readonly client: Client;
}

/** HTTP/2 pings find a peer that is gone without a word, also under a stream on which nothing comes for hours. */
const CHANNEL_OPTIONS = {
  'grpc.keepalive_time_ms': 120_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': 100 * 1024 * 1024,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 3000,
};

/**
 * One gRPC channel per peer, shared by all identities. One peer is asked for everything, so that what it told is what it
 * endorses upon; when it cannot be reached, the next one takes its place.
 */
export class Peers {
  readonly all: readonly Peer[];
  private readonly gateways = new Map<string, { readonly identity: PartyIdentity; readonly gateway: Gateway }>();
  private current = 0;

  constructor(
    private readonly profile: NetworkProfile,
    private readonly identities: PartyIdentities,
    private readonly deadlines: Deadlines,
  ) {
    this.all = profile.peers.map((endpoint) => ({ mspid: endpoint.mspid, client: clientOf(endpoint) }));
  }

  /** The peer that is asked for everything. */
  get first(): Peer {
    const peer = this.all[this.current % this.all.length];
    if (peer === undefined) throw new RangeError('a network has peers');
    return peer;
  }

  /** Gives way to the next peer, unless somebody else has seen that this one is gone. */
  leave(peer: Peer): void {
    if (this.first === peer) this.current++;
  }

  /** Runs a call at the first peer, and once at each other one for as long as none can be reached. */
  async anywhere<Result>(call: (peer: Peer) => Promise<Result>): Promise<Result> {
    for (let tried = 1; ; tried++) {
      const peer = this.first;
      try {
        return await call(peer);
      } catch (error) {
        if (!unreachable(error)) throw error;
        this.leave(peer);
        if (tried >= this.all.length) throw error;
      }
    }
  }

  /** @throws LedgerError `party-not-served`, `ledger-keys-unreadable`. */
  async network(peer: Peer, party: PartyId): Promise<Network> {
    return (await this.gateway(peer, party)).getNetwork(this.profile.channel);
  }

  /** A chaincode of the channel; by default the one of this system. */
  async contract(peer: Peer, party: PartyId, chaincode = this.profile.chaincode): Promise<Contract> {
    return (await this.network(peer, party)).getContract(chaincode);
  }

  /** @throws LedgerError `party-not-served`, `ledger-keys-unreadable`. */
  async gateway(peer: Peer, party: PartyId): Promise<Gateway> {
    const identity = await this.identities.of(party);
    const name = `${peer.mspid} ${party}`;
    const known = this.gateways.get(name);
    if (known?.identity === identity) return known.gateway;
    const within = (durationMs: number) => () => ({ deadline: Date.now() + durationMs });
    const gateway = connect({
      client: peer.client,
      identity: { mspId: identity.mspid, credentials: identity.certificate },
      hash: hash.none,
      signer: (message) => Promise.resolve(lowSSignature(message, identity.key)),
      endorseOptions: within(this.deadlines.endorseMs),
      evaluateOptions: within(this.deadlines.evaluateMs),
      submitOptions: within(this.deadlines.submitMs),
    });
    this.gateways.set(name, { identity, gateway });
    return gateway;
  }

  close(): void {
    for (const { client } of this.all) client.close();
  }
}

const clientOf = ({ address, tlsAuthority }: PeerEndpoint): Client =>
  new Client(address, credentials.createSsl(tlsAuthority), CHANNEL_OPTIONS);

/** The peer itself did not answer: an answer of the gateway about others carries details. */
function unreachable(error: unknown): boolean {
  return error instanceof GatewayError && error.code === status.UNAVAILABLE && error.details.length === 0;
}
