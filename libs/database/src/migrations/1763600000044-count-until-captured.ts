import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An act that is captured late takes no measured time away: what watched a unit until the capture speaks for it until then,
 * in whose hands it was by what the act says. Legs of a unit do not overlap, and runs go on from one into the next.
 */
export class CountUntilCaptured1763600000044 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [LOGGERS, SOURCES, REFRESH, ADAPTING]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}

const LOGGERS = `
  -- From when a logger may watch another unit: the time that an act named. What it measured counts here until unbound_at.
  ALTER TABLE unit_logger ADD COLUMN freed_at timestamptz CHECK (freed_at <= unbound_at);
  GRANT UPDATE (freed_at) ON unit_logger TO cct_api;
`;

const SOURCES = `
  -- A place speaks for goods in the hands of its owner, and for those of the next one until he had told that he has them.
  CREATE OR REPLACE VIEW leg_source WITH (security_invoker = true) AS
    SELECT l.id AS leg_id, l.started_at AS leg_started_at, b.logger_id, 'bound' AS kind, b.bound_at AS since,
           least(b.unbound_at, l.ended_at) AS until
    FROM leg l JOIN unit_logger b ON b.unit_id = l.unit_id
      AND b.bound_at < coalesce(l.ended_at, 'infinity') AND coalesce(b.unbound_at, 'infinity') > l.started_at
    UNION ALL
    SELECT l.id, l.started_at, p.logger_id, 'place', greatest(n.entered_at, p.since), least(n.left_at, p.until, l.ended_at)
    FROM leg l JOIN unit_presence n ON n.unit_id = l.unit_id
      AND n.entered_at < coalesce(l.ended_at, 'infinity') AND coalesce(n.left_at, 'infinity') > l.started_at
    JOIN place o ON o.id = n.place_id AND (o.organisation_id = l.organisation_id OR n.left_at IS NOT NULL)
    JOIN place_logger p ON p.place_id = n.place_id
      AND p.since < least(coalesce(n.left_at, 'infinity'), coalesce(l.ended_at, 'infinity'))
      AND coalesce(p.until, 'infinity') > greatest(n.entered_at, l.started_at);
`;

const REFRESH = `
  -- What watches a unit began or ended. A leg begins when the act says, but not in the time of an earlier one: that has
  -- those minutes. It ends when the act was captured. Runs go on from a leg that ended not long before, as when one
  -- logger is changed for another.
  CREATE FUNCTION refresh_leg(refreshed bigint, new_key text, begins timestamptz, captured timestamptz, previous bigint)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE open_leg leg; last_leg leg; holder integer; is_watched boolean; was_watched boolean; starts timestamptz; made bigint;
    BEGIN
      IF NOT holds_data_of(refreshed) THEN RAISE 'unit % is not known here', refreshed; END IF;
      SELECT o.id INTO holder FROM unit u
        JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
        JOIN organisation o ON o.party = s.state ->> 'custodian'
        WHERE u.id = refreshed;
      IF holder IS NULL THEN RAISE 'unit % has no custodian', refreshed; END IF;
      SELECT coalesce(bool_or(until IS NULL), false), coalesce(bool_or(until IS NULL OR until > begins), false)
        INTO is_watched, was_watched FROM (
          SELECT unbound_at AS until FROM unit_logger WHERE unit_id = refreshed
          UNION ALL SELECT NULL FROM unit_packaging WHERE unit_id = refreshed AND opened_at IS NULL
          UNION ALL SELECT n.left_at FROM unit_presence n JOIN place p ON p.id = n.place_id
            WHERE n.unit_id = refreshed AND (p.organisation_id = holder OR n.left_at IS NOT NULL)) AS watching;
      SELECT * INTO open_leg FROM leg WHERE unit_id = refreshed AND ended_at IS NULL FOR UPDATE;
      IF FOUND THEN
        IF NOT is_watched THEN
          UPDATE leg SET ended_at = greatest(started_at, captured) WHERE id = open_leg.id;
        END IF;
        INSERT INTO leg_change (leg_id) VALUES (open_leg.id);
        RETURN;
      END IF;
      IF NOT was_watched THEN RETURN; END IF;
      -- What is new in the time of earlier legs counts in them.
      INSERT INTO leg_change (leg_id) SELECT id FROM leg WHERE unit_id = refreshed AND ended_at > begins;
      SELECT * INTO last_leg FROM leg WHERE unit_id = refreshed ORDER BY ended_at DESC, id DESC LIMIT 1;
      starts := greatest(begins, last_leg.ended_at);
      IF NOT is_watched AND starts >= captured THEN RETURN; END IF;
      IF previous IS NULL AND last_leg.ended_at >= starts - interval '15 minutes'
         AND NOT EXISTS (SELECT FROM leg WHERE previous_leg_id = last_leg.id) THEN
        previous := last_leg.id;
      END IF;
      INSERT INTO leg (leg_key, organisation_id, unit_id, logger_id, previous_leg_id, started_at, ended_at)
        VALUES (new_key, holder, refreshed,
                (SELECT logger_id FROM unit_logger WHERE unit_id = refreshed AND unbound_at IS NULL
                 ORDER BY bound_at, logger_id LIMIT 1),
                previous, starts, CASE WHEN is_watched THEN NULL ELSE captured END) RETURNING id INTO made;
      INSERT INTO leg_change (leg_id) VALUES (made);
    END $$;
  REVOKE ALL ON FUNCTION refresh_leg(bigint, text, timestamptz, timestamptz, bigint) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION refresh_leg(bigint, text, timestamptz, timestamptz, bigint) TO cct_api;
  DROP FUNCTION refresh_leg(bigint, text, timestamptz, bigint);

  -- Goods were taken out of a unit. What it has been through by then is to be told to the ledger at once, because others
  -- learn from there what these goods have been through; what it goes through afterwards is not theirs. The ledger charges
  -- them with legs that began up to when they left: so a new one begins right after. A unit has 200 legs at most there:
  -- where it is opened very often, its leg goes on, and they are charged with what is not theirs rather than with nothing.
  CREATE FUNCTION part_leg(parted bigint, new_key text, captured timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE old leg; told integer; made bigint; parts timestamptz := captured + interval '1 millisecond';
    BEGIN
      IF NOT holds_data_of(parted) THEN RAISE 'unit % is not known here', parted; END IF;
      SELECT * INTO old FROM leg WHERE unit_id = parted AND ended_at IS NULL FOR UPDATE;
      IF NOT FOUND THEN RETURN; END IF;
      INSERT INTO leg_change (leg_id) VALUES (old.id);
      SELECT jsonb_array_length(s.state -> 'legs') INTO told FROM unit u
        JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key WHERE u.id = parted;
      IF told >= 100 OR old.started_at >= parts THEN
        UPDATE leg SET recorded_at = NULL WHERE id = old.id;
        RETURN;
      END IF;
      UPDATE leg SET ended_at = parts WHERE id = old.id;
      INSERT INTO leg (leg_key, organisation_id, unit_id, logger_id, previous_leg_id, started_at)
        VALUES (new_key, old.organisation_id, parted, old.logger_id, old.id, parts) RETURNING id INTO made;
      INSERT INTO leg_change (leg_id) VALUES (made);
    END $$;
  REVOKE ALL ON FUNCTION part_leg(bigint, text, timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION part_leg(bigint, text, timestamptz) TO cct_api;
`;

const ADAPTING = `
  -- From when on loggers of a unit adapt: when it was packed. Not where goods of other units were packed and that was told
  -- late: what they went through meanwhile would be left out because of a time that somebody named.
  CREATE FUNCTION unit_adapts_from(key text) RETURNS timestamptz
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT unit_packed_at(key) WHERE NOT EXISTS (
        SELECT FROM unit u
        JOIN custody_event_object o ON o.object_key = u.unit_key
        JOIN custody_event e ON e.id = o.event_id AND e.command = 'aggregateUnit'
          AND right(e.document::jsonb ->> 'parentID', 18) = u.sscc
          AND e.recorded_at > e.event_time + interval '15 minutes'
        JOIN custody_event_object other ON other.event_id = e.id AND other.object_type = 'unit'
          AND other.object_key <> u.unit_key
        WHERE u.unit_key = key) $$;
  REVOKE ALL ON FUNCTION unit_adapts_from(text) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION unit_adapts_from(text) TO cct_ingest;
`;
