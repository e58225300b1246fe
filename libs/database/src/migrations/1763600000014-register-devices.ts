import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is known about devices beside their names: keys and models of gateways, models and calibrations of loggers, and
 * whether an organisation takes unsigned frames.
 */
export class RegisterDevices1763600000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE organisation ADD COLUMN signatures_required boolean NOT NULL DEFAULT false;

      ALTER TABLE gateway
        -- a name that the decoder knows, or 'own' with a mapping beside it; null: the platform's own forms
        ADD COLUMN model text,
        ADD COLUMN mapping jsonb,
        -- what the gateway last said of itself, and how far its clock is behind the server's
        ADD COLUMN status jsonb,
        ADD COLUMN status_at timestamptz,
        ADD COLUMN clock_offset_ms bigint,
        ADD CONSTRAINT gateway_mapping_check CHECK ((mapping IS NOT NULL) = (model IS NOT DISTINCT FROM 'own'));
      GRANT UPDATE (model, mapping) ON gateway TO cct_api;
      GRANT UPDATE (status, status_at, clock_offset_ms) ON gateway TO cct_ingest;

      ALTER TABLE logger
        ADD COLUMN model text,
        ADD COLUMN calibration_due date,
        ADD COLUMN calibration_certificate text,
        -- time from its readings to their arrival, at best: clock error plus the shortest way
        ADD COLUMN clock_offset_ms bigint,
        ADD COLUMN last_reading_at timestamptz,
        ADD COLUMN last_gateway_id integer REFERENCES gateway,
        -- since when it is quiet for longer than it declared, and the likely reason
        ADD COLUMN silent_since timestamptz,
        ADD COLUMN silent_cause text CHECK (silent_cause IN ('broker', 'gateway', 'battery', 'clock', 'range')),
        ADD CONSTRAINT logger_silent_check CHECK ((silent_since IS NULL) = (silent_cause IS NULL));

      CREATE TABLE gateway_key (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        gateway_id integer NOT NULL REFERENCES gateway,
        kid text NOT NULL CHECK (kid ~ '^[!-~]{1,64}$'),
        algorithm text NOT NULL CHECK (algorithm IN ('Ed25519', 'ES256')),
        -- SubjectPublicKeyInfo, DER
        public_key bytea NOT NULL CHECK (octet_length(public_key) BETWEEN 32 AND 256),
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz,
        UNIQUE (gateway_id, kid)
      );
      ALTER TABLE gateway_key ENABLE ROW LEVEL SECURITY;
      CREATE POLICY gateway_key_own ON gateway_key TO cct_api USING (gateway_id IN (SELECT id FROM gateway));
      CREATE POLICY gateway_key_ingest ON gateway_key FOR SELECT TO cct_ingest USING (true);
      GRANT SELECT, INSERT, UPDATE (revoked_at) ON gateway_key TO cct_api;
      GRANT SELECT ON gateway_key TO cct_ingest;

      -- The key that a frame's signature was verified with; null: unsigned, or signed by a gateway without a registered key.
      ALTER TABLE reading_frame ADD COLUMN signed_by integer;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
