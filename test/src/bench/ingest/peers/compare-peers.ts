import type { Measured, Report } from '../../report.js';
import { drain, type Drained } from '../drain.js';
import type { IngestWorld } from '../ingest-world.js';
import type { LoadMessage } from '../load.js';
import { allCpu } from '../usage.js';
import { drainPeer, type PeerDrained } from './drain-peer.js';
import { NestPeer } from './nest-peer.js';
import { NodeRedPeer } from './node-red-peer.js';
import type { Peer } from './peer.js';
import { TelegrafPeer } from './telegraf-peer.js';

/** What people take for the same work, fastest first. */
export const PEERS: readonly Peer[] = [new TelegrafPeer(), new NodeRedPeer(), new NestPeer()];

/** One round of a peer, and of ingest just before it. */
interface Pair {
  readonly ingest: Drained;
  readonly peer: PeerDrained;
}

/**
 * Ingest and what others use, by turns, on the same queue of frames: each must have every reading in its tables at the end.
 * Programs are installed on request, into the cache; one that cannot be had is left out, and a line says so.
 */
export async function comparePeers(
  world: IngestWorld,
  report: Report,
  peers: readonly Peer[],
  load: { readonly messages: readonly LoadMessage[]; readonly readings: number; readonly rounds: number },
): Promise<void> {
  const { messages, readings, rounds } = load;
  const installed = peers.filter((peer) => isInstalled(peer, report));
  const found = new Map<Peer, Pair[]>(installed.map((peer) => [peer, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [peer, pairs] of found) {
      const ingest = await drain(world, { messages, readings, client: 'packets', keys: null });
      const stored = await world.readings();
      await world.clear();
      const drained = await drainPeer(world, peer, messages, readings);
      if (stored !== drained.rows) throw new Error(`${stored} readings of ingest, ${drained.rows} of ${peer.title}`);
      pairs.push({ ingest, peer: drained });
      report.note(
        `round ${round}, ${peer.title}: ${drained.rows} readings in its table, ${stored} in those of ingest; ` +
          `${Math.round(drained.perSecond)} and ${Math.round(ingest.perSecond)} messages/s`,
      );
    }
  }
  for (const [{ title }, pairs] of found) {
    const figure = (what: string, unit: string, of: (pair: Pair) => Measured): void =>
      void report.figure(`frames of ${readings}: ${what} ${title}`, unit, pairs.map(of));
    figure('drain, beside', 'readings/s', ({ ingest, peer }) => ({
      value: ingest.perSecond * readings,
      baseline: peer.perSecond * readings,
    }));
    figure('processor time of all, beside', 'µs/message', ({ ingest, peer }) => ({
      value: allCpu(ingest),
      baseline: allCpu(peer),
    }));
  }
}

function isInstalled(peer: Peer, report: Report): boolean {
  try {
    peer.install();
    return true;
  } catch (error) {
    report.note(
      `SKIPPED ${peer.title}: it cannot be installed (${error instanceof Error ? error.message : String(error)})`,
    );
    return false;
  }
}
