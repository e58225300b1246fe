import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Evidence besides one bound logger: several of them, the sensors of places and vehicles that a unit was in, and
 * qualified packaging for its hours. A leg no longer belongs to a logger: `leg_source` tells which loggers speak for it
 * when, joined from bindings and presence.
 */
export class WidenEvidence1763600000033 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [PLACES, PACKAGING, LEGS, SOURCES, REFRESH, READINGS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}

const PLACES = `
  -- A cold room, a fridge, a vehicle: where sensors watch whatever is in it.
  CREATE TABLE place (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    kind text NOT NULL CHECK (kind IN ('location', 'vehicle')),
    -- of a location: GLN (AI 414) and what lies inside of it (AI 254); of a vehicle: GIAI (AI 8004)
    gln text,
    extension text,
    giai text,
    created_at timestamptz NOT NULL,
    UNIQUE (organisation_id, name),
    CHECK ((kind = 'location') = (gln IS NOT NULL)),
    CHECK ((kind = 'vehicle') = (giai IS NOT NULL)),
    CHECK (extension IS NULL OR gln IS NOT NULL)
  );
  CREATE UNIQUE INDEX place_by_identifier ON place (organisation_id, coalesce(gln, giai), coalesce(extension, ''));
  ALTER TABLE place ENABLE ROW LEVEL SECURITY;
  CREATE POLICY place_own ON place TO cct_api USING (organisation_id = coldchain_organisation());
  CREATE POLICY place_ingest ON place FOR SELECT TO cct_ingest USING (true);
  GRANT SELECT, INSERT ON place TO cct_api;
  GRANT SELECT ON place TO cct_ingest;

  -- From when to when a logger watched a place. Always as of now: what was measured elsewhere must not become evidence.
  CREATE TABLE place_logger (
    place_id integer NOT NULL REFERENCES place,
    logger_id integer NOT NULL REFERENCES logger,
    since timestamptz NOT NULL,
    until timestamptz,
    PRIMARY KEY (place_id, logger_id, since),
    CHECK (until IS NULL OR until >= since)
  );
  CREATE UNIQUE INDEX place_logger_one_place ON place_logger (logger_id) WHERE until IS NULL;
  CREATE INDEX place_logger_by_logger ON place_logger (logger_id, since);
  ALTER TABLE place_logger ENABLE ROW LEVEL SECURITY;
  CREATE POLICY place_logger_own ON place_logger TO cct_api USING (place_id IN (SELECT id FROM place));
  CREATE POLICY place_logger_ingest ON place_logger FOR SELECT TO cct_ingest USING (true);
  GRANT SELECT, INSERT, UPDATE (until) ON place_logger TO cct_api;
  GRANT SELECT ON place_logger TO cct_ingest;

  -- From when to when a unit was in a place. It is in one place at a time.
  CREATE TABLE unit_presence (
    unit_id bigint NOT NULL REFERENCES unit,
    place_id integer NOT NULL REFERENCES place,
    entered_at timestamptz NOT NULL,
    left_at timestamptz,
    PRIMARY KEY (unit_id, entered_at, place_id),
    CHECK (left_at IS NULL OR left_at >= entered_at)
  );
  CREATE UNIQUE INDEX unit_presence_one_place ON unit_presence (unit_id) WHERE left_at IS NULL;
  CREATE INDEX unit_presence_by_place ON unit_presence (place_id, entered_at);
  ALTER TABLE unit_presence ENABLE ROW LEVEL SECURITY;
  CREATE POLICY unit_presence_own ON unit_presence TO cct_api USING (place_id IN (SELECT id FROM place));
  CREATE POLICY unit_presence_ingest ON unit_presence FOR SELECT TO cct_ingest USING (true);
  GRANT SELECT, INSERT ON unit_presence TO cct_api;
  GRANT SELECT ON unit_presence TO cct_ingest;
  -- Who takes goods over does not see where they were; that they are there no longer is his to say. He may say so for a
  -- time before the one at which somebody before him said it.
  CREATE FUNCTION leave_place(leaving bigint, at timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      UPDATE unit_presence SET left_at = greatest(entered_at, at)
      WHERE unit_id = leaving AND (left_at IS NULL OR left_at > at) AND holds_data_of(leaving) $$;
  REVOKE ALL ON FUNCTION leave_place(bigint, timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION leave_place(bigint, timestamptz) TO cct_api;
`;

const PACKAGING = `
  -- Packaging that was qualified to keep a range of temperatures for so long. It does not change: a new study is a new one.
  CREATE TABLE packaging (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    qualified_ms bigint NOT NULL CHECK (qualified_ms > 0),
    min_milli_celsius integer NOT NULL,
    max_milli_celsius integer NOT NULL,
    certificate text NOT NULL CHECK (length(certificate) BETWEEN 1 AND 128),
    created_at timestamptz NOT NULL,
    UNIQUE (organisation_id, name),
    CHECK (min_milli_celsius < max_milli_celsius)
  );
  ALTER TABLE packaging ENABLE ROW LEVEL SECURITY;
  CREATE POLICY packaging_own ON packaging TO cct_api USING (organisation_id = coldchain_organisation());
  CREATE POLICY packaging_ingest ON packaging FOR SELECT TO cct_ingest USING (true);
  GRANT SELECT, INSERT ON packaging TO cct_api;
  GRANT SELECT ON packaging TO cct_ingest;

  -- The hours of a unit's packaging run from when it was closed and end with its first opening.
  CREATE TABLE unit_packaging (
    unit_id bigint PRIMARY KEY REFERENCES unit,
    packaging_id integer NOT NULL REFERENCES packaging,
    closed_at timestamptz NOT NULL,
    opened_at timestamptz,
    CHECK (opened_at IS NULL OR opened_at >= closed_at)
  );
  ALTER TABLE unit_packaging ENABLE ROW LEVEL SECURITY;
  CREATE POLICY unit_packaging_read ON unit_packaging FOR SELECT TO cct_api
    USING (EXISTS (SELECT 1 FROM unit u WHERE u.id = unit_id));
  CREATE POLICY unit_packaging_close ON unit_packaging FOR INSERT TO cct_api WITH CHECK (holds_data_of(unit_id));
  CREATE POLICY unit_packaging_open ON unit_packaging FOR UPDATE TO cct_api USING (holds_data_of(unit_id));
  CREATE POLICY unit_packaging_ingest ON unit_packaging FOR SELECT TO cct_ingest USING (true);
  GRANT SELECT, INSERT, UPDATE (opened_at) ON unit_packaging TO cct_api;
  GRANT SELECT ON unit_packaging TO cct_ingest;
`;

const LEGS = `
  ALTER TABLE leg ALTER COLUMN logger_id DROP NOT NULL,
    ADD COLUMN vouched_ms bigint NOT NULL DEFAULT 0,
    -- up to when what was read last holds; null: nothing was
    ADD COLUMN holds_until timestamptz,
    -- what its sources say after the newest reading of any of them while no other one comes: not folded into the state
    ADD COLUMN tail jsonb,
    -- time in which packaging vouches for what is not read after that
    ADD COLUMN vouched jsonb,
    -- the sources that the state was folded from: with others it has to be folded again from where they differ
    ADD COLUMN sources jsonb;
  -- One unit has one account at a time, whatever watches it: two would add the same minutes up twice.
  CREATE UNIQUE INDEX leg_one_open ON leg (unit_id) WHERE ended_at IS NULL;

  -- Loggers of one unit that were further apart than both may be off.
  CREATE TABLE leg_disagreement (
    leg_id bigint NOT NULL REFERENCES leg,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    most_milli_celsius integer NOT NULL,
    PRIMARY KEY (leg_id, opened_at)
  );
  ALTER TABLE leg_disagreement ENABLE ROW LEVEL SECURITY;
  CREATE POLICY leg_disagreement_by_leg ON leg_disagreement FOR SELECT TO cct_api
    USING (EXISTS (SELECT 1 FROM leg l WHERE l.id = leg_id));
  CREATE POLICY leg_disagreement_ingest ON leg_disagreement TO cct_ingest USING (true);
  GRANT SELECT ON leg_disagreement TO cct_api;
  GRANT SELECT, INSERT, UPDATE, DELETE ON leg_disagreement TO cct_ingest;

  -- WHO TRS 961 asks for half a degree.
  ALTER TABLE logger ADD COLUMN accuracy_milli_celsius integer NOT NULL DEFAULT 500
    CHECK (accuracy_milli_celsius BETWEEN 0 AND 5000);
`;

const SOURCES = `
  CREATE INDEX unit_logger_by_logger ON unit_logger (logger_id, bound_at);
  -- Which loggers speak for a leg, and from when to when. A place's sensors speak for legs of the place's owner only:
  -- in the hands of another one a unit is not there any more, whatever is recorded.
  CREATE VIEW leg_source WITH (security_invoker = true) AS
    SELECT l.id AS leg_id, l.started_at AS leg_started_at, b.logger_id, 'bound' AS kind, b.bound_at AS since,
           least(b.unbound_at, l.ended_at) AS until
    FROM leg l JOIN unit_logger b ON b.unit_id = l.unit_id
      AND b.bound_at < coalesce(l.ended_at, 'infinity') AND coalesce(b.unbound_at, 'infinity') > l.started_at
    UNION ALL
    SELECT l.id, l.started_at, p.logger_id, 'place', greatest(n.entered_at, p.since), least(n.left_at, p.until, l.ended_at)
    FROM leg l JOIN unit_presence n ON n.unit_id = l.unit_id
      AND n.entered_at < coalesce(l.ended_at, 'infinity') AND coalesce(n.left_at, 'infinity') > l.started_at
    JOIN place o ON o.id = n.place_id AND o.organisation_id = l.organisation_id
    JOIN place_logger p ON p.place_id = n.place_id
      AND p.since < least(coalesce(n.left_at, 'infinity'), coalesce(l.ended_at, 'infinity'))
      AND coalesce(p.until, 'infinity') > greatest(n.entered_at, l.started_at);
  GRANT SELECT ON leg_source TO cct_api, cct_ingest;

  -- The legs that a place's loggers speak for change with the loggers.
  CREATE FUNCTION note_place_change(changed integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      INSERT INTO leg_change (leg_id)
      SELECT l.id FROM place p JOIN unit_presence n ON n.place_id = p.id AND n.left_at IS NULL
      JOIN leg l ON l.unit_id = n.unit_id AND l.ended_at IS NULL
      WHERE p.id = changed AND p.organisation_id = coldchain_organisation() $$;
  REVOKE ALL ON FUNCTION note_place_change(integer) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION note_place_change(integer) TO cct_api;
`;

const REFRESH = `
  -- What watches a unit began or ended: its leg is opened for its recorded custodian, noted, or ended. The owner of a
  -- logger that is taken off does not see the leg of who has the unit now.
  CREATE FUNCTION refresh_leg(refreshed bigint, new_key text, at timestamptz, previous bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE open_leg leg; holder integer; is_watched boolean; made bigint;
    BEGIN
      IF NOT holds_data_of(refreshed) THEN RAISE 'unit % is not known here', refreshed; END IF;
      SELECT o.id INTO holder FROM unit u
        JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
        JOIN organisation o ON o.party = s.state ->> 'custodian'
        WHERE u.id = refreshed;
      IF holder IS NULL THEN RAISE 'unit % has no custodian', refreshed; END IF;
      SELECT EXISTS (SELECT 1 FROM unit_logger WHERE unit_id = refreshed AND unbound_at IS NULL)
          OR EXISTS (SELECT 1 FROM unit_packaging WHERE unit_id = refreshed AND opened_at IS NULL)
          OR EXISTS (SELECT 1 FROM unit_presence n JOIN place p ON p.id = n.place_id AND p.organisation_id = holder
                     WHERE n.unit_id = refreshed AND n.left_at IS NULL)
        INTO is_watched;
      SELECT * INTO open_leg FROM leg WHERE unit_id = refreshed AND ended_at IS NULL FOR UPDATE;
      IF NOT FOUND AND NOT is_watched THEN RETURN; END IF;
      IF NOT FOUND THEN
        INSERT INTO leg (leg_key, organisation_id, unit_id, logger_id, previous_leg_id, started_at)
          VALUES (new_key, holder, refreshed,
                  (SELECT logger_id FROM unit_logger WHERE unit_id = refreshed AND unbound_at IS NULL
                   ORDER BY bound_at, logger_id LIMIT 1),
                  previous, at) RETURNING id INTO made;
        INSERT INTO leg_change (leg_id) VALUES (made);
        RETURN;
      END IF;
      IF NOT is_watched THEN
        UPDATE leg SET ended_at = greatest(started_at, at) WHERE id = open_leg.id;
      END IF;
      INSERT INTO leg_change (leg_id) VALUES (open_leg.id);
    END $$;
  REVOKE ALL ON FUNCTION refresh_leg(bigint, text, timestamptz, bigint) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION refresh_leg(bigint, text, timestamptz, bigint) TO cct_api;
`;

const READINGS = `
  -- Readings: of an organisation's own loggers, and of those that speak for a leg that it may see, while they do.
  DROP POLICY reading_series_own ON reading_series;
  CREATE POLICY reading_series_own ON reading_series FOR SELECT TO cct_api USING (
    logger IN (SELECT g.id FROM logger g WHERE g.organisation_id = coldchain_organisation())
    OR EXISTS (SELECT 1 FROM leg_source s WHERE s.logger_id = reading_series.logger
               AND greatest(s.since, s.leg_started_at) <= t1 AND (s.until IS NULL OR s.until >= t0)));
  DROP POLICY reading_series_of_files ON reading_series;
  CREATE POLICY reading_series_of_files ON reading_series FOR INSERT TO cct_api WITH CHECK (
    stream = 0
    AND EXISTS (SELECT 1 FROM logger_file f WHERE f.id = seq AND f.organisation_id = coldchain_organisation())
    AND EXISTS (SELECT 1 FROM leg_source s JOIN leg l ON l.id = s.leg_id
                WHERE s.logger_id = reading_series.logger AND l.organisation_id = coldchain_organisation()
                AND greatest(s.since, l.started_at) <= t0 AND (s.until IS NULL OR t1 < s.until)));
  DROP POLICY reading_single_own ON reading_single;
  CREATE POLICY reading_single_own ON reading_single FOR SELECT TO cct_api USING (
    logger IN (SELECT id FROM logger WHERE organisation_id = coldchain_organisation())
    OR EXISTS (SELECT 1 FROM leg_source s WHERE s.logger_id = reading_single.logger
               AND greatest(s.since, s.leg_started_at) <= reading_single.at
               AND (s.until IS NULL OR s.until >= reading_single.at)));
`;
