import { common, gateway, peer as peerMessages } from '@hyperledger/fabric-protos';
import type { PartyId } from '@coldchain/chaincode/protocol';
import type { ContractBuilds, OrganisationCopy } from '../ledger.js';
import { LedgerError } from '../ledger-error.js';
import type { Attestation } from '../attestation.js';
import { ATTESTING_CHAINCODE } from './attestation.js';
import { parseEnvelope, type ReadBlock, readBlock } from './block-reading.js';
import type { ChannelConfiguration } from './channel-configuration.js';
import { lastConfigurationOf } from './block-inspection.js';
import { firstConfiguration, laterConfiguration } from './configuration-chain.js';
import type { NetworkProfile } from './network-profile.js';
import type { Peer, Peers } from './peers.js';
import { sealBlock } from './sealed-block.js';

/** The system chaincode that knows the definitions of the channel. */
const LIFECYCLE = '_lifecycle';

/** Questions to peers about their copy of the chain. */
export class ChainQueries {
  private readonly configurations = new Map<number, ChannelConfiguration>();

  constructor(
    private readonly peers: Peers,
    private readonly profile: NetworkProfile,
    private readonly reader: PartyId,
  ) {}

  /** The copy of a peer. @throws LedgerError `party-not-served` */
  async copyAt(peer: Peer): Promise<OrganisationCopy> {
    try {
      const info = common.BlockchainInfo.deserializeBinary(await this.ask(peer, 'GetChainInfo'));
      const lastBlockHash = Buffer.from(info.getCurrentblockhash_asU8()).toString('hex');
      return { mspid: peer.mspid, height: info.getHeight(), lastBlockHash };
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      return { mspid: peer.mspid, height: null, lastBlockHash: null };
    }
  }

  /** The definition that the organisations agreed on, and what each one's chaincode server runs. */
  async builds(): Promise<ContractBuilds> {
    const served = await Promise.all(
      this.peers.all.map(async (peer) => ({ mspid: peer.mspid, digest: await this.digestAt(peer) })),
    );
    try {
      const wanted = new peerMessages.lifecycle.QueryChaincodeDefinitionArgs();
      wanted.setName(this.profile.chaincode);
      const answer = await this.peers.anywhere(async (peer) => {
        const contract = await this.peers.contract(peer, this.reader, LIFECYCLE);
        const arguments_ = [wanted.serializeBinary()];
        return contract.evaluate('QueryChaincodeDefinition', {
          arguments: arguments_,
          endorsingOrganizations: [peer.mspid],
        });
      });
      const definition = peerMessages.lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(answer);
      return { agreed: definition.getVersion(), sequence: definition.getSequence(), served };
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      const { message, details } = described(error);
      if (/is not defined/i.test(details)) return { agreed: null, sequence: 0, served };
      throw new LedgerError('ledger-unavailable', `no definition: ${message}`, {}, { cause: error });
    }
  }

  private async digestAt(peer: Peer): Promise<string | null> {
    try {
      const contract = await this.peers.contract(peer, this.reader);
      const answer = await contract.evaluate('getBuildDigest', {
        arguments: [''],
        endorsingOrganizations: [peer.mspid],
      });
      return Buffer.from(answer).toString('utf8');
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      return null;
    }
  }

  /** A block, from the first peer that answers; undefined above its height. @throws LedgerError `ledger-unavailable` */
  async block(number: number): Promise<ReadBlock | undefined> {
    return this.read(await this.found('GetBlockByNumber', String(number)));
  }

  /** A block as it was signed; undefined above the height. @throws LedgerError `ledger-unavailable` */
  async sealedBlock(number: number): Promise<Buffer | undefined> {
    const block = await this.found('GetBlockByNumber', String(number));
    return block === undefined ? undefined : sealBlock(block);
  }

  /** The block of a transaction; undefined when it is in none. @throws LedgerError `ledger-unavailable` */
  async blockOf(transactionId: string): Promise<ReadBlock | undefined> {
    return this.read(await this.found('GetBlockByTxID', transactionId));
  }

  /** A statement of several organisations about a transaction, not yet checked. @throws what the gateway throws */
  async attestation(transactionId: string, organisations: readonly string[]): Promise<Attestation> {
    const endorsed = await this.peers.anywhere(async (peer) => {
      const contract = await this.peers.contract(peer, this.reader, ATTESTING_CHAINCODE);
      const proposal = contract.newProposal('GetTransactionByID', {
        arguments: [this.profile.channel, transactionId],
        endorsingOrganizations: [...organisations],
      });
      return proposal.endorse();
    });
    const envelope = gateway.PreparedTransaction.deserializeBinary(endorsed.getBytes()).getEnvelope();
    const { action } = parseEnvelope(Buffer.from(envelope?.serializeBinary() ?? []));
    return { statement: action?.responsePayload ?? Buffer.alloc(0), endorsements: action?.endorsements ?? [] };
  }

  /** What was in force when a block was made; null for block 0. @throws what {@link configuration} throws */
  async configurationFor(read: ReadBlock): Promise<ChannelConfiguration | null> {
    const number = await this.numberBefore(read);
    return number === null ? null : this.configuration(number);
  }

  /** Numbers of the configuration blocks, block 0 first. @throws LedgerError `ledger-unavailable` */
  async configurationNumbers(height: number): Promise<number[]> {
    const last = await this.needed(height - 1);
    const numbers = last.block.number === 0 ? [] : [lastConfigurationOf(last.signatures)];
    for (let before = numbers[0] ?? 0; before > 0;) {
      before = (await this.numberBefore(await this.needed(before))) ?? 0;
      numbers.unshift(before);
    }
    return numbers.length === 0 ? [0] : numbers;
  }

  /**
   * The configuration that a block brings, believed because each is signed under the one before it, and block 0 is the
   * one whose hash is known.
   * @throws LedgerError `ledger-chain-differs`, `block-invalid`, `ledger-unavailable`
   */
  async configuration(number: number): Promise<ChannelConfiguration> {
    const known = this.configurations.get(number);
    if (known !== undefined) return known;
    const read = await this.needed(number);
    const before = await this.configurationFor(read);
    const configuration =
      before === null ? firstConfiguration(read, this.profile.genesis) : laterConfiguration(read, before);
    this.configurations.set(number, configuration);
    return configuration;
  }

  /** Number of the configuration in force before a block; null for block 0. */
  private async numberBefore(read: ReadBlock): Promise<number | null> {
    const { number } = read.block;
    if (number === 0) return null;
    const named = lastConfigurationOf(read.signatures);
    if (named < number) return named;
    // A configuration does not vouch for itself: the block that brings it is signed under the one before.
    const before = await this.needed(number - 1);
    return number === 1 ? 0 : Math.min(number - 1, lastConfigurationOf(before.signatures));
  }

  private async needed(number: number): Promise<ReadBlock> {
    const read = await this.block(number);
    if (read === undefined) throw new LedgerError('ledger-unavailable', `no peer has block ${number}`, { number });
    return read;
  }

  private read(block: common.Block | undefined): ReadBlock | undefined {
    return block === undefined ? undefined : readBlock(block, this.profile.chaincode);
  }

  private async found(question: string, argument: string): Promise<common.Block | undefined> {
    try {
      const bytes = await this.peers.anywhere((peer) => this.ask(peer, question, argument));
      return common.Block.deserializeBinary(bytes);
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      const { message, details } = described(error);
      if (/in index|no such block|not found/i.test(details)) return undefined;
      throw new LedgerError('ledger-unavailable', `the peers do not answer: ${message}`, {}, { cause: error });
    }
  }

  /** Asks one organisation's peer, through itself. */
  private async ask(peer: Peer, question: string, ...rest: readonly string[]): Promise<Uint8Array> {
    const contract = await this.peers.contract(peer, this.reader, ATTESTING_CHAINCODE);
    return contract.evaluate(question, {
      arguments: [this.profile.channel, ...rest],
      endorsingOrganizations: [peer.mspid],
    });
  }
}

function described(error: unknown): { readonly message: string; readonly details: string } {
  const details = error instanceof Error && 'details' in error && Array.isArray(error.details) ? error.details : [];
  const message = error instanceof Error ? error.message : String(error);
  return { message, details: `${message} ${JSON.stringify(details)}` };
}
