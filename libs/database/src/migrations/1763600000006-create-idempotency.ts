import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Answers of POST requests that carried an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), written in the
 * transaction of their effect: whoever repeats a request gets the first answer, and nothing happens twice.
 */
export class CreateIdempotency1763600000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_key (
        organisation_id integer NOT NULL REFERENCES organisation,
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
        -- of account, operation and parsed input: the same key with another request is a mistake of the client
        request_sha256 bytea NOT NULL CHECK (octet_length(request_sha256) = 32),
        status smallint NOT NULL,
        body jsonb NOT NULL,
        -- events of the effect, so that a repeated request can wait for their anchors again
        event_ids bigint[] NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (organisation_id, key)
      );
      CREATE INDEX idempotency_key_by_expiry ON idempotency_key (organisation_id, expires_at);
      ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY;
      CREATE POLICY idempotency_key_own ON idempotency_key TO cct_api USING (organisation_id = coldchain_organisation());
      GRANT SELECT, INSERT, DELETE ON idempotency_key TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
