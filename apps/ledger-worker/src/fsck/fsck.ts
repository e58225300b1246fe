import type { Ledger } from '@coldchain/ledger';
import type { Pool } from 'pg';
import { readCheckpoint } from '../projection/project-block.js';
import { checkChain } from './check-chain.js';
import { checkEvents } from './check-events.js';
import { checkProjection } from './check-projection.js';
import { checkRoots } from './check-roots.js';
import type { FsckReport } from './finding.js';

/**
 * Checks the whole custody record: every stored event against its digests, every anchor in both directions, every block
 * against its hashes and signatures, every telemetry tree against the stored frames and the ledger, and the read model
 * against a rebuild from block 0. Reads only. A worker may run beside it: only blocks up to the checkpoint are compared with the read model, and those are read first.
 */
export async function fsck(pool: Pool, ledger: Ledger): Promise<FsckReport> {
  const checkpoint = await readCheckpoint(pool);
  const { height } = await ledger.health();
  const chain = await checkChain(ledger, height);
  const settled = checkpoint + 1 === height;
  const events = await checkEvents(pool, chain, checkpoint);
  const roots = await checkRoots(pool, chain, checkpoint);
  const findings = [...chain.findings, ...events.findings, ...roots.findings];
  const unchecked: string[] = [];
  if (checkpoint + 1 > height) {
    findings.push({
      code: 'checkpoint-above-ledger',
      subject: `block ${checkpoint}`,
      detail: `the ledger has ${height} blocks`,
    });
  }
  const projection = settled ? await checkProjection(pool, chain, checkpoint) : null;
  if (projection !== null) findings.push(...projection);
  else unchecked.push(`read model: projected up to block ${checkpoint} of ${height - 1}; run again when it is idle`);
  return {
    findings,
    unchecked,
    events: events.events,
    blocks: chain.blocks,
    anchors: chain.anchors.size,
    roots: roots.roots,
  };
}
