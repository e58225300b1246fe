import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is claimed late is no evidence: from when to when a logger, a place or packaging vouches for goods. In the rest of
 * the time that it speaks for, what it measures counts against them.
 */
export class DoubtLateClaims1763600000052 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [LOGGERS, PLACES, SOURCES, REFRESH, LEGS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}

const LOGGERS = `
  -- Null: it vouches from bound_at on. Otherwise the binding was captured too long after it is said to have been made.
  -- Between seconded_from and vouches_from it vouches where what goods were said to have left speaks, too.
  ALTER TABLE unit_logger ADD COLUMN vouches_from timestamptz, ADD COLUMN seconded_from timestamptz,
    ADD CHECK (vouches_from > bound_at), ADD CHECK (seconded_from < vouches_from);
  -- Null: it vouches from closed_at on; its hours run from then in either case.
  ALTER TABLE unit_packaging ADD COLUMN vouches_from timestamptz, ADD CHECK (vouches_from > closed_at);
`;

const PLACES = `
  -- said_left_at: when goods are said to have left; what was measured until left_at counts against them. Null: left_at.
  -- vouches_from: as of a logger that is bound; seconded from entered_at on.
  ALTER TABLE unit_presence ADD COLUMN vouches_from timestamptz, ADD COLUMN said_left_at timestamptz,
    ADD CHECK (vouches_from > entered_at), ADD CHECK (said_left_at BETWEEN entered_at AND left_at);
  -- It was told by an entry that lies in another stay, as one of no length where goods entered no other place, or by a leg
  -- in other hands.
  UPDATE unit_presence n SET said_left_at = (
    SELECT min(said) FROM (
      SELECT o.entered_at AS said FROM unit_presence o
      WHERE o.unit_id = n.unit_id AND o.entered_at > n.entered_at AND o.entered_at < n.left_at
      UNION ALL
      SELECT greatest(l.started_at, n.entered_at) FROM leg l JOIN place p ON p.id = n.place_id
      WHERE l.unit_id = n.unit_id AND l.organisation_id <> p.organisation_id AND l.started_at < n.left_at
        AND coalesce(l.ended_at, 'infinity') > n.entered_at) AS told)
  WHERE left_at > entered_at;
  DELETE FROM unit_presence WHERE left_at = entered_at;

  CREATE FUNCTION leave_place(leaving bigint, captured timestamptz, said timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      INSERT INTO leg_change (leg_id) SELECT id FROM leg
      WHERE unit_id = leaving AND ended_at > said AND holds_data_of(leaving);
      UPDATE unit_presence SET left_at = least(left_at, greatest(entered_at, captured)),
        said_left_at = greatest(entered_at, least(said_left_at, said))
      WHERE unit_id = leaving AND (left_at IS NULL OR left_at > said) AND holds_data_of(leaving) $$;
  REVOKE ALL ON FUNCTION leave_place(bigint, timestamptz, timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION leave_place(bigint, timestamptz, timestamptz) TO cct_api;
  DROP FUNCTION leave_place(bigint, timestamptz);
`;

const SOURCES = `
  CREATE OR REPLACE VIEW leg_source WITH (security_invoker = true) AS
    SELECT l.id AS leg_id, l.started_at AS leg_started_at, b.logger_id, 'bound' AS kind, b.bound_at AS since,
           least(b.unbound_at, l.ended_at) AS until, b.seconded_from, b.vouches_from, b.freed_at AS vouches_until
    FROM leg l JOIN unit_logger b ON b.unit_id = l.unit_id
      AND b.bound_at < coalesce(l.ended_at, 'infinity') AND coalesce(b.unbound_at, 'infinity') > l.started_at
    UNION ALL
    SELECT l.id, l.started_at, p.logger_id, 'place', greatest(n.entered_at, p.since), least(n.left_at, p.until, l.ended_at),
           CASE WHEN n.vouches_from IS NOT NULL THEN n.entered_at END, n.vouches_from, n.said_left_at
    FROM leg l JOIN unit_presence n ON n.unit_id = l.unit_id
      AND n.entered_at < coalesce(l.ended_at, 'infinity') AND coalesce(n.left_at, 'infinity') > l.started_at
    JOIN place o ON o.id = n.place_id AND (o.organisation_id = l.organisation_id OR n.left_at IS NOT NULL)
    JOIN place_logger p ON p.place_id = n.place_id
      AND p.since < least(coalesce(n.left_at, 'infinity'), coalesce(l.ended_at, 'infinity'))
      AND coalesce(p.until, 'infinity') > greatest(n.entered_at, l.started_at);
`;

const REFRESH = `
  -- As before, but earlier legs learn of what is new in their time also while another one is open.
  CREATE OR REPLACE FUNCTION refresh_leg(refreshed bigint, new_key text, begins timestamptz, captured timestamptz, previous bigint)
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
      -- What is new in the time of earlier legs counts in them.
      INSERT INTO leg_change (leg_id) SELECT id FROM leg WHERE unit_id = refreshed AND ended_at > begins;
      SELECT * INTO open_leg FROM leg WHERE unit_id = refreshed AND ended_at IS NULL FOR UPDATE;
      IF FOUND THEN
        IF NOT is_watched THEN
          UPDATE leg SET ended_at = greatest(started_at, captured) WHERE id = open_leg.id;
        END IF;
        INSERT INTO leg_change (leg_id) VALUES (open_leg.id);
        RETURN;
      END IF;
      IF NOT was_watched THEN RETURN; END IF;
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
`;

const LEGS = `
  -- Time in which something was measured and nothing vouches, [from, to) each, as evaluated; it is part of gap_ms.
  ALTER TABLE leg ADD COLUMN doubted jsonb NOT NULL DEFAULT '[]';
  -- Of those with such time it is not known yet.
  INSERT INTO leg_change (leg_id)
    SELECT DISTINCT leg_id FROM leg_source WHERE vouches_from IS NOT NULL OR vouches_until IS NOT NULL;
`;
