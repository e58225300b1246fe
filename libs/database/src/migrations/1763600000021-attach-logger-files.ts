import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Exports of loggers that a custodian attached to his legs: the bytes as they came, and what was read from them. */
export class AttachLoggerFiles1763600000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE logger_file (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        unit_id bigint NOT NULL REFERENCES unit,
        name text NOT NULL,
        sha256 bytea NOT NULL,
        content bytea NOT NULL,
        format text NOT NULL,
        device text NOT NULL,
        serial text,
        offset_minutes integer NOT NULL,
        zone_assumed boolean NOT NULL,
        -- certificate (unverified), statistics, alarms and daily summaries as the device printed them
        device_records jsonb NOT NULL,
        uploaded_by text NOT NULL,
        uploaded_at timestamptz NOT NULL,
        UNIQUE (organisation_id, unit_id, sha256)
      );
      ALTER TABLE logger_file ENABLE ROW LEVEL SECURITY;
      CREATE POLICY logger_file_own ON logger_file TO cct_api USING (organisation_id = coldchain_organisation());
      GRANT SELECT, INSERT ON logger_file TO cct_api;

      -- Readings of files have the stream 0 and the file's id for their number. A custodian adds them to his own legs only:
      -- what the logger measured in the hands of others is not his to tell.
      -- The policy for reading was one for everything: now that the role may insert, it must not be.
      DROP POLICY reading_series_own ON reading_series;
      CREATE POLICY reading_series_own ON reading_series FOR SELECT TO cct_api USING (
        logger IN (SELECT g.id FROM logger g WHERE g.organisation_id = coldchain_organisation())
        OR EXISTS (SELECT 1 FROM leg l WHERE l.logger_id = reading_series.logger
                   AND l.started_at <= t1 AND (l.ended_at IS NULL OR l.ended_at >= t0)));
      CREATE POLICY reading_series_of_files ON reading_series FOR INSERT TO cct_api WITH CHECK (
        stream = 0
        AND EXISTS (SELECT 1 FROM logger_file f WHERE f.id = seq AND f.organisation_id = coldchain_organisation())
        AND EXISTS (SELECT 1 FROM leg l WHERE l.logger_id = reading_series.logger AND l.organisation_id = coldchain_organisation()
                    AND l.started_at <= t0 AND (l.ended_at IS NULL OR t1 < l.ended_at)));
      GRANT INSERT ON reading_series TO cct_api;
      GRANT EXECUTE ON FUNCTION ensure_reading_partition(date) TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
