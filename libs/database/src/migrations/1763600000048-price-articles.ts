import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What articles cost, which ranks them; and whether a forecast that people look at in SQL is out of date. */
export class PriceArticles1763600000048 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Money for a base unit, in the one currency that the organisation keeps its books in; null: not told.
      ALTER TABLE article ADD COLUMN unit_price numeric(16, 6) CHECK (unit_price >= 0);

      -- As the API tells it: the history ended more than a period ago, or no step is left.
      CREATE FUNCTION forecast_out_of_date(document jsonb, window_until date, today date) RETURNS boolean
        LANGUAGE sql IMMUTABLE AS $$
          SELECT today > (window_until + p.period)::date OR today >= (max((s ->> 'from')::date) + p.period)::date
          FROM (SELECT CASE document ->> 'frequency' WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days'
                            WHEN 'month' THEN interval '1 month' ELSE interval '3 months' END AS period) p,
               jsonb_array_elements(document -> 'steps') s
          GROUP BY p.period $$;

      CREATE OR REPLACE VIEW supply_overview WITH (security_invoker = true) AS
        SELECT f.organisation_id, f.article, f.site, f.source, f.model, f.job_id, f.window_until,
               f.document::jsonb ->> 'frequency' AS frequency,
               (f.document::jsonb #>> '{reorder,meanPerPeriod}')::float8 AS mean_per_period,
               (f.document::jsonb #>> '{reorder,reorderPoint}')::float8 AS reorder_point,
               s.free, s.held, s.recalled, s.expired, s.on_the_way, s.next_expiry, t.last_in, t.last_out,
               forecast_out_of_date(f.document::jsonb, f.window_until, (now() AT TIME ZONE 'UTC')::date) AS out_of_date
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
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
