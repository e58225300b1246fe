import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an organisation lets another one know of its free stock. Nothing, until it says so. */
export class ShareFreeStock1763600000055 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One product (code of an article of the giver, or a GTIN that belongs to none) and one receiver. The row says that
      -- he may be told how much is free, where; it opens no other row of the giver to him.
      CREATE TABLE stock_share (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        receiver_id integer NOT NULL REFERENCES organisation,
        product text NOT NULL CHECK (length(product) BETWEEN 1 AND 63),
        shared_at timestamptz NOT NULL,
        withdrawn_at timestamptz,
        UNIQUE (organisation_id, product, receiver_id),
        CHECK (receiver_id <> organisation_id)
      );
      CREATE INDEX stock_share_received ON stock_share (receiver_id) WHERE withdrawn_at IS NULL;
      ALTER TABLE stock_share ENABLE ROW LEVEL SECURITY;
      CREATE POLICY stock_share_read ON stock_share FOR SELECT TO cct_api
        USING (organisation_id = coldchain_organisation() OR receiver_id = coldchain_organisation());
      CREATE POLICY stock_share_give ON stock_share FOR INSERT TO cct_api
        WITH CHECK (organisation_id = coldchain_organisation());
      CREATE POLICY stock_share_change ON stock_share FOR UPDATE TO cct_api
        USING (organisation_id = coldchain_organisation());
      GRANT SELECT, INSERT, UPDATE (shared_at, withdrawn_at) ON stock_share TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
