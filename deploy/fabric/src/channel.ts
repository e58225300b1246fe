import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import { type CommandResult, demandCommand, runCommand } from './command.js';
import { FabricError } from './fabric-error.js';
import { askNode } from './node-client.js';
import { clientSettings, type NodeContext, type Settings } from './node-settings.js';
import { type Organisation, ORGANISATIONS } from './organisations.js';
import { HOST, portsOf } from './ports.js';
import type { Programs } from './programs.js';

const CHANNELS = '/participation/v1/channels';

/** A running network and the programs to talk to it with. */
export interface ChannelContext extends NodeContext {
  readonly programs: Programs;
}

/** Where a peer stands on the channel. */
export interface PeerHeight {
  readonly height: number;
  /** SHA-256 of the last block's header, base64. */
  readonly currentBlockHash: string;
}

/** Where an orderer stands on the channel. */
export interface OrdererHeight {
  readonly height: number;
  /** `active`, `onboarding`, `failed` or `inactive`. */
  readonly status: string;
}

/** Null when the orderer does not answer or is not on the channel. */
export async function ordererHeight(
  organisation: Organisation,
  context: ChannelContext,
): Promise<OrdererHeight | null> {
  const { ordererAdmin } = portsOf(organisation, context.basePort);
  const tls = context.layout.ordererAdminTls(organisation);
  try {
    const { status, body } = await askNode(ordererAdmin, `${CHANNELS}/${CHANNEL_NAME}`, tls);
    return status === 200 ? (JSON.parse(body) as OrdererHeight) : null;
  } catch {
    return null;
  }
}

/** Lets an orderer take part in the channel; nothing to do for one that does. @throws FabricError `command-failed` */
export async function joinOrderer(organisation: Organisation, context: ChannelContext): Promise<void> {
  if ((await ordererHeight(organisation, context)) !== null) return;
  const boundary = 'first-block-of-the-channel';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="config-block"; filename="genesis.block"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const bytes = Buffer.concat([
    Buffer.from(head),
    readFileSync(context.layout.genesisBlock),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const { ordererAdmin } = portsOf(organisation, context.basePort);
  const type = `multipart/form-data; boundary=${boundary}`;
  const { status, body } = await askNode(ordererAdmin, CHANNELS, context.layout.ordererAdminTls(organisation), {
    type,
    bytes,
  });
  if (status !== 201) {
    throw new FabricError(
      'command-failed',
      `the orderer of ${organisation.mspid} did not join the channel: ${status} ${body.trim()}`,
      'see its log',
    );
  }
}

/** Null when the peer does not answer or is not on the channel. */
export async function peerHeight(organisation: Organisation, context: ChannelContext): Promise<PeerHeight | null> {
  const { status, stdout } = await asAdmin(organisation, context, ['channel', 'getinfo', '-c', CHANNEL_NAME]);
  const json = /\{.*\}/.exec(stdout)?.[0];
  return status === 0 && json !== undefined ? (JSON.parse(json) as PeerHeight) : null;
}

/** Lets a peer take part in the channel; nothing to do for one that does. @throws FabricError `command-failed` */
export async function joinPeer(organisation: Organisation, context: ChannelContext): Promise<void> {
  if ((await peerHeight(organisation, context)) !== null) return;
  await demandAsAdmin(`joining the peer of ${organisation.mspid}`, organisation, context, [
    'channel',
    'join',
    '-b',
    context.layout.genesisBlock,
  ]);
}

/** Other peers of the channel that a peer knows, by its own metric; until it knows them it finds no endorsers. */
export async function knownPeers(organisation: Organisation, context: ChannelContext): Promise<number> {
  const { peerOperations } = portsOf(organisation, context.basePort);
  try {
    const { body } = await askNode(peerOperations, '/metrics', context.layout.peerAdminTls(organisation));
    const line = new RegExp(`^gossip_membership_total_peers_known\\{channel="${CHANNEL_NAME}"\\} (\\d+)`, 'm');
    return Number(line.exec(body)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * The orderer that leads, by what most orderers say; null when none answers. One that stood still for a while says what
 * was, until it has the next block.
 */
export async function leadingOrderer(context: ChannelContext): Promise<Organisation | null> {
  const votes = new Map<number, number>();
  for (const vote of await Promise.all(ORGANISATIONS.map((organisation) => leaderBy(organisation, context))))
    if (vote !== null) votes.set(vote, (votes.get(vote) ?? 0) + 1);
  const [first] = [...votes].sort(([, a], [, b]) => b - a);
  return ORGANISATIONS.find(({ number }) => number === first?.[0]) ?? null;
}

/** Number of the leader by the metric of an organisation's orderer. */
async function leaderBy(organisation: Organisation, context: ChannelContext): Promise<number | null> {
  const { ordererOperations } = portsOf(organisation, context.basePort);
  try {
    const { body } = await askNode(ordererOperations, '/metrics', context.layout.ordererAdminTls(organisation));
    const line = new RegExp(`^consensus_BFT_leader_id\\{channel="${CHANNEL_NAME}"\\} (\\d+)`, 'm');
    const number = line.exec(body)?.[1];
    return number === undefined ? null : Number(number);
  } catch {
    return null;
  }
}

/** Runs the `peer` program as administrator of an organisation, at that organisation's peer. */
export function asAdmin(
  organisation: Organisation,
  context: ChannelContext,
  args: readonly string[],
): Promise<CommandResult> {
  return runCommand(join(context.programs.bin, 'peer'), args, adminSettings(organisation, context));
}

/** The same, for what must succeed. @throws FabricError `command-failed` */
export function demandAsAdmin(
  what: string,
  organisation: Organisation,
  context: ChannelContext,
  args: readonly string[],
): Promise<string> {
  return demandCommand(what, join(context.programs.bin, 'peer'), args, adminSettings(organisation, context));
}

const adminSettings = (organisation: Organisation, context: ChannelContext): Settings =>
  clientSettings(organisation, context.layout.adminMsp(organisation), context);

/**
 * Arguments that name an orderer to send to: the one that leads first, else the next that answers.
 * @throws FabricError `network-not-running`
 */
export async function toOrderer(
  organisations: readonly Organisation[],
  context: ChannelContext,
): Promise<readonly string[]> {
  for (const organisation of organisations) {
    if ((await ordererHeight(organisation, context)) === null) continue;
    const address = `${HOST}:${portsOf(organisation, context.basePort).orderer}`;
    return ['-o', address, '--tls', '--cafile', context.layout.ordererTls(organisation).authority];
  }
  throw new FabricError('network-not-running', 'no orderer answers', 'run `npm run fabric -- up`');
}

/** Arguments that name peers to endorse. */
export function atPeers(organisations: readonly Organisation[], { layout, basePort }: ChannelContext): string[] {
  return organisations.flatMap((organisation) => [
    '--peerAddresses',
    `${HOST}:${portsOf(organisation, basePort).peer}`,
    '--tlsRootCertFiles',
    layout.peerTls(organisation).authority,
  ]);
}
