import { type ChannelContext, ordererHeight, type OrdererHeight, peerHeight, type PeerHeight } from './channel.js';
import type { Daemons } from './daemon.js';
import { committedDefinition, type Definition } from './lifecycle.js';
import type { ServedChaincode } from './network-file.js';
import { ORGANISATIONS, PROCESS_NAMES, type ProcessName } from './organisations.js';

/** One process; `pid` null: it does not run. */
export interface ProcessStatus {
  readonly name: ProcessName;
  readonly pid: number | null;
}

/** One organisation; null: its node does not answer. */
export interface OrganisationStatus {
  readonly mspid: string;
  readonly peer: PeerHeight | null;
  readonly orderer: OrdererHeight | null;
  /** The definition as this organisation's peer knows it. */
  readonly definition: Definition | null;
}

/** What a network looks like from outside. */
export interface NetworkStatus {
  readonly processes: readonly ProcessStatus[];
  readonly organisations: readonly OrganisationStatus[];
  /** Digest of the build that the chaincode servers run. */
  readonly served: string | null;
  /** What is wrong, in words; empty when all nodes run and agree and the agreed chaincode is served. */
  readonly problems: readonly string[];
}

/** What runs; asks nobody. */
export const processesOf = (daemons: Daemons): ProcessStatus[] =>
  PROCESS_NAMES.map((name) => ({ name, pid: daemons.running(name) }));

/** Asks every node at once. */
export async function networkStatus(
  context: ChannelContext | null,
  daemons: Daemons,
  served: ServedChaincode | null,
): Promise<NetworkStatus> {
  if (context === null)
    return {
      processes: [],
      organisations: [],
      served: null,
      problems: ['there is no network; run `npm run fabric -- up`'],
    };
  const processes = processesOf(daemons);
  const organisations = await Promise.all(
    ORGANISATIONS.map(async (organisation) => {
      const [peer, orderer] = await Promise.all([
        peerHeight(organisation, context),
        ordererHeight(organisation, context),
      ]);
      const definition = peer === null ? null : await committedDefinition(organisation, context);
      return { mspid: organisation.mspid, peer, orderer, definition };
    }),
  );
  const digest = served?.digest ?? null;
  return { processes, organisations, served: digest, problems: problemsOf(processes, organisations, digest) };
}

function problemsOf(
  processes: readonly ProcessStatus[],
  organisations: readonly OrganisationStatus[],
  served: string | null,
): string[] {
  const problems = processes.filter(({ pid }) => pid === null).map(({ name }) => `${name} does not run`);
  for (const { mspid, peer, orderer, definition } of organisations) {
    if (peer === null) problems.push(`the peer of ${mspid} does not answer`);
    if (orderer === null) problems.push(`the orderer of ${mspid} does not answer`);
    else if (orderer.status !== 'active') problems.push(`the orderer of ${mspid} is ${orderer.status}`);
    if (peer !== null && definition === null) problems.push(`${mspid} knows no chaincode definition`);
    if (definition !== null && definition.version !== served)
      problems.push(`${mspid} agreed on another build than the one served; run \`npm run fabric -- deploy\``);
  }
  const last = organisations.flatMap(({ peer }) => (peer === null ? [] : [peer]));
  const highest = Math.max(0, ...last.map(({ height }) => height));
  const hashes = new Set(last.filter(({ height }) => height === highest).map((peer) => peer.currentBlockHash));
  if (hashes.size > 1) problems.push(`peers at height ${highest} hold different blocks`);
  if (last.some(({ height }) => height !== highest)) problems.push('peers are at different heights');
  return problems;
}
