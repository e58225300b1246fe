import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A rejection reaches all goods that it is about, wherever they were packed since. */
export class FollowRejections1763600000045 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Cases that are open or rejected and speak of the goods in units: of the units, of what lies in them, and of units
      -- that those came out of or were filled from, as far as alarms of them began before that was captured. What lay
      -- beside the goods in a unit that was unpacked has a past of its own. With the asker's rights.
      CREATE FUNCTION standing_cases(unit_keys text[])
        RETURNS TABLE (unit_key text, case_id bigint, about text, decision text) LANGUAGE sql STABLE AS $$
        WITH RECURSIVE related(meant, id, unit_key, until, present, hosted) AS (
          SELECT k.unit_key, u.id, u.unit_key, 'infinity'::timestamptz, true, false
          FROM unnest(unit_keys) AS k(unit_key) JOIN unit u ON u.unit_key = k.unit_key
          UNION
          SELECT r.meant, n.id, n.unit_key, n.until, n.present, n.hosted FROM related r CROSS JOIN LATERAL (
            SELECT c.id, c.unit_key, r.until, true AS present, false AS hosted FROM unit c
            WHERE r.present AND c.parent_id = r.id
            UNION ALL
            SELECT s.id, s.unit_key, least(r.until, greatest(v.event_time, v.recorded_at)), false, v.command = 'disaggregateUnit'
            FROM custody_event_object mine
            JOIN custody_event v ON v.id = mine.event_id AND v.anchor_state <> 'refused'
              AND (v.command = 'disaggregateUnit' OR v.command = 'aggregateUnit' AND NOT r.hosted)
            JOIN custody_event_object o ON o.event_id = v.id AND o.object_type = 'unit' AND o.object_key <> r.unit_key
            JOIN unit s ON s.unit_key = o.object_key
            JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = s.unit_key
              AND e.state -> 'heirs' ? r.unit_key
            WHERE mine.object_key = r.unit_key) n)
        SELECT DISTINCT r.meant, c.id, u.sscc, c.decision
        FROM related r JOIN deviation_case c ON c.unit_id = r.id JOIN unit u ON u.id = r.id
        WHERE (c.decision = 'reject' OR c.decision IS NULL AND c.standing_alarms > 0)
          AND (r.until = 'infinity' OR EXISTS (
            SELECT 1 FROM alarm a WHERE a.case_id = c.id AND a.withdrawn_at IS NULL AND a.opened_at <= r.until)) $$;

      -- Units with goods that anybody has rejected. Who has goods of a rejected unit is to know it, also where he does not
      -- see the case.
      CREATE FUNCTION rejected_units(unit_keys text[]) RETURNS SETOF text
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT DISTINCT c.unit_key
          -- as a rule there is none anywhere, and every verdict asks
          FROM standing_cases(CASE WHEN EXISTS (SELECT FROM deviation_case WHERE decision = 'reject') THEN unit_keys END) c
          JOIN unit u ON u.unit_key = c.unit_key
          WHERE c.decision = 'reject' AND (u.organisation_id = coldchain_organisation() OR EXISTS (
            SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation())) $$;

      -- Where goods of a unit are that was harmed at an instant: in itself, in units that packs of it were put into since,
      -- and in those that were taken out of it since; each as the outermost unit around it. With the asker's rights: what
      -- he does not see is not among them.
      CREATE FUNCTION units_with_goods_of(harmed text, since timestamptz) RETURNS TABLE (unit_key text, sscc text)
        LANGUAGE sql STABLE AS $$
        WITH RECURSIVE goods(id, unit_key, sscc) AS (
          SELECT u.id, u.unit_key, u.sscc FROM unit u WHERE u.unit_key = harmed
          UNION
          SELECT n.id, n.unit_key, n.sscc FROM goods g
          JOIN custody_event_object mine ON mine.object_key = g.unit_key
          JOIN custody_event v ON v.id = mine.event_id AND v.anchor_state <> 'refused'
            AND v.command IN ('aggregateUnit', 'disaggregateUnit') AND greatest(v.event_time, v.recorded_at) >= since
          JOIN custody_event_object o ON o.event_id = v.id AND o.object_type = 'unit' AND o.object_key <> g.unit_key
          JOIN unit n ON n.unit_key = o.object_key
          JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = g.unit_key AND e.state -> 'heirs' ? n.unit_key
          WHERE CASE v.command
            WHEN 'disaggregateUnit' THEN right(v.document::jsonb ->> 'parentID', 18) = g.sscc
            -- packed whole it is in what it was packed into for as long as it has a parent
            ELSE right(v.document::jsonb ->> 'parentID', 18) = n.sscc AND NOT EXISTS (
              SELECT FROM jsonb_array_elements_text(v.document::jsonb -> 'childEPCs') AS child(epc)
              WHERE child.epc LIKE '%/00/' || g.sscc) END
        ), around(root, id, unit_key, sscc, parent_id) AS (
          SELECT u.unit_key, u.id, u.unit_key, u.sscc, u.parent_id FROM goods g JOIN unit u ON u.id = g.id
          UNION ALL
          SELECT a.root, p.id, p.unit_key, p.sscc, p.parent_id FROM around a JOIN unit p ON p.id = a.parent_id)
        SELECT DISTINCT a.unit_key, a.sscc FROM around a
        JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = a.unit_key
        WHERE a.parent_id IS NULL AND e.state ->> 'status' <> 'dissolved' $$;
      REVOKE ALL ON FUNCTION standing_cases(text[]), rejected_units(text[]), units_with_goods_of(text, timestamptz) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION standing_cases(text[]), rejected_units(text[]), units_with_goods_of(text, timestamptz) TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
