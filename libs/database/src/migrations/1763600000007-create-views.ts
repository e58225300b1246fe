import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What people ask, joined once: the trail of an object with its anchors, and the thermal state of a unit as evaluated
 * here beside the ledger's. `security_invoker`: the asker's row-level security holds inside the views as well.
 */
export class CreateViews1763600000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE VIEW trail_entry WITH (security_invoker = true) AS
        SELECT o.object_type, o.object_key, e.id AS event_id, e.organisation_id, p.slug AS captured_by_slug,
               p.name AS captured_by, e.event_type, e.action, e.biz_step, e.disposition, e.event_time, e.recorded_at,
               e.document, e.hash_profile, encode(e.event_hash, 'hex') AS event_hash, encode(e.digest, 'hex') AS digest,
               e.commitment, e.command, e.anchor_state, e.refusal, a.transaction_id, a.block, e.anchored_at
        FROM custody_event_object o
        JOIN custody_event e ON e.id = o.event_id
        JOIN organisation p ON p.id = e.organisation_id
        LEFT JOIN ledger_anchor a ON a.commitment = e.commitment;

      CREATE VIEW unit_thermal WITH (security_invoker = true) AS
        SELECT u.id AS unit_id, u.sscc, u.unit_key, l.state AS ledger_state, l.block AS ledger_block,
               jsonb_array_length(coalesce(l.state -> 'holds', '[]')) AS holds,
               t.legs, t.evaluated_to, t.coldest_milli_celsius, t.hottest_milli_celsius, t.gap_ms, t.readings,
               t.watched, t.open_excursions
        FROM unit u
        LEFT JOIN ledger_object l ON l.object_type = 'unit' AND l.object_key = u.unit_key
        LEFT JOIN LATERAL (
          SELECT count(*)::integer AS legs, max(g.evaluated_to) AS evaluated_to,
                 min(g.coldest_milli_celsius) AS coldest_milli_celsius,
                 max(g.hottest_milli_celsius) AS hottest_milli_celsius,
                 coalesce(sum(g.gap_ms), 0)::bigint AS gap_ms, coalesce(sum(g.readings), 0)::bigint AS readings,
                 coalesce(bool_or(g.ended_at IS NULL), false) AS watched,
                 coalesce(sum((SELECT count(*) FROM excursion x WHERE x.leg_id = g.id AND x.closed_at IS NULL)), 0)::integer
                   AS open_excursions
          FROM leg g WHERE g.unit_id = u.id) t ON true;

      GRANT SELECT ON trail_entry, unit_thermal TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
