import { rootKey } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Random } from '@coldchain/kernel';
import type { NewFrame } from './new-frames.js';

/** The log of one organisation, locked. */
export interface TelemetryLog {
  readonly log: string;
  readonly secret: Buffer;
  /** Every frame of a transaction below this one has its leaf. */
  readonly followed: string;
  /** Indexes below this one are known to be on the ledger. */
  readonly anchored: number;
  readonly newest: TreeHead | null;
}

/** A tree as the ledger command needs it. Roots are 64 hex digits. */
export interface TreeHead {
  readonly index: number;
  readonly root: string;
  readonly previous: string | null;
  readonly count: number;
  /** ms since 1970 */
  readonly window: { readonly from: number; readonly to: number };
}

/** Leaves of one stream and day that follow one another, in numbers as in the tree. */
interface Run {
  readonly stream: number;
  readonly day: string;
  readonly firstSeq: number;
  frames: number;
  readonly firstLeaf: number;
}

const HEAD = `index, encode(root, 'hex') AS root, encode(previous, 'hex') AS previous,
  (octet_length(leaves) / 32)::integer AS count, window_from, window_to`;

interface HeadRow {
  readonly index: number;
  readonly root: string;
  readonly previous: string | null;
  readonly count: number;
  readonly window_from: number;
  readonly window_to: number;
}

const headOf = ({ index, root, previous, count, window_from, window_to }: HeadRow): TreeHead => ({
  index,
  root,
  previous,
  count,
  window: { from: window_from, to: window_to },
});

async function ensureLog(transaction: OrganisationTransaction, random: Random): Promise<void> {
  await transaction.query(
    `INSERT INTO telemetry_log (organisation_id, log, secret) SELECT $1, $2, $3
     WHERE NOT EXISTS (SELECT FROM telemetry_log WHERE organisation_id = $1) ON CONFLICT DO NOTHING`,
    [transaction.organisationId, random.bytes(32).toString('hex'), random.bytes(32)],
  );
}

/** Notes that a log was looked at in vain: the next look comes an interval later. */
export async function postponeLook(transaction: OrganisationTransaction, random: Random): Promise<void> {
  await ensureLog(transaction, random);
  await transaction.query('UPDATE telemetry_log SET looked_at = clock_timestamp() WHERE organisation_id = $1', [
    transaction.organisationId,
  ]);
}

/** Takes the organisation's log, made where there is none; null while another process has it. */
export async function lockLog(transaction: OrganisationTransaction, random: Random): Promise<TelemetryLog | null> {
  const id = transaction.organisationId;
  await ensureLog(transaction, random);
  const [log] = await transaction.query<Omit<TelemetryLog, 'newest'>>(
    `SELECT log, secret, followed::text, anchored FROM telemetry_log WHERE organisation_id = $1 FOR UPDATE SKIP LOCKED`,
    [id],
  );
  if (log === undefined) return null;
  const [newest] = await transaction.query<HeadRow>(
    `SELECT ${HEAD} FROM telemetry_root WHERE organisation_id = $1 ORDER BY index DESC LIMIT 1`,
    [id],
  );
  return { ...log, newest: newest === undefined ? null : headOf(newest) };
}

/** Stores a tree and which of its leaves are whose. `commitments`: its entries, one for each frame in the same order. */
export async function storeTree(
  transaction: OrganisationTransaction,
  { index, root, previous, window }: TreeHead,
  frames: readonly NewFrame[],
  commitments: readonly Buffer[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO telemetry_root (organisation_id, index, root, previous, window_from, window_to, leaves)
     VALUES ($1, $2, decode($3, 'hex'), decode($4, 'hex'), $5, $6, $7)`,
    [transaction.organisationId, index, root, previous, window.from, window.to, Buffer.concat(commitments)],
  );
  const runs = runsOf(frames);
  await transaction.query(
    `INSERT INTO telemetry_run (stream, day, first_seq, frames, index, first_leaf)
     SELECT stream, day, first_seq, frames, $1, first_leaf
     FROM unnest($2::int4[], $3::date[], $4::int8[], $5::int4[], $6::int4[])
       AS r (stream, day, first_seq, frames, first_leaf)`,
    [
      index,
      runs.map((run) => run.stream),
      runs.map((run) => run.day),
      runs.map((run) => run.firstSeq),
      runs.map((run) => run.frames),
      runs.map((run) => run.firstLeaf),
    ],
  );
}

function runsOf(frames: readonly NewFrame[]): Run[] {
  const runs: Run[] = [];
  for (const [leaf, { stream, day, seq }] of frames.entries()) {
    const run = runs.at(-1);
    if (run?.stream === stream && run.day === day && run.firstSeq + run.frames === seq) run.frames++;
    else runs.push({ stream, day, firstSeq: seq, frames: 1, firstLeaf: leaf });
  }
  return runs;
}

/** Every frame of a transaction below `xid` has its leaf now. */
export async function moveFollowed(transaction: OrganisationTransaction, xid: string): Promise<void> {
  await transaction.query(
    `UPDATE telemetry_log SET followed = $2::xid8, looked_at = clock_timestamp() WHERE organisation_id = $1`,
    [transaction.organisationId, xid],
  );
}

/**
 * Trees whose roots are neither on the ledger nor on their way: the contract refused them (a suspended party, a clock
 * that was ahead) and the expectation was taken back. In order of their index.
 */
export async function lostRoots(transaction: OrganisationTransaction, log: TelemetryLog): Promise<TreeHead[]> {
  if (log.newest === null || log.anchored > log.newest.index) return [];
  const rows = await transaction.query<HeadRow & { readonly committed: boolean; readonly expected: boolean }>(
    `SELECT ${HEAD},
       EXISTS (SELECT FROM ledger_object WHERE object_type = 'root' AND object_key = $3 || r.index) AS committed,
       EXISTS (SELECT FROM expected_object WHERE object_type = 'root' AND object_key = $3 || r.index) AS expected
     FROM telemetry_root r WHERE organisation_id = $1 AND index >= $2 ORDER BY index`,
    [transaction.organisationId, log.anchored, rootKey({ log: log.log, index: 0 }).slice(0, -1)],
  );
  const open = rows.findIndex((row) => !row.committed);
  const anchored = open < 0 ? log.newest.index + 1 : log.anchored + open;
  if (anchored > log.anchored) {
    await transaction.query('UPDATE telemetry_log SET anchored = $2 WHERE organisation_id = $1', [
      transaction.organisationId,
      anchored,
    ]);
  }
  return rows.filter((row) => !row.committed && !row.expected).map(headOf);
}
