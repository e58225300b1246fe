import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the acts of people need beyond custody: the read model takes every kind of object that the contract writes;
 * measuring devices; access that ends (`grant_id`, `until`); sight of held goods for the owners of their batches and of
 * what lies before an authority; an end to what a receiver sees of goods that he does not get.
 */
export class WidenActs1763600000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [OBJECT_TYPES, DEVICES, PARTIES, GRANTS, POLICIES, SHARING, HELD, LEGS])
      await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}

const OBJECT_TYPES = `
  ALTER TABLE ledger_object DROP CONSTRAINT ledger_object_object_type_check;
  ALTER TABLE ledger_object ADD CONSTRAINT ledger_object_object_type_check
    CHECK (object_type IN ('party', 'profile', 'batch', 'unit', 'pack', 'device', 'access', 'root'));
`;

const DEVICES = `
  -- A logger whose public key and calibration the ledger knows. A new key is a new device: what was signed before stays
  -- attributable. State and binding are the ledger's.
  CREATE TABLE device (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    logger_id integer NOT NULL REFERENCES logger,
    secret bytea NOT NULL CHECK (octet_length(secret) = 32),
    device_key text NOT NULL UNIQUE CHECK (device_key ~ '^[0-9a-f]{64}$'),
    -- SubjectPublicKeyInfo, DER
    public_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (logger_id, public_key)
  );
  ALTER TABLE device ENABLE ROW LEVEL SECURITY;
  CREATE POLICY device_own ON device TO cct_api USING (organisation_id = coldchain_organisation());
  GRANT SELECT, INSERT ON device TO cct_api;
`;

const PARTIES = `
  CREATE FUNCTION is_regulator() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM organisation WHERE id = coldchain_organisation() AND 'regulator' = ANY(roles)) $$;
  -- Whom the regulator registers takes part and can be named as receiver; his data is not in this database.
  CREATE FUNCTION register_organisation(new_slug text, new_name text, new_party text, new_gln text,
                                        new_prefixes text[], new_roles text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
      SELECT new_slug, new_name, new_party, new_gln, new_prefixes, new_roles, false WHERE is_regulator()
      ON CONFLICT DO NOTHING $$;
  -- What lies before an authority: it may name it, in order to hold or recall it. Nothing measured is shown.
  CREATE FUNCTION inspect_unit(inspected text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      INSERT INTO unit_access (unit_id, organisation_id, granted_at)
      SELECT min(id), coldchain_organisation(), '-infinity' FROM unit
      WHERE sscc = inspected AND is_regulator() HAVING count(*) = 1
      ON CONFLICT DO NOTHING $$;
  CREATE FUNCTION inspect_batch(inspected_gtin text, inspected_lot text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      INSERT INTO batch_access (batch_id, organisation_id)
      SELECT min(id), coldchain_organisation() FROM batch
      WHERE gtin = inspected_gtin AND lot = inspected_lot AND is_regulator() HAVING count(*) = 1
      ON CONFLICT DO NOTHING $$;
  REVOKE ALL ON FUNCTION register_organisation(text, text, text, text, text[], text[]), inspect_unit(text),
    inspect_batch(text, text) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION register_organisation(text, text, text, text, text[], text[]), inspect_unit(text),
    inspect_batch(text, text) TO cct_api;
`;

const GRANTS = `
  -- Access that one organisation gives another until an instant, and may end before. 'until' is repeated in the rows that
  -- it consists of, so that the policies look nowhere else; grant 0 is access for good, as goods bring it.
  CREATE TABLE access_grant (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    receiver_id integer NOT NULL REFERENCES organisation,
    object_type text NOT NULL CHECK (object_type IN ('batch', 'unit')),
    object_key text NOT NULL,
    granted_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    revoked_at timestamptz,
    UNIQUE (organisation_id, object_key, receiver_id)
  );
  ALTER TABLE access_grant ENABLE ROW LEVEL SECURITY;
  CREATE POLICY access_grant_read ON access_grant FOR SELECT TO cct_api
    USING (organisation_id = coldchain_organisation() OR receiver_id = coldchain_organisation());
  CREATE POLICY access_grant_give ON access_grant FOR INSERT TO cct_api
    WITH CHECK (organisation_id = coldchain_organisation());
  CREATE POLICY access_grant_change ON access_grant FOR UPDATE TO cct_api
    USING (organisation_id = coldchain_organisation());
  GRANT SELECT, INSERT, UPDATE (granted_at, until, revoked_at) ON access_grant TO cct_api;

  ALTER TABLE unit_access ADD COLUMN grant_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN until timestamptz NOT NULL DEFAULT 'infinity',
    -- of a grant: who gave it; what he measures while it stands belongs to it
    ADD COLUMN given_by integer REFERENCES organisation,
    DROP CONSTRAINT unit_access_pkey, ADD PRIMARY KEY (organisation_id, unit_id, grant_id);
  ALTER TABLE batch_access ADD COLUMN grant_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN until timestamptz NOT NULL DEFAULT 'infinity',
    DROP CONSTRAINT batch_access_pkey, ADD PRIMARY KEY (organisation_id, batch_id, grant_id);
  ALTER TABLE event_access ADD COLUMN grant_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN until timestamptz NOT NULL DEFAULT 'infinity',
    DROP CONSTRAINT event_access_pkey, ADD PRIMARY KEY (organisation_id, event_id, grant_id);
  CREATE INDEX unit_access_by_grant ON unit_access (grant_id) WHERE grant_id <> 0;
  CREATE INDEX batch_access_by_grant ON batch_access (grant_id) WHERE grant_id <> 0;
  CREATE INDEX event_access_by_grant ON event_access (grant_id) WHERE grant_id <> 0;
`;

const POLICIES = `
  -- Reading: access that has not ended. Changing: access for good only.
  DROP POLICY batch_read ON batch;
  CREATE POLICY batch_read ON batch FOR SELECT USING (
    organisation_id = coldchain_organisation()
    OR EXISTS (SELECT 1 FROM batch_access a WHERE a.batch_id = batch.id AND a.organisation_id = coldchain_organisation()
               AND a.until > now()));
  CREATE POLICY pack_move ON pack AS RESTRICTIVE FOR UPDATE TO cct_api USING (EXISTS (
    SELECT 1 FROM batch b WHERE b.id = batch_id AND (b.organisation_id = coldchain_organisation()
      OR EXISTS (SELECT 1 FROM batch_access a WHERE a.batch_id = b.id AND a.organisation_id = coldchain_organisation()
                 AND a.grant_id = 0))));
  DROP POLICY unit_read ON unit;
  CREATE POLICY unit_read ON unit FOR SELECT USING (
    organisation_id = coldchain_organisation()
    OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = unit.id AND a.organisation_id = coldchain_organisation()
               AND a.until > now()));
  DROP POLICY unit_repack ON unit;
  CREATE POLICY unit_repack ON unit FOR UPDATE USING (
    organisation_id = coldchain_organisation()
    OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = unit.id AND a.organisation_id = coldchain_organisation()
               AND a.grant_id = 0));
  DROP POLICY custody_event_read ON custody_event;
  CREATE POLICY custody_event_read ON custody_event FOR SELECT TO cct_api, cct_ingest USING (
    organisation_id = coldchain_organisation()
    OR EXISTS (SELECT 1 FROM event_access a WHERE a.event_id = custody_event.id
               AND a.organisation_id = coldchain_organisation() AND a.until > now()));
  DROP POLICY leg_read ON leg;
  CREATE POLICY leg_read ON leg FOR SELECT TO cct_api USING (
    organisation_id = coldchain_organisation()
    OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = leg.unit_id AND a.organisation_id = coldchain_organisation()
               AND a.until > now() AND (a.granted_at >= leg.started_at OR a.given_by = leg.organisation_id)));
  DROP POLICY leg_end ON leg;
  CREATE POLICY leg_end ON leg FOR UPDATE TO cct_api USING (
    organisation_id = coldchain_organisation()
    OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = leg.unit_id AND a.organisation_id = coldchain_organisation()
               AND a.grant_id = 0));
  DROP POLICY unit_logger_by_unit ON unit_logger;
  CREATE POLICY unit_logger_read ON unit_logger FOR SELECT TO cct_api USING (EXISTS (
    SELECT 1 FROM unit u WHERE u.id = unit_id AND (u.organisation_id = coldchain_organisation()
      OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()
                 AND a.until > now() AND a.granted_at > '-infinity'))));
  CREATE FUNCTION holds_data_of(watched bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM unit u WHERE u.id = watched AND (u.organisation_id = coldchain_organisation()
      OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()
                 AND a.grant_id = 0 AND a.granted_at > '-infinity'))) $$;
  CREATE POLICY unit_logger_bind ON unit_logger FOR INSERT TO cct_api WITH CHECK (holds_data_of(unit_id));
  CREATE POLICY unit_logger_unbind ON unit_logger FOR UPDATE TO cct_api USING (holds_data_of(unit_id));
  CREATE OR REPLACE FUNCTION unit_packed_at(key text) RETURNS timestamptz
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT min(e.event_time)
      FROM unit u
      JOIN custody_event_object o ON o.object_key = u.unit_key
      JOIN custody_event e ON e.id = o.event_id AND e.command = 'aggregateUnit'
        AND right(e.document::jsonb ->> 'parentID', 18) = u.sscc
      WHERE u.unit_key = key AND (u.organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()
                   AND a.until > now()))
    $$;
`;

const SHARING = `
  -- Who was given access for a time does not give it on.
  CREATE OR REPLACE FUNCTION share_event(event bigint, receiver integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      INSERT INTO event_access (event_id, organisation_id)
      SELECT e.id, receiver FROM custody_event e
      WHERE e.id = event AND (e.organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM event_access a WHERE a.event_id = e.id AND a.grant_id = 0
                   AND a.organisation_id = coldchain_organisation()))
      ON CONFLICT DO NOTHING;
    END $$;

  -- The unit and all that is in it, their batches and secrets, and the events so far about them; also the units that
  -- these came out of or were filled from, because what they went through is part of the evidence. Only for the
  -- functions below: a second call shows what happened since the first.
  CREATE FUNCTION give_unit(giver integer, receiver integer, shared bigint, given bigint, dated timestamptz,
                            ends timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
      CREATE TEMPORARY TABLE IF NOT EXISTS despatch (unit_id bigint PRIMARY KEY) ON COMMIT DROP;
      TRUNCATE despatch;
      INSERT INTO despatch
      WITH RECURSIVE inside AS (
        SELECT u.id FROM unit u WHERE u.id = shared AND (u.organisation_id = giver
          OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = giver AND a.grant_id = 0))
        UNION SELECT c.id FROM unit c JOIN inside i ON c.parent_id = i.id
      ) SELECT id FROM inside;
      INSERT INTO unit_access (unit_id, organisation_id, granted_at, grant_id, until, given_by)
        WITH RECURSIVE lineage(unit_id, unit_key) AS (
          SELECT u.id, u.unit_key FROM despatch d JOIN unit u ON u.id = d.unit_id
          UNION
          SELECT x.id, x.unit_key
          FROM lineage l
          JOIN custody_event_object mine ON mine.object_key = l.unit_key
          JOIN custody_event v ON v.id = mine.event_id AND v.command IN ('aggregateUnit', 'disaggregateUnit')
          JOIN custody_event_object other
            ON other.event_id = v.id AND other.object_type = 'unit' AND other.object_key <> l.unit_key
          JOIN unit x ON x.unit_key = other.object_key AND (x.organisation_id = giver
            OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = x.id AND a.organisation_id = giver AND a.grant_id = 0))
          JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = x.unit_key
          WHERE e.state -> 'heirs' ? l.unit_key
        ) SELECT unit_id, receiver, dated, given, ends, CASE WHEN given = 0 THEN NULL ELSE giver END
          FROM lineage
        ON CONFLICT (organisation_id, unit_id, grant_id) DO UPDATE
          SET granted_at = excluded.granted_at, until = excluded.until;
      INSERT INTO batch_access (batch_id, organisation_id, grant_id, until)
        SELECT DISTINCT b.id, receiver, given, ends
        FROM despatch d JOIN unit u ON u.id = d.unit_id
        JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
        CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'batches') AS content
        JOIN batch b ON b.batch_key = content ->> 'batch'
        ON CONFLICT (organisation_id, batch_id, grant_id) DO UPDATE SET until = excluded.until;
      INSERT INTO event_access (event_id, organisation_id, grant_id, until)
        SELECT DISTINCT e.id, receiver, given, ends
        FROM custody_event_object o JOIN custody_event e ON e.id = o.event_id
        WHERE (e.organisation_id = giver
            OR EXISTS (SELECT 1 FROM event_access a WHERE a.event_id = e.id AND a.organisation_id = giver AND a.grant_id = 0))
          AND o.object_key IN (
            SELECT u.unit_key FROM despatch d JOIN unit u ON u.id = d.unit_id
            UNION
            SELECT content ->> 'batch' FROM despatch d JOIN unit u ON u.id = d.unit_id
              JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
              CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'batches') AS content)
        ON CONFLICT (organisation_id, event_id, grant_id) DO UPDATE SET until = excluded.until;
    END $$;
  CREATE OR REPLACE FUNCTION share_unit(shared bigint, receiver integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT give_unit(coldchain_organisation(), receiver, shared, 0, clock_timestamp(), 'infinity') $$;

  -- Puts a grant of the current organisation into effect, with its present end: what it can see itself now.
  CREATE FUNCTION apply_grant(given bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE g access_grant;
    BEGIN
      SELECT * INTO STRICT g FROM access_grant WHERE id = given AND organisation_id = coldchain_organisation();
      UPDATE unit_access SET until = g.until WHERE grant_id = g.id;
      UPDATE batch_access SET until = g.until WHERE grant_id = g.id;
      UPDATE event_access SET until = g.until WHERE grant_id = g.id;
      IF g.object_type = 'unit' THEN
        PERFORM give_unit(g.organisation_id, g.receiver_id, u.id, g.id, g.granted_at, g.until)
          FROM unit u WHERE u.unit_key = g.object_key;
        RETURN;
      END IF;
      INSERT INTO batch_access (batch_id, organisation_id, grant_id, until)
        SELECT b.id, g.receiver_id, g.id, g.until FROM batch b
        WHERE b.batch_key = g.object_key AND b.organisation_id = g.organisation_id
        ON CONFLICT DO NOTHING;
      INSERT INTO event_access (event_id, organisation_id, grant_id, until)
        SELECT DISTINCT e.id, g.receiver_id, g.id, g.until
        FROM custody_event_object o JOIN custody_event e ON e.id = o.event_id
        WHERE o.object_key = g.object_key AND (e.organisation_id = g.organisation_id
          OR EXISTS (SELECT 1 FROM event_access a WHERE a.event_id = e.id AND a.organisation_id = g.organisation_id
                     AND a.grant_id = 0))
        ON CONFLICT DO NOTHING;
    END $$;
  CREATE FUNCTION end_grant(given bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM 1 FROM access_grant WHERE id = given AND organisation_id = coldchain_organisation();
      IF NOT FOUND THEN RAISE 'no grant % of this organisation', given; END IF;
      DELETE FROM unit_access WHERE grant_id = given;
      DELETE FROM batch_access WHERE grant_id = given;
      DELETE FROM event_access WHERE grant_id = given;
    END $$;
  -- What the giver captures about the object while his grant stands belongs to it.
  CREATE FUNCTION share_with_grants(event bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      INSERT INTO event_access (event_id, organisation_id, grant_id, until)
      SELECT e.id, g.receiver_id, g.id, g.until
      FROM custody_event e
      JOIN custody_event_object o ON o.event_id = e.id
      JOIN access_grant g ON g.organisation_id = e.organisation_id AND g.object_key = o.object_key
      WHERE e.id = event AND e.organisation_id = coldchain_organisation() AND g.revoked_at IS NULL AND g.until > now()
      ON CONFLICT DO NOTHING $$;
  REVOKE ALL ON FUNCTION give_unit(integer, integer, bigint, bigint, timestamptz, timestamptz), apply_grant(bigint), end_grant(bigint),
    share_with_grants(bigint) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION apply_grant(bigint), end_grant(bigint) TO cct_api;
  GRANT EXECUTE ON FUNCTION share_with_grants(bigint) TO cct_api, cct_ingest;
`;

const HELD = `
  -- A thermal hold is for the owners of the unit's batches to assess: they get to see the unit, what was measured on it up
  -- to now, and the event that led to it. Who they are and that it is held is the ledger's word, not the caller's.
  CREATE FUNCTION show_held_units(keys text[], event bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE owner record;
    BEGIN
      FOR owner IN
        SELECT DISTINCT u.id AS unit_id, o.id AS organisation_id
        FROM unit u
        JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
        CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'batches') AS content
        JOIN expected_object b ON b.object_type = 'batch' AND b.object_key = content ->> 'batch'
        JOIN organisation o ON o.party = b.state ->> 'owner'
        WHERE u.unit_key = ANY(keys) AND s.state -> 'holds' @> '[{"kind": "thermal"}]'
      LOOP
        INSERT INTO unit_access (unit_id, organisation_id, granted_at)
          SELECT owner.unit_id, owner.organisation_id, clock_timestamp()
          ON CONFLICT (organisation_id, unit_id, grant_id) DO UPDATE SET granted_at = excluded.granted_at;
        INSERT INTO event_access (event_id, organisation_id)
          SELECT e.id, owner.organisation_id FROM custody_event e
          WHERE e.id = event AND e.organisation_id = coldchain_organisation()
          ON CONFLICT DO NOTHING;
      END LOOP;
    END $$;
  REVOKE ALL ON FUNCTION show_held_units(text[], bigint) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION show_held_units(text[], bigint) TO cct_api, cct_ingest;
`;

const LEGS = `
  -- The open leg of a unit ends, and a new one begins for its recorded custodian: custody passed to him by the act of
  -- another one, or a receiver who does not get the goods is to see nothing from here on. The carry goes along.
  CREATE FUNCTION renew_leg(renewed bigint, new_key text, at timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE old leg; holder integer; made bigint;
    BEGIN
      SELECT o.id INTO holder FROM unit u
        JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
        JOIN organisation o ON o.party = s.state ->> 'custodian'
        WHERE u.id = renewed AND (u.organisation_id = coldchain_organisation()
          OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = coldchain_organisation()
                     AND a.grant_id = 0));
      IF holder IS NULL THEN RAISE 'unit % is not known here', renewed; END IF;
      SELECT * INTO old FROM leg WHERE unit_id = renewed AND ended_at IS NULL FOR UPDATE;
      IF NOT FOUND THEN RETURN; END IF;
      UPDATE leg SET ended_at = greatest(started_at, at) WHERE id = old.id;
      INSERT INTO leg (leg_key, organisation_id, unit_id, logger_id, previous_leg_id, started_at)
        VALUES (new_key, holder, renewed, old.logger_id, old.id, greatest(old.started_at, at)) RETURNING id INTO made;
      INSERT INTO leg_change (leg_id) VALUES (old.id), (made);
    END $$;
  -- Of a unit that a receiver does not get he sees what he was shown, and nothing that is measured from then on.
  CREATE FUNCTION end_despatch(ended bigint, receiver integer, at timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM 1 FROM unit u
        JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
        JOIN organisation r ON r.id = receiver
        JOIN organisation me ON me.id = coldchain_organisation()
        WHERE u.id = ended AND s.state ->> 'receiver' IS NULL AND s.state ->> 'custodian' <> r.party
          AND (me.id = r.id OR s.state ->> 'custodian' = me.party);
      IF NOT FOUND THEN RAISE 'unit % is on its way or with that receiver', ended; END IF;
      UPDATE unit_access a SET granted_at = least(a.granted_at, at - interval '1 millisecond')
        WHERE a.unit_id = ended AND a.organisation_id = receiver AND a.grant_id = 0;
    END $$;
  REVOKE ALL ON FUNCTION renew_leg(bigint, text, timestamptz), end_despatch(bigint, integer, timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION renew_leg(bigint, text, timestamptz), end_despatch(bigint, integer, timestamptz) TO cct_api;
`;
