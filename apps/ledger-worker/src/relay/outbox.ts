import { CHANNEL_NAME, type Command, type CommandPayloads, type RefusalMessage } from '@coldchain/chaincode/protocol';
import type { Pool } from 'pg';
import { inTransaction } from '../in-transaction.js';
import { notifyProjection } from '../projection/notify-projection.js';
import type { OutboxRow, RowError } from './outbox-row.js';

/** A row that may still come onto the ledger. Two conditions, because each has an index. */
const ON_ITS_WAY = `(o.state IN ('pending', 'submitted') OR o.state = 'parked')`;

/** How long a row has failed in a way that lasts ($4: it did so once more). */
const COUNTED = `failures = CASE WHEN $4 THEN failures + 1 ELSE 0 END,
                 failing_since = CASE WHEN $4 THEN coalesce(failing_since, now()) END`;

/**
 * The outbox as the leader of one epoch works on it. It claims rows before it works on them, and every later change is
 * conditional on state and claim: what an earlier leader still has under its hands, after it was paused, writes nothing.
 */
export class Outbox {
  constructor(
    private readonly pool: Pool,
    private readonly epoch: number,
  ) {}

  /**
   * Claims these rows and gives everything needed to submit them, as far as they are open and nothing holds them back.
   * None when another leader has taken over.
   */
  async take(ids: readonly number[]): Promise<OutboxRow[]> {
    const { rows } = await this.pool.query<{
      id: number | string;
      event_id: number | string | null;
      signing_party: string;
      command: Command;
      payload: CommandPayloads[Command];
      object_keys: string[];
      attempts: number;
      failures: number;
      failing_since: Date | null;
      transaction_id: string | null;
      envelope: Buffer | null;
    }>(
      `WITH leader AS (SELECT epoch FROM ledger_leadership WHERE channel = $3 AND epoch = $2 FOR SHARE),
       free AS (SELECT id FROM outbox
                WHERE id = ANY($1) AND state IN ('pending', 'submitted') AND held_by IS NULL FOR UPDATE SKIP LOCKED)
       UPDATE outbox o SET claim_epoch = leader.epoch FROM free, leader WHERE o.id = free.id
       RETURNING o.id, event_id, signing_party, command, payload, object_keys, attempts, failures, failing_since,
                 transaction_id, envelope`,
      [ids, this.epoch, CHANNEL_NAME],
    );
    const order = new Map(ids.map((id, place) => [id, place]));
    return rows
      .map((row) => ({
        id: Number(row.id),
        eventId: row.event_id === null ? null : Number(row.event_id),
        signingParty: row.signing_party,
        command: row.command,
        payload: row.payload,
        objectKeys: row.object_keys,
        attempts: row.attempts,
        failures: row.failures,
        failingSince: row.failing_since === null ? null : row.failing_since.getTime(),
        transactionId: row.transaction_id,
        envelope: row.envelope,
      }))
      .sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
  }

  /** Keeps id and signed envelope before anything is submitted. False: the row is no longer ours or pending. */
  async persist(id: number, transactionId: string, envelope: Buffer): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE outbox SET state = 'submitted', transaction_id = $2, envelope = $3, attempts = attempts + 1
       WHERE id = $1 AND state = 'pending' AND claim_epoch = $4`,
      [id, transactionId, envelope, this.epoch],
    );
    return rowCount === 1;
  }

  /**
   * In a block. An act that had been anchored before has its anchor already, and gets it here, in the same statement:
   * the projector does not come back to a row that is committed.
   */
  async committed(row: OutboxRow): Promise<void> {
    await this.pool.query(
      `WITH settled AS (
         UPDATE outbox SET state = 'committed', settled_at = now(), last_error = NULL
         WHERE id = $1 AND state IN ('pending', 'submitted') AND claim_epoch = $2 RETURNING event_id)
       UPDATE custody_event e
       SET anchor_state = 'anchored', refusal = NULL, block = a.block, transaction_id = a.transaction_id,
           anchored_at = to_timestamp((a.record ->> 'proposalTime')::double precision / 1000)
       FROM settled, ledger_anchor a
       WHERE e.id = settled.event_id AND a.commitment = e.commitment AND e.anchor_state <> 'anchored'`,
      [row.id, this.epoch],
    );
  }

  /**
   * To be proposed anew after a while; the rows behind it wait too. The id under which it was submitted is remembered:
   * should that transaction come into a block after all, the projector settles the row by it.
   * @param lasting it will come again until a person has done something about this row
   */
  async again(row: OutboxRow, delayMs: number, error: object, lasting: boolean): Promise<void> {
    await this.pool.query(
      `UPDATE outbox SET state = 'pending', transaction_id = NULL, envelope = NULL, last_error = $3,
         earlier_transaction_ids = CASE WHEN transaction_id IS NULL THEN earlier_transaction_ids
                                        ELSE coalesce(earlier_transaction_ids, '{}') || transaction_id END,
         attempts = CASE WHEN state = 'pending' THEN attempts + 1 ELSE attempts END,
         ${COUNTED}, next_attempt_at = now() + $2 * interval '1 millisecond'
       WHERE id = $1 AND state IN ('pending', 'submitted') AND claim_epoch = $5`,
      [row.id, delayMs, JSON.stringify(error), lasting, this.epoch],
    );
  }

  /**
   * A failure that says nothing about the ledger: a row that is still pending waits; one that was submitted meanwhile
   * keeps its envelope, and only waits.
   * @param lasting it will come again until a person has done something about this row
   */
  async postponed(row: OutboxRow, delayMs: number, error: RowError, lasting: boolean): Promise<void> {
    await this.pool.query(
      `UPDATE outbox SET attempts = attempts + 1, last_error = $3, next_attempt_at = now() + $2 * interval '1 millisecond',
         ${COUNTED}
       WHERE id = $1 AND state IN ('pending', 'submitted') AND claim_epoch = $5`,
      [row.id, delayMs, JSON.stringify(error), lasting, this.epoch],
    );
  }

  /** Set aside until a person lets it go again. False: the row is no longer ours or open. */
  async park(row: OutboxRow, error: RowError): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE outbox SET state = 'parked', parked_at = now(), last_error = $2, transaction_id = NULL, envelope = NULL,
         earlier_transaction_ids = CASE WHEN transaction_id IS NULL THEN earlier_transaction_ids
                                        ELSE coalesce(earlier_transaction_ids, '{}') || transaction_id END
       WHERE id = $1 AND state IN ('pending', 'submitted') AND claim_epoch = $3`,
      [row.id, JSON.stringify(error), this.epoch],
    );
    return rowCount === 1;
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
         WHERE id = $1 AND state IN ('pending', 'submitted') AND claim_epoch = $3`,
        [row.id, JSON.stringify(refusal), this.epoch],
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
           SELECT 1 FROM outbox o WHERE ${ON_ITS_WAY} AND o.id <> $2
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
