import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Rows that can never succeed are set aside, what follows on their objects says so, and only the leader of an epoch
 * writes: an earlier one that was paused and wakes up finds its claims taken over.
 */
export class ParkOutbox1763600000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE outbox
        -- the leader that works on the row: nobody else writes it
        ADD COLUMN claim_epoch bigint,
        -- since when only a person can help, over so many attempts; null after any other outcome
        ADD COLUMN failing_since timestamptz,
        ADD COLUMN failures integer NOT NULL DEFAULT 0,
        ADD COLUMN parked_at timestamptz,
        -- waits for a parked row: the first one on whose objects, or on whose party or profile, it depends
        ADD COLUMN held_by bigint REFERENCES outbox,
        -- ids under which it was submitted before it was proposed anew without knowing what became of them
        ADD COLUMN earlier_transaction_ids text[];
      CREATE INDEX outbox_parked ON outbox (id) WHERE state = 'parked';
      CREATE INDEX outbox_held_by ON outbox (held_by) WHERE held_by IS NOT NULL;
      CREATE INDEX outbox_holding ON outbox USING gin (object_keys) WHERE state = 'parked' OR held_by IS NOT NULL;
      CREATE INDEX outbox_proposed_anew ON outbox USING gin (earlier_transaction_ids)
        WHERE earlier_transaction_ids IS NOT NULL;
      CREATE INDEX outbox_runnable ON outbox (priority, id) WHERE state IN ('pending', 'submitted') AND held_by IS NULL;
      CREATE INDEX outbox_claimed ON outbox (id) WHERE state IN ('pending', 'submitted') AND claim_epoch IS NOT NULL;

      CREATE TABLE ledger_leadership (
        channel text PRIMARY KEY,
        epoch bigint NOT NULL,
        holder text NOT NULL,
        since timestamptz NOT NULL DEFAULT now()
      );
      ALTER TABLE ledger_leadership ENABLE ROW LEVEL SECURITY;
      CREATE POLICY ledger_leadership_worker ON ledger_leadership TO cct_worker USING (true);
      GRANT SELECT, INSERT, UPDATE ON ledger_leadership TO cct_worker;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
