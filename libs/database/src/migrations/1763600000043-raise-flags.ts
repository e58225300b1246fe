import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is unusual in the readings of a logger: the memory of its detector, and the flags that it raised. Advice only. */
export class RaiseFlags1763600000043 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE logger_watch (
        logger_id integer PRIMARY KEY REFERENCES logger,
        -- name and version of the detector; another one begins anew
        detector text NOT NULL,
        state bytea NOT NULL,
        -- time of the first reading: what is usual is learned for a day before anything is said
        seen_since timestamptz NOT NULL,
        -- time of the newest reading that was looked at: what is not after it came late and changes nothing
        seen_until timestamptz NOT NULL,
        readings bigint NOT NULL,
        late bigint NOT NULL
      );
      ALTER TABLE logger_watch ENABLE ROW LEVEL SECURITY;
      CREATE POLICY logger_watch_ingest ON logger_watch TO cct_ingest USING (true);
      GRANT SELECT, INSERT, UPDATE ON logger_watch TO cct_ingest;

      CREATE TABLE telemetry_flag (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        logger_id integer NOT NULL REFERENCES logger,
        cause text NOT NULL CHECK (cause IN
          ('warm', 'cold', 'door', 'cooling', 'unsteady', 'flatline', 'gap', 'pattern', 'level')),
        at timestamptz NOT NULL,
        score real NOT NULL,
        milli_celsius integer NOT NULL,
        humidity_permille smallint,
        detector text NOT NULL,
        raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (logger_id, cause, at, detector)
      );
      CREATE INDEX telemetry_flag_by_organisation ON telemetry_flag (organisation_id, id);
      ALTER TABLE telemetry_flag ENABLE ROW LEVEL SECURITY;
      CREATE POLICY telemetry_flag_own ON telemetry_flag FOR SELECT TO cct_api USING (organisation_id = coldchain_organisation());
      CREATE POLICY telemetry_flag_ingest ON telemetry_flag TO cct_ingest USING (true);
      GRANT SELECT ON telemetry_flag TO cct_api;
      GRANT SELECT, INSERT ON telemetry_flag TO cct_ingest;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
