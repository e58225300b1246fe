import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import type { Pool } from 'pg';
import { type ParkedRow, parkedRows } from '../relay/parking.js';

/** How far the read model is. */
export interface ProjectionStatus {
  /** Number of the last projected block; -1: none. */
  readonly block: number;
  /** Blocks of the ledger when the worker last asked. */
  readonly height: number;
  /** When it was last seen to be at the ledger's height; null: never. */
  readonly confirmedAt: Date | null;
}

/** What waits to come onto the ledger. */
export interface OutboxStatus {
  /** Rows that are not settled, without parked ones and what waits for them. */
  readonly backlog: number;
  /** The oldest of these. */
  readonly oldest: { readonly id: number; readonly command: string; readonly createdAt: Date } | null;
  /** Rows of the backlog that were submitted and of which is not known whether they are on the ledger. */
  readonly unknown: number;
  /** Rows that wait for parked ones. */
  readonly held: number;
  readonly parked: readonly ParkedRow[];
}

/** The worker that writes. */
export interface LeaderStatus {
  readonly epoch: number;
  readonly holder: string;
  readonly since: Date;
}

/** What the database knows about the way to the ledger. */
export interface DatabaseStatus {
  readonly projection: ProjectionStatus;
  readonly outbox: OutboxStatus;
  /** The last one; null: no worker has been here. */
  readonly leader: LeaderStatus | null;
}

/** Reads it in one moment each. */
export async function databaseStatus(pool: Pool): Promise<DatabaseStatus> {
  const [projection, outbox, leader] = await Promise.all([
    projectionStatus(pool),
    outboxStatus(pool),
    pool.query<{ epoch: number | string; holder: string; since: Date }>(
      'SELECT epoch, holder, since FROM ledger_leadership WHERE channel = $1',
      [CHANNEL_NAME],
    ),
  ]);
  const [last] = leader.rows;
  return { projection, outbox, leader: last === undefined ? null : { ...last, epoch: Number(last.epoch) } };
}

async function projectionStatus(pool: Pool): Promise<ProjectionStatus> {
  const { rows } = await pool.query<{ block: number | string; height: number | string; confirmed_at: Date }>(
    'SELECT block, height, confirmed_at FROM ledger_checkpoint WHERE channel = $1',
    [CHANNEL_NAME],
  );
  const [row] = rows;
  if (row === undefined) return { block: -1, height: 0, confirmedAt: null };
  const confirmedAt = row.confirmed_at.getTime() === 0 ? null : row.confirmed_at;
  return { block: Number(row.block), height: Number(row.height), confirmedAt };
}

async function outboxStatus(pool: Pool): Promise<OutboxStatus> {
  const { rows } = await pool.query<{ backlog: number | string; unknown: number | string; held: number | string }>(
    `SELECT count(*) FILTER (WHERE held_by IS NULL) AS backlog,
            count(*) FILTER (WHERE state = 'submitted') AS unknown,
            count(*) FILTER (WHERE held_by IS NOT NULL) AS held
     FROM outbox WHERE state IN ('pending', 'submitted')`,
  );
  const oldest = await pool.query<{ id: number | string; command: string; created_at: Date }>(
    `SELECT id, command, created_at FROM outbox
     WHERE state IN ('pending', 'submitted') AND held_by IS NULL ORDER BY created_at, id LIMIT 1`,
  );
  const [counts] = rows;
  const [first] = oldest.rows;
  return {
    backlog: Number(counts?.backlog ?? 0),
    unknown: Number(counts?.unknown ?? 0),
    held: Number(counts?.held ?? 0),
    oldest: first === undefined ? null : { id: Number(first.id), command: first.command, createdAt: first.created_at },
    parked: await parkedRows(pool),
  };
}
