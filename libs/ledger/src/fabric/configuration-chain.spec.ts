import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { dataHash, headerBytes, headerHash } from '../embedded/block-header.js';
import { partyCertificate } from '../embedded/certificate.js';
import { verifyBlock } from './block-proof.js';
import { trustedConfigurations } from './configuration-chain.js';
import { lowSSignature } from './low-s-signer.js';
import { field } from './wire.js';

interface Consenter {
  readonly key: KeyObject;
  readonly certificate: string;
}

function consenter(name: string): Consenter {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { key: privateKey, certificate: partyCertificate(name, 'OrdererMSP', publicKey, privateKey) };
}

const number = (at: number, value: number): Buffer => Buffer.of(at * 8, value);

/** `Orderers{consenter_mapping = 1}` of `Consenter{id = 1, identity = 5}`. */
function configuration(consenters: readonly Consenter[], type: number): Buffer {
  const orderers = new common.ConfigValue();
  const mapping = consenters.map(({ certificate }, at) =>
    field(1, Buffer.concat([number(1, at + 1), field(5, Buffer.from(certificate))])),
  );
  orderers.setValue(Buffer.concat(mapping));
  const orderer = new common.ConfigGroup();
  orderer.getValuesMap().set('Orderers', orderers);
  const channel = new common.ConfigGroup();
  channel.getGroupsMap().set('Orderer', orderer);
  const config = new common.Config();
  config.setChannelGroup(channel);
  const data = new common.ConfigEnvelope();
  data.setConfig(config);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(type);
  channelHeader.setChannelId('coldchain');
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(new common.SignatureHeader().serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return Buffer.from(envelope.serializeBinary());
}

interface Made {
  readonly sealed: Buffer;
  readonly hash: Buffer;
}

/** A sealed block that names a configuration, with signatures of these consenters over it. */
function block(at: number, previous: Buffer, envelope: Buffer, names: number, signers: readonly Consenter[]): Made {
  const header = { number: at, previousHash: previous, dataHash: dataHash([envelope]) };
  const content = headerBytes(header);
  // `OrdererBlockMetadata{last_config = 1}` of `LastConfig{index = 1}`.
  const value = field(1, number(1, names));
  const signatures = signers.map(({ key }, index) => {
    const identifier = Buffer.concat([number(1, index + 1), field(2, Buffer.alloc(24, index))]);
    const signature = lowSSignature(Buffer.concat([value, identifier, content]), key);
    return field(2, Buffer.concat([field(2, signature), field(3, identifier)]));
  });
  const made = new common.Block();
  const blockHeader = new common.BlockHeader();
  blockHeader.setNumber(at);
  blockHeader.setPreviousHash(previous);
  blockHeader.setDataHash(header.dataHash);
  made.setHeader(blockHeader);
  const data = new common.BlockData();
  data.setDataList([envelope]);
  made.setData(data);
  if (at > 0) {
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList([Buffer.concat([field(1, value), ...signatures])]);
    made.setMetadata(metadata);
  }
  return { sealed: Buffer.from(made.serializeBinary()), hash: headerHash(content) };
}

const CONFIG = common.HeaderType.CONFIG;
/** With what stands in these envelopes nobody can read it: it has no id, and peers void it. */
const TRANSACTION = common.HeaderType.ENDORSER_TRANSACTION;
const old = ['a', 'b', 'c', 'd'].map(consenter);
const young = ['e', 'f', 'g', 'h'].map(consenter);
const genesis = block(0, Buffer.alloc(0), configuration(old, CONFIG), 0, []);
const pin = genesis.hash.toString('hex');
const change = block(5, createHash('sha256').digest(), configuration(young, CONFIG), 5, old.slice(0, 3));
const trust = (...configurations: readonly Made[]) => ({
  genesis: pin,
  configurations: configurations.map(({ sealed }) => sealed),
});
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe('the chain of configurations', () => {
  it('begins with the block 0 that is believed, and with no other', () => {
    expect([...trustedConfigurations(trust(genesis)).keys()]).toEqual([0]);
    const other = block(0, Buffer.alloc(0), configuration(young, CONFIG), 0, []);
    expect(() => trustedConfigurations(trust(other))).toThrow(code('ledger-chain-differs'));
    expect(() => trustedConfigurations(trust(change))).toThrow(code('ledger-chain-differs'));
    expect(() => trustedConfigurations(trust())).toThrow(code('ledger-chain-differs'));
  });

  it('goes on with what three of the four before it signed', () => {
    const trusted = trustedConfigurations(trust(genesis, change));
    expect([...trusted.keys()]).toEqual([0, 5]);
    expect(trusted.get(5)?.consenters.get(1)?.certificate.subject).toContain('CN=e');
  });

  it.each([
    ['two of them signed', block(5, genesis.hash, configuration(young, CONFIG), 5, old.slice(0, 2))],
    ['its own consenters signed', block(5, genesis.hash, configuration(young, CONFIG), 5, young.slice(0, 3))],
    [
      'it names another configuration than itself',
      block(5, genesis.hash, configuration(young, CONFIG), 0, old.slice(1)),
    ],
    ['it is a message of a member', block(5, genesis.hash, configuration(young, 0), 5, old.slice(0, 3))],
    ['it is a transaction', block(5, genesis.hash, configuration(young, TRANSACTION), 5, old.slice(0, 3))],
  ])('does not go on when %s', (_, wrong) => {
    expect(() => trustedConfigurations(trust(genesis, wrong))).toThrow(code('block-invalid'));
  });

  it('is in order', () => {
    expect(() => trustedConfigurations(trust(genesis, change, change))).toThrow(code('block-invalid'));
  });

  it('judges a block by the configuration that it names, which must be given', () => {
    const envelope = configuration(old, TRANSACTION);
    const before = block(4, genesis.hash, envelope, 0, old.slice(0, 3));
    const after = block(6, change.hash, envelope, 5, young.slice(0, 3));
    const check = ({ sealed }: Made, ...known: readonly Made[]) => verifyBlock(sealed, trust(...known));
    expect(check(before, genesis, change)).toMatchObject({ number: 4, signers: ['1', '2', '3'] });
    expect(check(after, genesis, change)).toMatchObject({ number: 6, signers: ['1', '2', '3'] });
    expect(() => check(after, genesis)).toThrow(code('block-invalid'));
    const withOldKeys = block(6, change.hash, envelope, 5, old.slice(0, 3));
    expect(() => check(withOldKeys, genesis, change)).toThrow(code('block-invalid'));
  });

  it('believes no signature more than once, and none that does not hold beside enough others', () => {
    const envelope = configuration(old, TRANSACTION);
    const [a, b, c] = old as [Consenter, Consenter, Consenter];
    const doubled = block(4, genesis.hash, envelope, 0, [a, b, c]);
    const parsed = common.Block.deserializeBinary(doubled.sealed);
    const [metadata = new Uint8Array()] = parsed.getMetadata()?.getMetadataList_asU8() ?? [];
    const repeated = Buffer.concat([
      metadata,
      field(2, Buffer.concat([field(2, Buffer.from('x')), field(3, number(1, 4))])),
    ]);
    parsed.getMetadata()?.setMetadataList([repeated]);
    expect(() => verifyBlock(Buffer.from(parsed.serializeBinary()), trust(genesis))).toThrow(code('block-invalid'));
    expect(() => verifyBlock(block(4, genesis.hash, envelope, 0, [a, b]).sealed, trust(genesis))).toThrow(/too few/);
  });

  it('takes a sealed block only without what peers add', () => {
    const parsed = common.Block.deserializeBinary(change.sealed);
    const list = parsed.getMetadata()?.getMetadataList_asU8() ?? [];
    parsed.getMetadata()?.setMetadataList([...list, new Uint8Array(), Buffer.of(0)]);
    const withFilter = Buffer.from(parsed.serializeBinary());
    expect(() => verifyBlock(withFilter, trust(genesis, change))).toThrow(/not a sealed block/);
  });
});
