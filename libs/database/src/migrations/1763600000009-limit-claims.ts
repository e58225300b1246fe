import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who only claims a unit (an SSCC can be guessed) sees that unit and nothing that was measured on it: his access dates
 * from before every leg. Who sees a unit for what came out of it may know when it was packed.
 */
export class LimitClaims1763600000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION claim_unit(claimed text) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
          INSERT INTO unit_access (unit_id, organisation_id, granted_at)
          SELECT min(id), coldchain_organisation(), '-infinity' FROM unit WHERE sscc = claimed HAVING count(*) = 1
          ON CONFLICT DO NOTHING
        $$;

      -- When a visible unit was packed, by the event itself: evidence is asked for from then on, also by those who see the
      -- unit because of what came out of it, and not the event. The parent's link ends with the SSCC.
      CREATE FUNCTION unit_packed_at(key text) RETURNS timestamptz
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT min(e.event_time)
          FROM unit u
          JOIN custody_event_object o ON o.object_key = u.unit_key
          JOIN custody_event e ON e.id = o.event_id AND e.command = 'aggregateUnit'
            AND right(e.document::jsonb ->> 'parentID', 18) = u.sscc
          WHERE u.unit_key = key AND (u.organisation_id = coldchain_organisation()
            OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()))
        $$;
      REVOKE ALL ON FUNCTION unit_packed_at(text) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION unit_packed_at(text) TO cct_api;

      DROP POLICY unit_logger_by_unit ON unit_logger;
      CREATE POLICY unit_logger_by_unit ON unit_logger TO cct_api USING (EXISTS (
        SELECT 1 FROM unit u WHERE u.id = unit_id AND (u.organisation_id = coldchain_organisation()
          OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()
                     AND a.granted_at > '-infinity'))));
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
