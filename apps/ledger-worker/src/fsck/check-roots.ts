import { type RootState, rootKey } from '@coldchain/chaincode/protocol';
import { merkleRoot } from '@coldchain/kernel';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../in-transaction.js';
import type { ChainContent } from './check-chain.js';
import { recomputedLeaves, RunsInOrder, type StoredLog, type StoredTree, unboundFrames } from './check-frames.js';
import type { Finding, FsckReport } from './finding.js';

/** What the telemetry logs say. */
export interface RootCheck {
  readonly findings: readonly Finding[];
  readonly roots: FsckReport['roots'];
}

/**
 * Recomputes every telemetry tree from the received bytes of its frames, and compares its root with the one kept and the
 * one on the ledger, in both directions. One snapshot of the database, so that a follower may go on beside it.
 * @param projected blocks up to the checkpoint, read before the chain was
 */
export async function checkRoots(pool: Pool, chain: ChainContent, projected: number): Promise<RootCheck> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const findings: Finding[] = [];
    const stored = new Set<string>();
    let [checked, anchored, frames] = [0, 0, 0];
    for (const log of await logsOf(client)) {
      let before: StoredTree | undefined;
      const runs = await RunsInOrder.open(client, log);
      for (let after = -1; ;) {
        const tree = await treeAfter(client, log, after);
        if (tree === undefined) break;
        const onLedger = chain.objects.get(`root ${rootKey({ log: log.log, index: tree.index })}`);
        findings.push(...(await treeFindings(client, log, tree, before, runs)));
        if (onLedger !== undefined) findings.push(...anchorFindings(log, tree, onLedger.state as RootState));
        stored.add(rootKey({ log: log.log, index: tree.index }));
        checked++;
        anchored += onLedger === undefined ? 0 : 1;
        frames += tree.leaves.length / 32;
        before = tree;
        after = tree.index;
      }
      await runs.close();
    }
    const unbound = await unboundFrames(client);
    findings.push(...unbound.findings, ...(await ledgerFindings(client, chain, stored, projected)));
    return {
      findings,
      roots: { checked, anchored, pending: checked - anchored, frames, pendingFrames: unbound.pending },
    };
  });
}

async function logsOf(client: PoolClient): Promise<StoredLog[]> {
  const { rows } = await client.query<StoredLog>(
    `SELECT l.organisation_id AS "organisationId", o.slug AS organisation, o.party, l.log, l.secret
     FROM telemetry_log l JOIN organisation o ON o.id = l.organisation_id ORDER BY 1`,
  );
  return rows;
}

async function treeAfter(client: PoolClient, log: StoredLog, index: number): Promise<StoredTree | undefined> {
  const { rows } = await client.query<StoredTree>(
    `SELECT index, encode(root, 'hex') AS root, encode(previous, 'hex') AS previous, leaves,
            window_from::float8 AS from, window_to::float8 AS to
     FROM telemetry_root WHERE organisation_id = $1 AND index > $2 ORDER BY index LIMIT 1`,
    [log.organisationId, index],
  );
  return rows[0];
}

async function treeFindings(
  client: PoolClient,
  log: StoredLog,
  tree: StoredTree,
  before: StoredTree | undefined,
  runs: RunsInOrder,
): Promise<Finding[]> {
  const subject = `root ${log.organisation}/${tree.index}`;
  const { findings, leaves } = await recomputedLeaves(client, log, tree, runs);
  const differs = (detail: string): number => findings.push({ code: 'root-differs', subject, detail });
  const root = leaves.length === 0 ? 'no frames' : merkleRoot(leaves).toString('hex');
  if (root !== tree.root) differs(`the stored frames give ${root}`);
  if (tree.index !== (before?.index ?? -1) + 1) differs(`the tree before it is ${before?.index ?? 'missing'}`);
  if (tree.previous !== (before?.root ?? null)) differs(`it names ${tree.previous ?? 'no root'} before it`);
  if (before !== undefined && tree.from < before.to) differs('its window begins before the end of the one before');
  return findings;
}

function anchorFindings(log: StoredLog, tree: StoredTree, state: RootState): Finding[] {
  const same =
    state.party === log.party &&
    state.root === tree.root &&
    state.previous === tree.previous &&
    state.count === tree.leaves.length / 32 &&
    state.window.from === tree.from &&
    state.window.to === tree.to;
  const subject = `root ${log.organisation}/${tree.index}`;
  return same ? [] : [{ code: 'root-anchor-differs', subject, detail: `the ledger has ${JSON.stringify(state)}` }];
}

/** Roots that were projected and are on no block, and roots of organisations served here that nobody stored. */
async function ledgerFindings(
  client: PoolClient,
  chain: ChainContent,
  stored: ReadonlySet<string>,
  projected: number,
): Promise<Finding[]> {
  const { rows: noted } = await client.query<{ key: string }>(
    `SELECT object_key AS key FROM ledger_object WHERE object_type = 'root' AND block <= $1 ORDER BY 1`,
    [projected],
  );
  const { rows: organisations } = await client.query<{ party: string }>('SELECT party FROM organisation WHERE served');
  const served = new Set(organisations.map((row) => row.party));
  const findings = noted
    .filter(({ key }) => !chain.objects.has(`root ${key}`))
    .map(({ key }): Finding => ({ code: 'root-missing', subject: `root ${key}`, detail: 'no block has it' }));
  for (const { type, state, block } of chain.objects.values()) {
    if (type !== 'root') continue;
    const root = state as RootState;
    if (!served.has(root.party) || stored.has(rootKey(root))) continue;
    findings.push({ code: 'root-unknown', subject: `root ${rootKey(root)}`, detail: `block ${block}, ${root.party}` });
  }
  return findings;
}
