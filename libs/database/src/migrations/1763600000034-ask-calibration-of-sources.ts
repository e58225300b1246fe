import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A leg is measured beyond a calibration from when any of the loggers that speak for it is, while it does. */
export class AskCalibrationOfSources1763600000034 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION leg_uncalibrated_since(of_leg bigint) RETURNS timestamptz
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT min(c.at)
          FROM leg g
          JOIN unit u ON u.id = g.unit_id
          JOIN leg_source s ON s.leg_id = g.id
          CROSS JOIN LATERAL (
            SELECT greatest(s.since, g.started_at) AS at
            WHERE EXISTS (SELECT FROM logger_calibration k WHERE k.logger_id = s.logger_id)
            UNION ALL
            SELECT (k.due + 1)::timestamp AT TIME ZONE 'UTC' FROM logger_calibration k WHERE k.logger_id = s.logger_id
          ) c
          WHERE g.id = of_leg AND c.at >= greatest(s.since, g.started_at) AND (s.until IS NULL OR c.at < s.until)
            AND c.at <= coalesce(timestamptz 'epoch' + (g.state -> 'last' ->> 'at')::bigint * interval '1 ms', g.evaluated_to)
            AND NOT EXISTS (SELECT FROM logger_calibration k WHERE k.logger_id = s.logger_id
                            AND c.at >= k.valid_from::timestamp AT TIME ZONE 'UTC'
                            AND c.at < (k.due + 1)::timestamp AT TIME ZONE 'UTC')
            AND (u.organisation_id = coldchain_organisation()
              OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()))
        $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
