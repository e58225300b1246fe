import type { Pool } from 'pg';
import { inTransaction } from '../in-transaction.js';

/** A row that was set aside, and what waits for it. */
export interface ParkedRow {
  readonly id: number;
  readonly command: string;
  readonly party: string;
  readonly eventId: number | null;
  readonly code: string;
  readonly reason: string;
  readonly parkedAt: Date;
  /** Rows that wait because they are about the same objects. */
  readonly held: number;
}

/** All parked rows, oldest first. */
export async function parkedRows(pool: Pool): Promise<ParkedRow[]> {
  const { rows } = await pool.query<{
    id: number | string;
    command: string;
    signing_party: string;
    event_id: number | string | null;
    last_error: { code?: string; reason?: string } | null;
    parked_at: Date;
    held: number | string;
  }>(
    `SELECT id, command, signing_party, event_id, last_error, parked_at,
            (SELECT count(*) FROM outbox w WHERE w.held_by = o.id) AS held
     FROM outbox o WHERE state = 'parked' ORDER BY id`,
  );
  return rows.map((row) => ({
    id: Number(row.id),
    command: row.command,
    party: row.signing_party,
    eventId: row.event_id === null ? null : Number(row.event_id),
    code: row.last_error?.code ?? 'unknown',
    reason: row.last_error?.reason ?? '',
    parkedAt: row.parked_at,
    held: Number(row.held),
  }));
}

/**
 * Tells every row that stands behind a parked one that it waits, and why: rows about the same objects, and rows signed
 * by or naming a party, or naming a profile, whose own registration is parked (the contract would refuse them for good).
 * They leave the window of what can go, so that however many they are, they hold up nobody else.
 * @param ids the rows to look at; what a row waits for directly must be among them, or be held or parked already
 * @returns how many were told
 */
export async function holdBack(pool: Pool, ids: readonly number[]): Promise<number> {
  const { rowCount: parked } = await pool.query(`SELECT 1 FROM outbox WHERE state = 'parked' LIMIT 1`);
  if (parked === 0) return 0;
  let told = 0;
  for (;;) {
    // Each round finds what stands behind the rows of the round before.
    const { rowCount } = await pool.query(
      `WITH behind AS (
         SELECT w.id, e.id AS blocker, coalesce(e.held_by, e.id) AS root
         FROM outbox w JOIN outbox e ON e.id < w.id AND e.object_keys && w.object_keys
         WHERE w.id = ANY($1) AND w.state = 'pending' AND w.held_by IS NULL
           AND (e.state = 'parked' OR e.held_by IS NOT NULL)
         UNION ALL
         SELECT w.id, e.id, e.id
         FROM outbox e
         CROSS JOIN LATERAL (SELECT substr(k, strpos(k, ':') + 1) AS name FROM unnest(e.object_keys) k
                             WHERE k LIKE 'party:%' OR k LIKE 'profile:%') registered
         JOIN outbox w ON w.id = ANY($1) AND w.id > e.id AND w.state = 'pending' AND w.held_by IS NULL
           AND (w.signing_party = registered.name
             OR strpos(w.payload::text, to_json(registered.name)::text) > 0)
         WHERE e.state = 'parked'
       ), first AS (SELECT DISTINCT ON (id) id, root FROM behind ORDER BY id, blocker)
       UPDATE outbox w SET held_by = f.root, last_error = jsonb_build_object(
         'code', 'behind-parked',
         'reason', format('waits for outbox row %s (%s), which is parked: %s', f.root, r.command, r.last_error ->> 'code'))
       FROM first f JOIN outbox r ON r.id = f.root
       WHERE w.id = f.id AND w.state = 'pending' AND w.held_by IS NULL`,
      [ids],
    );
    told += rowCount ?? 0;
    if ((rowCount ?? 0) === 0) return told;
  }
}

/**
 * Lets parked rows go again, with all that waits for them: the reason they were parked for is gone.
 * @param ids null: all of them
 * @returns the ids of the rows that were parked
 */
export async function unpark(pool: Pool, ids: readonly number[] | null): Promise<number[]> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: number | string }>(
      `UPDATE outbox SET state = 'pending', parked_at = NULL, failures = 0, failing_since = NULL, claim_epoch = NULL,
         next_attempt_at = now()
       WHERE state = 'parked' AND ($1::bigint[] IS NULL OR id = ANY($1)) RETURNING id`,
      [ids],
    );
    const released = rows.map((row) => Number(row.id)).sort((a, b) => a - b);
    await client.query('UPDATE outbox SET held_by = NULL, last_error = NULL WHERE held_by = ANY($1)', [released]);
    await client.query('NOTIFY coldchain_outbox');
    return released;
  });
}
