import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The read model of the ledger (what every member of the channel sees), its checkpoint, and the embedded ledger's own
 * state and blocks. Only the ledger worker writes here.
 */
export class CreateLedger1763600000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_object (
        object_type text NOT NULL CHECK (object_type IN ('party', 'profile', 'batch', 'unit', 'pack')),
        object_key text NOT NULL,
        state jsonb NOT NULL,
        block bigint NOT NULL,
        transaction_id text NOT NULL,
        PRIMARY KEY (object_type, object_key)
      );
      CREATE TABLE ledger_anchor (
        commitment text PRIMARY KEY,
        record jsonb NOT NULL,
        block bigint NOT NULL,
        transaction_id text NOT NULL UNIQUE
      );
      -- height: blocks of the ledger when it was last asked; a projection at that height was confirmed at that time.
      CREATE TABLE ledger_checkpoint (
        channel text PRIMARY KEY,
        block bigint NOT NULL,
        transaction_index integer NOT NULL,
        height bigint NOT NULL,
        confirmed_at timestamptz NOT NULL
      );
      CREATE SCHEMA embedded_ledger;
      CREATE TABLE embedded_ledger.block (
        number bigint PRIMARY KEY,
        header_hash bytea NOT NULL,
        previous_hash bytea NOT NULL,
        data_hash bytea NOT NULL,
        content bytea NOT NULL,
        signatures jsonb NOT NULL,
        committed_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE embedded_ledger.transaction (
        transaction_id text PRIMARY KEY,
        block bigint NOT NULL REFERENCES embedded_ledger.block,
        index integer NOT NULL,
        validation_code integer NOT NULL,
        envelope bytea NOT NULL,
        event_name text,
        event_payload bytea,
        UNIQUE (block, index)
      );
      CREATE TABLE embedded_ledger.state (
        key text COLLATE "C" PRIMARY KEY,
        value bytea NOT NULL,
        version_block bigint NOT NULL,
        version_index integer NOT NULL
      );
    `);
    for (const table of ['ledger_object', 'ledger_anchor', 'ledger_checkpoint']) {
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY ${table}_read ON ${table} FOR SELECT USING (true);
        CREATE POLICY ${table}_worker ON ${table} TO cct_worker USING (true);
        GRANT SELECT ON ${table} TO cct_api, cct_ingest;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO cct_worker;
      `);
    }
    for (const table of ['block', 'transaction', 'state']) {
      await runner.query(`
        ALTER TABLE embedded_ledger.${table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY ${table}_worker ON embedded_ledger.${table} TO cct_worker USING (true);
      `);
    }
    await runner.query(`
      GRANT USAGE ON SCHEMA embedded_ledger TO cct_worker;
      GRANT SELECT, INSERT ON embedded_ledger.block, embedded_ledger.transaction TO cct_worker;
      GRANT SELECT, INSERT, UPDATE, DELETE ON embedded_ledger.state TO cct_worker;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
