import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stock by lot and unit: where it lies, what keeps it from being given out, when it expires; and what is on its way. */
export class ViewStock1763600000042 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What was counted at sites of the organisation whose stock custody does not tell: those where nobody records it, and
      -- the own one where packs are decommissioned when they come in. The last count of a site holds.
      CREATE TABLE stock_count (
        organisation_id integer NOT NULL REFERENCES organisation,
        site text NOT NULL CHECK (length(site) BETWEEN 1 AND 63),
        counted_at timestamptz NOT NULL,
        PRIMARY KEY (organisation_id, site)
      );
      CREATE TABLE counted_lot (
        organisation_id integer NOT NULL,
        site text NOT NULL,
        gtin text NOT NULL CHECK (gtin ~ '^[0-9]{14}$'),
        lot text NOT NULL CHECK (length(lot) BETWEEN 1 AND 20),
        expiry date NOT NULL,
        packs integer NOT NULL CHECK (packs >= 0),
        PRIMARY KEY (organisation_id, site, gtin, lot),
        FOREIGN KEY (organisation_id, site) REFERENCES stock_count
      );
      ALTER TABLE stock_count ENABLE ROW LEVEL SECURITY;
      ALTER TABLE counted_lot ENABLE ROW LEVEL SECURITY;
      CREATE POLICY stock_count_own ON stock_count TO cct_api USING (organisation_id = coldchain_organisation());
      CREATE POLICY counted_lot_own ON counted_lot TO cct_api USING (organisation_id = coldchain_organisation());
      GRANT SELECT, INSERT, UPDATE ON stock_count TO cct_api;
      GRANT SELECT, INSERT, DELETE ON counted_lot TO cct_api;

      -- What was captured counts before the ledger has it, and what the ledger has counts as well: a hold or recall that
      -- either knows of keeps goods from being counted as free. The outermost unit says whose they are; a hold on any unit
      -- around them holds them. What a unit's budget leaves is the verdict's to tell, and in no view.
      CREATE VIEW stock_lot WITH (security_invoker = true) AS
        SELECT o.id AS organisation_id, o.gln AS site, c.gtin, c.lot, c.expiry, c.batch_key, c.unit_key, c.sscc, c.packs,
               w.on_the_way,
               CASE WHEN coalesce(be.state -> 'recall', 'null') <> 'null' OR coalesce(bl.state -> 'recall', 'null') <> 'null'
                      THEN 'recalled'
                    WHEN w.held OR w.claimed OR NOT coalesce((coalesce(be.state, bl.state) ->> 'certified')::boolean, false)
                      THEN 'held'
                    ELSE 'free' END AS state
        FROM (SELECT u.id AS unit_id, u.unit_key, u.sscc, b.gtin, b.lot, b.expiry, b.batch_key, count(*)::integer AS packs
              FROM unit u JOIN pack p ON p.unit_id = u.id JOIN batch b ON b.id = p.batch_id
              WHERE coalesce((SELECT e.state ->> 'status' FROM expected_object e
                              WHERE e.object_type = 'pack' AND e.object_key = p.pack_key),
                             (SELECT l.state ->> 'status' FROM ledger_object l
                              WHERE l.object_type = 'pack' AND l.object_key = p.pack_key), 'active') = 'active'
              GROUP BY u.id, u.unit_key, u.sscc, b.gtin, b.lot, b.expiry, b.batch_key) c
        JOIN organisation o ON o.id = coldchain_organisation()
        JOIN LATERAL (
          WITH RECURSIVE chain(unit_key, depth, expected, ledger) AS (
            SELECT c.unit_key, 0,
                   (SELECT state FROM expected_object WHERE object_type = 'unit' AND object_key = c.unit_key),
                   (SELECT state FROM ledger_object WHERE object_type = 'unit' AND object_key = c.unit_key)
            UNION ALL
            SELECT n.parent, n.depth + 1,
                   (SELECT state FROM expected_object WHERE object_type = 'unit' AND object_key = n.parent),
                   (SELECT state FROM ledger_object WHERE object_type = 'unit' AND object_key = n.parent)
            FROM (SELECT coalesce(expected, ledger) ->> 'parent' AS parent, depth FROM chain) n
            WHERE n.parent IS NOT NULL AND n.depth < 20)
          SELECT bool_or(jsonb_array_length(coalesce(expected -> 'holds', '[]')) > 0
                         OR jsonb_array_length(coalesce(ledger -> 'holds', '[]')) > 0) AS held,
                 bool_or(coalesce(expected, ledger) ->> 'claimedBy' IS NOT NULL) AS claimed,
                 (array_agg(coalesce(expected, ledger) ORDER BY depth DESC))[1] AS outermost
          FROM chain) s ON true
        CROSS JOIN LATERAL (SELECT s.held, s.claimed, s.outermost ->> 'status' = 'in-transit' AS on_the_way) w
        LEFT JOIN expected_object be ON be.object_type = 'batch' AND be.object_key = c.batch_key
        LEFT JOIN ledger_object bl ON bl.object_type = 'batch' AND bl.object_key = c.batch_key
        WHERE CASE s.outermost ->> 'status'
                WHEN 'held-by-custodian' THEN s.outermost ->> 'custodian' = o.party
                WHEN 'in-transit' THEN s.outermost ->> 'receiver' = o.party
                ELSE false END;
      GRANT SELECT ON stock_lot TO cct_api;

      -- For people who ask in SQL: what is expected of a product at the own place, what is there of it, when the first of it
      -- expires, and when it last came and went. Budgets are not in it; the API tells them.
      -- Where packs are decommissioned when they come in, custody does not tell what is there, and the columns are null.
      CREATE VIEW supply_overview WITH (security_invoker = true) AS
        SELECT f.organisation_id, f.article, f.site, f.source, f.model, f.job_id, f.window_until,
               f.document::jsonb ->> 'frequency' AS frequency,
               (f.document::jsonb #>> '{reorder,meanPerPeriod}')::float8 AS mean_per_period,
               (f.document::jsonb #>> '{reorder,reorderPoint}')::float8 AS reorder_point,
               s.free, s.held, s.recalled, s.expired, s.on_the_way, s.next_expiry, t.last_in, t.last_out
        FROM forecast_newest f
        JOIN organisation o ON o.id = f.organisation_id
        LEFT JOIN LATERAL (
          SELECT (sum(l.packs * coalesce(a.base_units, 1)) FILTER (WHERE l.state = 'free' AND NOT l.on_the_way AND l.expiry >= current_date))::float8 AS free,
                 (sum(l.packs * coalesce(a.base_units, 1)) FILTER (WHERE l.state = 'held'))::float8 AS held,
                 (sum(l.packs * coalesce(a.base_units, 1)) FILTER (WHERE l.state = 'recalled'))::float8 AS recalled,
                 (sum(l.packs * coalesce(a.base_units, 1)) FILTER (WHERE l.state = 'free' AND l.expiry < current_date))::float8 AS expired,
                 (sum(l.packs * coalesce(a.base_units, 1)) FILTER (WHERE l.state = 'free' AND l.on_the_way))::float8 AS on_the_way,
                 min(l.expiry) FILTER (WHERE l.state = 'free' AND l.expiry >= current_date) AS next_expiry
          FROM stock_lot l LEFT JOIN article_pack a ON a.organisation_id = f.organisation_id AND a.gtin = l.gtin
          WHERE coalesce(a.article, l.gtin) = f.article) s
          ON f.site = o.gln AND NOT EXISTS (SELECT FROM planning_setting p WHERE p.organisation_id = f.organisation_id
                                              AND p.decommissions_are = 'delivered')
        LEFT JOIN LATERAL (
          SELECT max(c.at) FILTER (WHERE c.packs > 0) AS last_in, max(c.at) FILTER (WHERE c.packs < 0) AS last_out
          FROM stock_change c LEFT JOIN article_pack a ON a.organisation_id = f.organisation_id AND a.gtin = c.gtin
          WHERE c.organisation_id = f.organisation_id AND coalesce(a.article, c.gtin) = f.article) t ON f.site = o.gln;
      GRANT SELECT ON supply_overview TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
