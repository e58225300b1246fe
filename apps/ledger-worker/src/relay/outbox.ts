import type { Command, CommandPayloads, RefusalMessage } from '@coldchain/chaincode/protocol';
import type { Pool } from 'pg';
import { inTransaction } from '../in-transaction.js';
import { notifyProjection } from '../projection/notify-projection.js';
import type { OpenRow, OutboxRow } from './outbox-row.js';

const OPEN = `SELECT id, command, object_keys, priority, state, next_attempt_at <= now() AS due FROM outbox
              WHERE state IN ('pending', 'submitted')`;

interface StoredOpenRow {
  id: number | string;
  command: Command;
  object_keys: string[];
  priority: number;
  state: 'pending' | 'submitted';
  due: boolean;
}

const openRow = (row: StoredOpenRow): OpenRow => ({
  id: Number(row.id),
  command: row.command,
  objectKeys: row.object_keys,
  priority: row.priority,
  state: row.state,
  due: row.due,
});

/** The outbox as the relay works on it. Every change of state is conditional, so that two relays cannot both make it. */
export class Outbox {
  constructor(
    private readonly pool: Pool,
    private readonly window: number,
  ) {}

  /**
   * The oldest open rows of every priority, in order of their id and complete up to the last one; and urgent rows beyond
   * them that stand behind nothing.
   */
  async open(): Promise<{ readonly complete: OpenRow[]; readonly urgent: OpenRow[] }> {
    // Three ranges, because the index leads with the priority; other priorities than 0 and 1 are not in use, nor lost.
    const classes = await Promise.all(
      ['priority < 1', 'priority = 1', 'priority > 1'].map(async (range) => {
        const { rows } = await this.pool.query<StoredOpenRow>(`${OPEN} AND ${range} ORDER BY id LIMIT $1`, [
          this.window,
        ]);
        return rows.map(openRow);
      }),
    );
    const full = classes.filter((rows) => rows.length === this.window);
    const horizon = Math.min(...full.map((rows) => rows.at(-1)?.id ?? 0));
    const all = classes.flat().sort((a, b) => a.id - b.id);
    const beyond = all.filter((row) => row.id > horizon && row.priority < 1).slice(0, 8);
    return {
      complete: all.filter((row) => row.id <= horizon),
      urgent: beyond.length === 0 ? [] : await this.unobstructed(beyond),
    };
  }

  /** Of these rows those that no earlier open row holds back. */
  private async unobstructed(candidates: readonly OpenRow[]): Promise<OpenRow[]> {
    const { rows } = await this.pool.query<StoredOpenRow>(
      `SELECT * FROM (${OPEN}) o
       WHERE id = ANY($1) AND NOT EXISTS (
         SELECT 1 FROM outbox e WHERE e.state IN ('pending', 'submitted') AND e.id < o.id
           AND (e.object_keys && o.object_keys OR e.command IN ('registerParty', 'publishProfile')))`,
      [candidates.map((row) => row.id)],
    );
    return rows.map(openRow);
  }

  /** Everything needed to submit these rows, as far as they are open and no other relay has them under its hands. */
  async take(ids: readonly number[]): Promise<OutboxRow[]> {
    const { rows } = await this.pool.query<{
      id: number | string;
      event_id: number | string | null;
      signing_party: string;
      command: Command;
      payload: CommandPayloads[Command];
      object_keys: string[];
      attempts: number;
      transaction_id: string | null;
      envelope: Buffer | null;
    }>(
      `SELECT id, event_id, signing_party, command, payload, object_keys, attempts, transaction_id, envelope FROM outbox
       WHERE id = ANY($1) AND state IN ('pending', 'submitted') FOR UPDATE SKIP LOCKED`,
      [ids],
    );
    return rows.map((row) => ({
      id: Number(row.id),
      eventId: row.event_id === null ? null : Number(row.event_id),
      signingParty: row.signing_party,
      command: row.command,
      payload: row.payload,
      objectKeys: row.object_keys,
      attempts: row.attempts,
      transactionId: row.transaction_id,
      envelope: row.envelope,
    }));
  }

  /** Keeps id and signed envelope before anything is submitted. False: the row is no longer pending. */
  async persist(id: number, transactionId: string, envelope: Buffer): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE outbox SET state = 'submitted', transaction_id = $2, envelope = $3, attempts = attempts + 1
       WHERE id = $1 AND state = 'pending'`,
      [id, transactionId, envelope],
    );
    return rowCount === 1;
  }

  /** In a block. An act that had been anchored before has its anchor already, and gets it here. */
  async committed(row: OutboxRow): Promise<void> {
    await this.pool.query(
      `UPDATE outbox SET state = 'committed', settled_at = now(), last_error = NULL
       WHERE id = $1 AND state <> 'committed'`,
      [row.id],
    );
    if (row.eventId === null) return;
    await this.pool.query(
      `UPDATE custody_event e
       SET anchor_state = 'anchored', refusal = NULL, block = a.block, transaction_id = a.transaction_id,
           anchored_at = to_timestamp((a.record ->> 'proposalTime')::double precision / 1000)
       FROM ledger_anchor a WHERE e.id = $1 AND a.commitment = e.commitment AND e.anchor_state <> 'anchored'`,
      [row.eventId],
    );
  }

  /** Not on the ledger and to be proposed anew after a while; the rows behind it wait too. */
  async again(row: OutboxRow, delayMs: number, error: object): Promise<void> {
    await this.pool.query(
      `UPDATE outbox SET state = 'pending', transaction_id = NULL, envelope = NULL, last_error = $3,
         attempts = CASE WHEN state = 'pending' THEN attempts + 1 ELSE attempts END,
         next_attempt_at = now() + $2 * interval '1 millisecond'
       WHERE id = $1 AND state IN ('pending', 'submitted')`,
      [row.id, delayMs, JSON.stringify(error)],
    );
  }

  /**
   * A failure that says nothing about the ledger: a row that is still pending waits; one that was submitted meanwhile
   * keeps its envelope, and only waits.
   */
  async postponed(
    row: OutboxRow,
    delayMs: number,
    error: { readonly code: string; readonly reason: string },
  ): Promise<void> {
    if (error.code === 'envelope-invalid') return this.again(row, delayMs, error);
    await this.pool.query(
      `UPDATE outbox SET attempts = attempts + 1, last_error = $3, next_attempt_at = now() + $2 * interval '1 millisecond'
       WHERE id = $1 AND state IN ('pending', 'submitted')`,
      [row.id, delayMs, JSON.stringify(error)],
    );
  }

  /**
   * The contract refused: outbox row and event say so, and what was expected of the objects is what the ledger has.
   * Later acts that were judged by the expectation go to the ledger nevertheless, which has the last word.
   */
  async refused(row: OutboxRow, refusal: RefusalMessage): Promise<void> {
    const keys = row.objectKeys.map((key) => key.replace(/^(party|profile):/, ''));
    await inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `UPDATE outbox SET state = 'refused', settled_at = now(), last_error = $2
         WHERE id = $1 AND state IN ('pending', 'submitted')`,
        [row.id, JSON.stringify(refusal)],
      );
      if (rowCount === 0) return;
      await client.query(
        `UPDATE custody_event SET anchor_state = 'refused', refusal = $2 WHERE id = $1 AND anchor_state = 'pending'`,
        [row.eventId, JSON.stringify(refusal)],
      );
      // Locked first: the next statement then sees what an act that held the lock has written.
      await client.query(
        `SELECT 1 FROM expected_object WHERE object_key = ANY($1) ORDER BY object_type, object_key FOR UPDATE`,
        [keys],
      );
      // An object that another act is still on its way to (a recall, say) keeps what is expected of it: setting it back
      // would hide that act. The projector corrects it when the last of them is committed, or this does when it is refused.
      const { rows: idle } = await client.query<{ object_key: string }>(
        `SELECT object_key FROM unnest($1::text[]) AS k (object_key) WHERE NOT EXISTS (
           SELECT 1 FROM outbox o WHERE o.state IN ('pending', 'submitted') AND o.id <> $2
             AND o.object_keys && ARRAY[k.object_key, 'party:' || k.object_key, 'profile:' || k.object_key])`,
        [keys, row.id],
      );
      const settled = idle.map((entry) => entry.object_key);
      await client.query(
        `DELETE FROM expected_object x WHERE object_key = ANY($1) AND NOT EXISTS (
           SELECT 1 FROM ledger_object l WHERE l.object_type = x.object_type AND l.object_key = x.object_key)`,
        [settled],
      );
      await client.query(
        `UPDATE expected_object x SET state = l.state FROM ledger_object l
         WHERE x.object_key = ANY($1) AND l.object_type = x.object_type AND l.object_key = x.object_key`,
        [settled],
      );
      await notifyProjection(client, keys);
    });
  }
}
