import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where demand comes from: what packs and goods did (custody events) and lists that were imported, each with the kind of
 * its source; and what packs mean to a planner: articles (a substance in a strength and form) in base units.
 */
export class CreateDemand1763600000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [ARTICLES, MOVEMENTS, IMPORTS, VIEWS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}

const ARTICLES = `
  -- How an organisation plans. What decommissioned packs mean differs: pharmacies give them to patients, EU hospitals
  -- decommission in bulk at goods-in (Delegated Regulation 2016/161, article 25), and then it is a delivery.
  CREATE TABLE planning_setting (
    organisation_id integer PRIMARY KEY REFERENCES organisation,
    frequency text NOT NULL DEFAULT 'week' CHECK (frequency IN ('day', 'week', 'month', 'quarter')),
    horizon smallint NOT NULL DEFAULT 13 CHECK (horizon BETWEEN 1 AND 400),
    decommissions_are text NOT NULL DEFAULT 'dispensed' CHECK (decommissions_are IN ('dispensed', 'delivered'))
  );

  -- A substance in a strength and form, counted in base units (tablets, doses, millilitres), and how it is ordered.
  CREATE TABLE article (
    organisation_id integer NOT NULL REFERENCES organisation,
    code text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' AND code !~ '^[0-9]{14}$'),
    substance text NOT NULL,
    strength text NOT NULL,
    form text NOT NULL,
    base_unit text NOT NULL,
    ven text NOT NULL DEFAULT 'essential' CHECK (ven IN ('vital', 'essential', 'necessary')),
    -- null: by the class
    service numeric(5, 4) CHECK (service > 0 AND service < 1),
    lead_time_days numeric(6, 2) NOT NULL DEFAULT 7 CHECK (lead_time_days > 0),
    lead_time_spread_days numeric(6, 2) NOT NULL DEFAULT 0 CHECK (lead_time_spread_days >= 0),
    review_days numeric(6, 2) NOT NULL DEFAULT 7 CHECK (review_days >= 0),
    minimum_remaining_days numeric(6, 2) NOT NULL DEFAULT 0 CHECK (minimum_remaining_days >= 0),
    -- base units
    minimum_order numeric(14, 3) NOT NULL DEFAULT 0 CHECK (minimum_order >= 0),
    PRIMARY KEY (organisation_id, code)
  );
  -- Packs of an article: the one that is ordered now, those that it succeeds, and those that may stand in for it. What is
  -- given out of any of them is demand for the article, and what is there of any of them is stock.
  CREATE TABLE article_pack (
    organisation_id integer NOT NULL,
    gtin text NOT NULL CHECK (gtin ~ '^[0-9]{14}$'),
    article text NOT NULL,
    base_units numeric(14, 3) NOT NULL CHECK (base_units > 0),
    packs_per_case integer NOT NULL DEFAULT 1 CHECK (packs_per_case > 0),
    role text NOT NULL CHECK (role IN ('current', 'predecessor', 'substitute')),
    PRIMARY KEY (organisation_id, gtin),
    FOREIGN KEY (organisation_id, article) REFERENCES article
  );
  CREATE UNIQUE INDEX article_pack_current ON article_pack (organisation_id, article) WHERE role = 'current';

  ALTER TABLE planning_setting ENABLE ROW LEVEL SECURITY;
  ALTER TABLE article ENABLE ROW LEVEL SECURITY;
  ALTER TABLE article_pack ENABLE ROW LEVEL SECURITY;
  CREATE POLICY planning_setting_own ON planning_setting TO cct_api USING (organisation_id = coldchain_organisation());
  CREATE POLICY article_own ON article TO cct_api USING (organisation_id = coldchain_organisation());
  CREATE POLICY article_pack_own ON article_pack TO cct_api USING (organisation_id = coldchain_organisation());
  GRANT SELECT, INSERT, UPDATE ON planning_setting, article TO cct_api;
  GRANT SELECT, INSERT, UPDATE, DELETE ON article_pack TO cct_api;
`;

const MOVEMENTS = `
  -- Packs that moved with a unit, counted when it moved: what lies in a unit later is another matter. Goods that go
  -- back to the party that they came from are returns, and no demand.
  CREATE TABLE goods_movement (
    event_id bigint NOT NULL REFERENCES custody_event,
    unit_id bigint NOT NULL REFERENCES unit,
    gtin text NOT NULL REFERENCES product,
    organisation_id integer NOT NULL REFERENCES organisation,
    kind text NOT NULL CHECK (kind IN ('issued', 'sent-back', 'received', 'taken-back')),
    counterparty_id integer NOT NULL REFERENCES organisation,
    packs integer NOT NULL CHECK (packs > 0),
    moved_at timestamptz NOT NULL,
    -- the shipment was called back, or refused by its receiver
    undone_at timestamptz,
    PRIMARY KEY (event_id, unit_id, gtin)
  );
  CREATE INDEX goods_movement_by_gtin ON goods_movement (organisation_id, gtin, moved_at);
  CREATE INDEX goods_movement_by_unit ON goods_movement (unit_id, event_id);
  ALTER TABLE goods_movement ENABLE ROW LEVEL SECURITY;
  CREATE POLICY goods_movement_own ON goods_movement TO cct_api USING (organisation_id = coldchain_organisation());
  GRANT SELECT, INSERT ON goods_movement TO cct_api;

  -- The packs in a unit and in all that lies in it, without those that have left the supply chain. As the asker sees it.
  CREATE FUNCTION packs_in_unit(outer_unit bigint) RETURNS TABLE (gtin text, packs integer)
    LANGUAGE sql STABLE AS $$
      WITH RECURSIVE inside(id) AS (
        SELECT outer_unit UNION ALL SELECT c.id FROM unit c JOIN inside i ON c.parent_id = i.id)
      SELECT b.gtin, count(*)::integer
      FROM inside i JOIN pack p ON p.unit_id = i.id JOIN batch b ON b.id = p.batch_id
      WHERE coalesce((SELECT e.state ->> 'status' FROM expected_object e WHERE e.object_type = 'pack' AND e.object_key = p.pack_key),
                     (SELECT l.state ->> 'status' FROM ledger_object l WHERE l.object_type = 'pack' AND l.object_key = p.pack_key),
                     'active') = 'active'
      GROUP BY b.gtin $$;

  -- A shipment ended otherwise. Its receiver may say so as well, about what was on its way to him.
  CREATE FUNCTION undo_goods_movement(moved_unit bigint, ended timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      UPDATE goods_movement m SET undone_at = ended
      WHERE m.unit_id = moved_unit AND m.undone_at IS NULL AND m.kind IN ('issued', 'sent-back')
        AND coldchain_organisation() IN (m.organisation_id, m.counterparty_id)
        AND m.event_id = (SELECT max(x.event_id) FROM goods_movement x
                          WHERE x.unit_id = moved_unit AND x.kind IN ('issued', 'sent-back')) $$;
  REVOKE ALL ON FUNCTION undo_goods_movement(bigint, timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION undo_goods_movement(bigint, timestamptz) TO cct_api;
`;

const IMPORTS = `
  -- Rows are stored by short transactions, because readers that follow a table wait for the oldest one; the import counts
  -- when it is complete. One that was interrupted is begun again by the next request with the same file.
  CREATE TABLE demand_import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    -- of rows that name none
    source text NOT NULL CHECK (source IN ('dispensed', 'issued', 'delivered', 'ordered')),
    imported_by text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    completed_at timestamptz,
    -- Each attempt has a number: one that was taken for interrupted and goes on cannot write any more.
    claim integer NOT NULL DEFAULT 1,
    -- what the import is answered with
    outcome jsonb,
    UNIQUE (organisation_id, sha256, source),
    CHECK ((completed_at IS NULL) = (outcome IS NULL))
  );
  CREATE TABLE demand_series (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    -- a GTIN (then quantities are packs) or the code of an article (base units)
    product text NOT NULL CHECK (length(product) BETWEEN 1 AND 63),
    site text NOT NULL CHECK (length(site) BETWEEN 1 AND 63),
    source text NOT NULL CHECK (source IN ('dispensed', 'issued', 'delivered', 'ordered')),
    UNIQUE (organisation_id, product, site, source)
  );
  -- No foreign keys: they would be checked for each of a million rows, and series and imports are never removed.
  CREATE TABLE demand_row (
    series_id integer NOT NULL,
    day date NOT NULL,
    import_id bigint NOT NULL,
    organisation_id integer NOT NULL,
    -- null: not known
    quantity double precision,
    -- share of its period in stock
    available real NOT NULL CHECK (available BETWEEN 0 AND 1),
    PRIMARY KEY (series_id, day, import_id)
  );
  CREATE INDEX demand_row_by_import ON demand_row (import_id);
  ALTER TABLE demand_import ENABLE ROW LEVEL SECURITY;
  ALTER TABLE demand_series ENABLE ROW LEVEL SECURITY;
  ALTER TABLE demand_row ENABLE ROW LEVEL SECURITY;
  CREATE POLICY demand_import_own ON demand_import TO cct_api USING (organisation_id = coldchain_organisation());
  CREATE POLICY demand_series_own ON demand_series TO cct_api USING (organisation_id = coldchain_organisation());
  CREATE POLICY demand_row_own ON demand_row TO cct_api USING (organisation_id = coldchain_organisation());
  GRANT SELECT, INSERT, UPDATE (started_at, completed_at, outcome, imported_by, claim) ON demand_import TO cct_api;
  GRANT SELECT, INSERT ON demand_series TO cct_api;
  -- Rows of an import that is not complete may go: of a series with a row that cannot be read nothing is taken.
  GRANT SELECT, INSERT, DELETE ON demand_row TO cct_api;
  CREATE POLICY demand_row_keep ON demand_row AS RESTRICTIVE FOR DELETE TO cct_api USING (
    EXISTS (SELECT FROM demand_import i WHERE i.id = import_id AND i.completed_at IS NULL));
`;

const VIEWS = `
  CREATE INDEX custody_event_pack_use ON custody_event (organisation_id, id) WHERE command = 'decommissionPack';

  -- Packs that left the supply chain and did not come back: reverted uses and refused acts are not there.
  CREATE VIEW pack_use WITH (security_invoker = true) AS
    SELECT e.organisation_id, e.id AS event_id, e.event_time AS at, b.gtin, p.object_key AS pack_key,
           e.biz_step = 'dispensing' AS dispensed
    FROM custody_event e
    JOIN custody_event_object p ON p.event_id = e.id AND p.object_type = 'pack'
    JOIN custody_event_object k ON k.event_id = e.id AND k.object_type = 'batch'
    JOIN batch b ON b.batch_key = k.object_key
    WHERE e.command = 'decommissionPack' AND e.anchor_state <> 'refused'
      AND NOT EXISTS (SELECT FROM custody_event_object o JOIN custody_event r ON r.id = o.event_id
                      WHERE o.object_key = p.object_key AND r.command = 'revertDecommission' AND r.id > e.id
                        AND r.anchor_state <> 'refused');

  -- Movements that stand.
  CREATE VIEW goods_moved WITH (security_invoker = true) AS
    SELECT m.organisation_id, m.event_id, m.unit_id, m.gtin, m.kind, m.counterparty_id, m.packs, m.moved_at AS at
    FROM goods_movement m JOIN custody_event e ON e.id = m.event_id
    WHERE m.undone_at IS NULL AND e.anchor_state <> 'refused';

  -- Demand as events tell it, in packs. Destroyed, exported, stolen and sampled packs are no demand; what came back in the
  -- unit that it was issued in was none.
  CREATE VIEW demand_event WITH (security_invoker = true) AS
    SELECT u.organisation_id, u.gtin, coalesce(s.decommissions_are, 'dispensed') AS source, u.at, 1 AS packs
    FROM pack_use u LEFT JOIN planning_setting s ON s.organisation_id = u.organisation_id
    WHERE u.dispensed
    UNION ALL
    SELECT m.organisation_id, m.gtin, CASE m.kind WHEN 'issued' THEN 'issued' ELSE 'delivered' END, m.at,
           greatest(0, m.packs - coalesce((SELECT sum(r.packs) FROM goods_moved r
                               WHERE r.organisation_id = m.organisation_id AND r.unit_id = m.unit_id AND r.gtin = m.gtin
                                 AND r.event_id > m.event_id AND r.counterparty_id = m.counterparty_id
                                 AND r.kind = CASE m.kind WHEN 'issued' THEN 'taken-back' ELSE 'sent-back' END
                                 -- a return undoes the last movement before it, not every one
                                 AND NOT EXISTS (SELECT FROM goods_moved n
                                                 WHERE n.organisation_id = m.organisation_id AND n.unit_id = m.unit_id
                                                   AND n.gtin = m.gtin AND n.kind = m.kind
                                                   AND n.counterparty_id = m.counterparty_id
                                                   AND n.event_id > m.event_id AND n.event_id < r.event_id)), 0))
    FROM goods_moved m LEFT JOIN planning_setting s ON s.organisation_id = m.organisation_id
    WHERE m.kind = 'issued' OR (m.kind = 'received' AND s.decommissions_are IS DISTINCT FROM 'delivered');

  -- Imported rows that hold: for each day those of the latest complete import. Nothing is overwritten.
  CREATE VIEW demand_imported WITH (security_invoker = true) AS
    SELECT s.organisation_id, s.product, s.site, s.source, r.day, r.quantity, r.available
    FROM demand_series s
    JOIN LATERAL (SELECT DISTINCT ON (x.day) x.day, x.quantity, x.available
                  FROM demand_row x JOIN demand_import i ON i.id = x.import_id
                  WHERE x.series_id = s.id AND i.completed_at IS NOT NULL
                  ORDER BY x.day, x.import_id DESC) r ON true;

  -- What packs did to the stock at the place of the organisation.
  CREATE VIEW stock_change WITH (security_invoker = true) AS
    SELECT organisation_id, gtin, at, -1 AS packs FROM pack_use
    UNION ALL
    SELECT organisation_id, gtin, at, CASE WHEN kind IN ('received', 'taken-back') THEN packs ELSE -packs END
    FROM goods_moved;

  GRANT SELECT ON pack_use, goods_moved, demand_event, demand_imported, stock_change TO cct_api;
`;
