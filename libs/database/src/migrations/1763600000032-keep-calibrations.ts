import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every calibration of a logger: what it measured between two of them stays known as measured without one, also when it
 * was calibrated again since.
 */
export class KeepCalibrations1763600000032 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE logger_calibration (
        logger_id integer NOT NULL REFERENCES logger,
        -- the first one that is known counts from ever; a later one from the day on that it was told
        valid_from date NOT NULL,
        -- last day
        due date NOT NULL,
        certificate text,
        PRIMARY KEY (logger_id, valid_from)
      );
      ALTER TABLE logger_calibration ENABLE ROW LEVEL SECURITY;
      CREATE POLICY logger_calibration_own ON logger_calibration TO cct_api USING (logger_id IN (
        SELECT id FROM logger WHERE organisation_id = coldchain_organisation()));
      GRANT SELECT, INSERT, UPDATE ON logger_calibration TO cct_api;
      INSERT INTO logger_calibration (logger_id, valid_from, due, certificate)
        SELECT id, '-infinity', calibration_due, calibration_certificate FROM logger WHERE calibration_due IS NOT NULL;

      -- The first instant from which a leg was measured beyond a calibration; null: never, or none is known. Who may see the
      -- unit may know it, although the logger is another organisation's.
      CREATE FUNCTION leg_uncalibrated_since(of_leg bigint) RETURNS timestamptz
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT min(c.at)
          FROM leg g
          JOIN unit u ON u.id = g.unit_id
          CROSS JOIN LATERAL (
            SELECT g.started_at AS at WHERE EXISTS (SELECT FROM logger_calibration k WHERE k.logger_id = g.logger_id)
            UNION ALL
            SELECT (k.due + 1)::timestamp AT TIME ZONE 'UTC' FROM logger_calibration k WHERE k.logger_id = g.logger_id
          ) c
          WHERE g.id = of_leg AND c.at >= g.started_at
            AND c.at <= coalesce(timestamptz 'epoch' + (g.state -> 'last' ->> 'at')::bigint * interval '1 ms', g.evaluated_to)
            AND NOT EXISTS (SELECT FROM logger_calibration k WHERE k.logger_id = g.logger_id
                            AND c.at >= k.valid_from::timestamp AT TIME ZONE 'UTC'
                            AND c.at < (k.due + 1)::timestamp AT TIME ZONE 'UTC')
            AND (u.organisation_id = coldchain_organisation()
              OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()))
        $$;
      REVOKE ALL ON FUNCTION leg_uncalibrated_since(bigint) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION leg_uncalibrated_since(bigint) TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
