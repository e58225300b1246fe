import { join } from 'node:path';
import type { ChaincodeBuild } from './chaincode-build.js';
import { chaincodePlan } from './chaincode-plan.js';
import type { ChannelContext } from './channel.js';
import type { DaemonPlan } from './daemon.js';
import { askNode, listens } from './node-client.js';
import { ordererSettings, peerSettings } from './node-settings.js';
import { type Organisation, ORGANISATIONS, type ProcessName } from './organisations.js';
import { portsOf } from './ports.js';

/** A process of the network and how it says that it is ready. */
export interface NodePlan extends DaemonPlan {
  readonly name: ProcessName;
  readonly ready: () => Promise<boolean>;
  /** Where it keeps what must outlive it; null: nothing. */
  readonly dataFolder: string | null;
}

/** The four orderers and the four peers. */
export function nodePlans(context: ChannelContext): NodePlan[] {
  return ORGANISATIONS.flatMap((organisation) => [ordererPlan(organisation, context), peerPlan(organisation, context)]);
}

/** The four chaincode servers. */
export function serverPlans(build: ChaincodeBuild, { layout, basePort }: ChannelContext): NodePlan[] {
  return ORGANISATIONS.map((organisation) => {
    const plan = chaincodePlan(organisation, build, layout, basePort);
    return { ...plan, ready: () => listens(portsOf(organisation, basePort).chaincode), dataFolder: null };
  });
}

function ordererPlan(organisation: Organisation, context: ChannelContext): NodePlan {
  const ports = portsOf(organisation, context.basePort);
  const tls = context.layout.ordererAdminTls(organisation);
  return {
    name: `orderer-${organisation.slug}`,
    program: join(context.programs.bin, 'orderer'),
    args: [],
    settings: ordererSettings(organisation, context),
    ports: [ports.orderer, ports.ordererAdmin, ports.ordererOperations],
    ready: async () => (await answers(ports.ordererAdmin, '/participation/v1/channels', tls)) && listens(ports.orderer),
    dataFolder: context.layout.ordererData(organisation),
  };
}

function peerPlan(organisation: Organisation, context: ChannelContext): NodePlan {
  const ports = portsOf(organisation, context.basePort);
  const tls = context.layout.peerAdminTls(organisation);
  return {
    name: `peer-${organisation.slug}`,
    program: join(context.programs.bin, 'peer'),
    args: ['node', 'start'],
    settings: peerSettings(organisation, context),
    ports: [ports.peer, ports.peerChaincode, ports.peerOperations],
    ready: async () => (await answers(ports.peerOperations, '/healthz', tls)) && listens(ports.peer),
    dataFolder: context.layout.peerData(organisation),
  };
}

async function answers(port: number, path: string, tls: Parameters<typeof askNode>[2]): Promise<boolean> {
  try {
    return (await askNode(port, path, tls)).status === 200;
  } catch {
    return false;
  }
}
