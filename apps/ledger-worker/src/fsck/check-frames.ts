import { createHash } from 'node:crypto';
import { frameCommitment, frameSalt, receivedOrDamagedBytes } from '@coldchain/telemetry';
import type { PoolClient } from 'pg';
import type { Finding } from './finding.js';

/** A telemetry log as it is stored. */
export interface StoredLog {
  readonly organisationId: number;
  readonly organisation: string;
  readonly party: string;
  readonly log: string;
  readonly secret: Buffer;
}

/** A tree as it is stored; roots in hex, bounds of the window in ms. */
export interface StoredTree {
  readonly index: number;
  readonly root: string;
  readonly previous: string | null;
  readonly leaves: Buffer;
  readonly from: number;
  readonly to: number;
}

interface StoredRun {
  readonly index: number;
  readonly stream: number;
  readonly day: string;
  readonly first_seq: number;
  readonly frames: number;
  readonly first_leaf: number;
  readonly gateway: string;
  readonly boot: string;
}

interface StoredFrame {
  readonly seq: number;
  /** null: none is kept beside the bytes. */
  readonly sha256: Buffer | null;
  /** The received bytes, or their short form. */
  readonly raw: Buffer;
}

const FRAMES_PER_READ = 500;
const FINDINGS_OF_A_KIND = 1_000;

/**
 * The entries of a tree, made anew from the received bytes of its frames; where a frame is missing, or its number lies
 * under another leaf, the kept entry stands in its place and a finding says so.
 */
export async function recomputedLeaves(
  client: PoolClient,
  log: StoredLog,
  tree: StoredTree,
  runs: RunsInOrder,
): Promise<{ findings: Finding[]; leaves: Buffer[] }> {
  const count = tree.leaves.length / 32;
  const leaves = Array.from({ length: count }, (_, leaf) => tree.leaves.subarray(leaf * 32, leaf * 32 + 32));
  const findings: Finding[] = [];
  let covered = 0;
  const ofTree = await runs.of(tree.index);
  const singles = await singlesOf(client, ofTree);
  for (const run of ofTree) {
    if (run.first_leaf !== covered) {
      const subject = `root ${log.organisation}/${tree.index}`;
      findings.push({ code: 'frame-leaf-differs', subject, detail: `leaf ${covered} belongs to no frame, or to two` });
    }
    covered = run.first_leaf + run.frames;
    for (let from = 0; from < run.frames; from += FRAMES_PER_READ) {
      const size = Math.min(FRAMES_PER_READ, run.frames - from);
      const frames = await framesOf(client, run, run.first_seq + from, size);
      for (const single of singles.get(run) ?? []) frames.set(single.seq, single);
      for (let offset = from; offset < from + size; offset++) {
        const entry = entryOf(log, run, run.first_seq + offset, frames);
        findings.push(...entry.findings);
        const kept = leaves[run.first_leaf + offset];
        if (entry.commitment === null) continue;
        if (kept?.equals(entry.commitment) !== true) {
          const subject = nameOf(log, run, run.first_seq + offset);
          findings.push({ code: 'frame-leaf-differs', subject, detail: `from leaf ${run.first_leaf + offset}` });
        }
        leaves[run.first_leaf + offset] = entry.commitment;
      }
    }
  }
  if (covered !== count) {
    const subject = `root ${log.organisation}/${tree.index}`;
    findings.push({ code: 'frame-leaf-differs', subject, detail: `${count} leaves, frames for ${covered}` });
  }
  return { findings, leaves };
}

const nameOf = (log: StoredLog, { gateway, boot }: Pick<StoredRun, 'gateway' | 'boot'>, seq: number): string =>
  `frame ${log.organisation}/${gateway}/${boot}/${seq}`;

function entryOf(
  log: StoredLog,
  run: StoredRun,
  seq: number,
  frames: ReadonlyMap<number, StoredFrame>,
): { findings: Finding[]; commitment: Buffer | null } {
  const subject = nameOf(log, run, seq);
  const frame = frames.get(seq);
  if (frame === undefined) {
    return { findings: [{ code: 'frame-missing', subject, detail: `day ${run.day}` }], commitment: null };
  }
  const sha256 = createHash('sha256').update(receivedOrDamagedBytes(frame.raw)).digest();
  const name = { organisation: log.organisation, gateway: run.gateway, boot: run.boot, sequence: seq };
  const commitment = frameCommitment(frameSalt(log.secret, name), name, sha256);
  const findings: Finding[] = sha256.equals(frame.sha256 ?? sha256)
    ? []
    : [{ code: 'frame-digest-differs', subject, detail: `its bytes have ${sha256.toString('hex')}` }];
  return { findings, commitment };
}

const CURSOR = 'runs_in_order';

/**
 * The runs of a log, tree by tree. They have no index by tree, because nothing else asks for it: one sorted pass instead,
 * within the caller's transaction.
 */
export class RunsInOrder {
  private ahead: StoredRun[] = [];
  private done = false;

  private constructor(private readonly client: PoolClient) {}

  static async open(client: PoolClient, { organisationId }: StoredLog): Promise<RunsInOrder> {
    await client.query(
      `DECLARE ${CURSOR} NO SCROLL CURSOR FOR
       SELECT r.index, r.stream, r.day::text, r.first_seq::float8, r.frames, r.first_leaf, g.name AS gateway, t.boot
       FROM telemetry_run r JOIN stream t ON t.id = r.stream JOIN gateway g ON g.id = t.gateway_id
       WHERE g.organisation_id = ${organisationId} ORDER BY r.index, r.first_leaf`,
    );
    return new RunsInOrder(client);
  }

  /** Those of a tree; trees in ascending order. */
  async of(index: number): Promise<StoredRun[]> {
    while (!this.done && (this.ahead.at(-1)?.index ?? -1) <= index) {
      const { rows } = await this.client.query<StoredRun>(`FETCH ${FRAMES_PER_READ} FROM ${CURSOR}`);
      this.done = rows.length === 0;
      this.ahead.push(...rows);
    }
    const found = this.ahead.filter((run) => run.index === index);
    this.ahead = this.ahead.filter((run) => run.index > index);
    return found;
  }

  async close(): Promise<void> {
    await this.client.query(`CLOSE ${CURSOR}`);
  }
}

async function framesOf(
  client: PoolClient,
  { stream, day }: StoredRun,
  firstSeq: number,
  size: number,
): Promise<Map<number, StoredFrame>> {
  const { rows } = await client.query<StoredFrame>(
    `SELECT seq::float8, sha256, raw FROM reading_frame
     WHERE stream = $1 AND day = $2 AND seq BETWEEN $3 AND $4 ORDER BY seq`,
    [stream, day, firstSeq, firstSeq + size - 1],
  );
  return new Map(rows.map((row) => [row.seq, row]));
}

/**
 * The frames of a single reading in these runs. Their table has no index by number, which accepting them would pay for:
 * one pass over their days for a whole tree.
 */
async function singlesOf(client: PoolClient, runs: readonly StoredRun[]): Promise<Map<StoredRun, StoredFrame[]>> {
  const { rows } = await client.query<{ run: number; seq: number; raw: Buffer }>(
    `SELECT r.run::integer, s.seq::float8, s.raw
     FROM unnest($1::integer[], $2::date[], $3::bigint[], $4::integer[]) WITH ORDINALITY
       AS r (stream, day, first_seq, frames, run)
     JOIN reading_single s ON s.stream = r.stream AND s.day = r.day
                          AND s.seq >= r.first_seq AND s.seq < r.first_seq + r.frames
     WHERE s.day = ANY ($2::date[])`,
    [
      runs.map(({ stream }) => stream),
      runs.map(({ day }) => day),
      runs.map(({ first_seq }) => first_seq),
      runs.map(({ frames }) => frames),
    ],
  );
  const singles = new Map<StoredRun, StoredFrame[]>();
  for (const { run, seq, raw } of rows) {
    const of = runs[run - 1];
    if (of === undefined) continue;
    const ofRun = singles.get(of) ?? [];
    ofRun.push({ seq, sha256: null, raw });
    singles.set(of, ofRun);
  }
  return singles;
}

/**
 * Frames that are under no tree although the follower is past them, and frames that are under two. Those it has not come
 * to yet are counted.
 */
export async function unboundFrames(client: PoolClient): Promise<{ findings: Finding[]; pending: number }> {
  const { rows: counted } = await client.query<{ pending: number; missed: string[] }>(
    `WITH ahead AS MATERIALIZED (
       SELECT DISTINCT s.stream, s.day, s.seq
       FROM (SELECT stream, day, seq, xid FROM reading_series UNION ALL SELECT stream, day, seq, xid FROM reading_single) s
       JOIN stream t ON t.id = s.stream JOIN gateway g ON g.id = t.gateway_id
       JOIN telemetry_log l ON l.organisation_id = g.organisation_id
       WHERE s.xid >= (SELECT min(followed) FROM telemetry_log) AND s.xid >= l.followed
     ), unbound AS MATERIALIZED (
       SELECT format('frame %s/%s/%s/%s', o.slug, g.name, t.boot, f.seq) AS subject,
              l.log IS NULL OR a.stream IS NOT NULL AS pending
       FROM (SELECT stream, day, seq FROM reading_frame UNION ALL SELECT stream, day, seq FROM reading_single) f
       JOIN stream t ON t.id = f.stream JOIN gateway g ON g.id = t.gateway_id
       JOIN organisation o ON o.id = g.organisation_id
       LEFT JOIN telemetry_log l ON l.organisation_id = o.id
       LEFT JOIN ahead a ON a.stream = f.stream AND a.day = f.day AND a.seq = f.seq
       LEFT JOIN LATERAL (SELECT first_seq + frames AS next FROM telemetry_run r
                          WHERE r.stream = f.stream AND r.day = f.day AND r.first_seq <= f.seq
                          ORDER BY first_seq DESC LIMIT 1) AS run ON true
       WHERE run.next IS NULL OR run.next <= f.seq
     )
     SELECT (SELECT count(*) FROM unbound WHERE pending)::float8 AS pending,
            ARRAY(SELECT subject FROM unbound WHERE NOT pending LIMIT $1) AS missed`,
    [FINDINGS_OF_A_KIND],
  );
  const { rows: twice } = await client.query<{ subject: string }>(
    `SELECT format('frame %s/%s/%s/%s', o.slug, g.name, t.boot, r.first_seq) AS subject
     FROM (SELECT *, lag(first_seq + frames) OVER (PARTITION BY stream, day ORDER BY first_seq) AS free
           FROM telemetry_run) AS r
     JOIN stream t ON t.id = r.stream JOIN gateway g ON g.id = t.gateway_id
     JOIN organisation o ON o.id = g.organisation_id
     WHERE r.first_seq < r.free LIMIT $1`,
    [FINDINGS_OF_A_KIND],
  );
  const missed = counted[0]?.missed ?? [];
  return {
    findings: [
      ...missed.map((subject): Finding => ({ code: 'frame-without-leaf', subject, detail: 'under no tree' })),
      ...twice.map(({ subject }): Finding => ({ code: 'frame-twice', subject, detail: 'under two trees' })),
    ],
    pending: counted[0]?.pending ?? 0,
  };
}
