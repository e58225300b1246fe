import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a person types again when he signs a decision (21 CFR 11.200: identification and password), beside the key that he
 * asks with. Attempts are counted before they are judged, so that parallel guesses count as well.
 */
export class KeepAccountPasswords1763600000037 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE account_password (
        account_id integer PRIMARY KEY REFERENCES account,
        password_hash text NOT NULL,
        changed_at timestamptz NOT NULL,
        -- wrong attempts since the last right one, and when the next may be made
        failures integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT '-infinity'
      );
      ALTER TABLE account_password ENABLE ROW LEVEL SECURITY;
      CREATE POLICY account_password_own ON account_password TO cct_api
        USING (EXISTS (SELECT 1 FROM account a WHERE a.id = account_id));
      GRANT SELECT, UPDATE (password_hash, changed_at, failures, next_attempt_at) ON account_password TO cct_api;

      -- Audit trail of what signatures rest on: who changed a password, and when. No UPDATE and no DELETE for anybody.
      CREATE TABLE account_password_change (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id integer NOT NULL REFERENCES account,
        changed_by text NOT NULL,
        at timestamptz NOT NULL
      );
      CREATE INDEX account_password_change_by_account ON account_password_change (account_id, id);
      ALTER TABLE account_password_change ENABLE ROW LEVEL SECURITY;
      CREATE POLICY account_password_change_own ON account_password_change TO cct_api
        USING (EXISTS (SELECT 1 FROM account a WHERE a.id = account_id));
      GRANT SELECT, INSERT ON account_password_change TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
