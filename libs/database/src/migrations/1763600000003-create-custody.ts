import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Products, batches, packs, units, the custody events about them, and the outbox that anchors each event. Who may see a
 * row of another organisation is explicit: `batch_access`, `unit_access` and `event_access` are written when goods and
 * their data change hands, by functions that first check that the giver may see what he gives.
 */
export class CreateCustody1763600000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE product (
        gtin text PRIMARY KEY CHECK (gtin ~ '^[0-9]{14}$'),
        organisation_id integer NOT NULL REFERENCES organisation,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      ALTER TABLE product ENABLE ROW LEVEL SECURITY;
      -- Product-level information is public; only its owner writes it.
      CREATE POLICY product_read ON product FOR SELECT USING (true);
      CREATE POLICY product_write ON product FOR INSERT TO cct_api WITH CHECK (organisation_id = coldchain_organisation());
      GRANT SELECT ON product TO cct_api, cct_ingest, cct_worker;
      GRANT INSERT ON product TO cct_api;

      CREATE TABLE product_profile (
        gtin text NOT NULL REFERENCES product,
        version integer NOT NULL CHECK (version > 0),
        organisation_id integer NOT NULL REFERENCES organisation,
        profile jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (gtin, version)
      );
      ALTER TABLE product_profile ENABLE ROW LEVEL SECURITY;
      CREATE POLICY product_profile_read ON product_profile FOR SELECT USING (true);
      CREATE POLICY product_profile_write ON product_profile FOR INSERT TO cct_api WITH CHECK (organisation_id = coldchain_organisation());
      GRANT SELECT ON product_profile TO cct_api, cct_ingest, cct_worker;
      GRANT INSERT ON product_profile TO cct_api;

      CREATE TABLE batch (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        gtin text NOT NULL REFERENCES product,
        lot text NOT NULL CHECK (length(lot) BETWEEN 1 AND 20),
        expiry date NOT NULL,
        profile_version integer NOT NULL,
        secret bytea NOT NULL CHECK (octet_length(secret) = 32),
        batch_key text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (organisation_id, gtin, lot),
        FOREIGN KEY (gtin, profile_version) REFERENCES product_profile
      );
      CREATE INDEX batch_by_lot ON batch (gtin, lot);
      CREATE TABLE batch_access (
        batch_id bigint NOT NULL REFERENCES batch,
        organisation_id integer NOT NULL REFERENCES organisation,
        granted_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (organisation_id, batch_id)
      );
      ALTER TABLE batch_access ENABLE ROW LEVEL SECURITY;
      CREATE POLICY batch_access_own ON batch_access FOR SELECT USING (organisation_id = coldchain_organisation());
      ALTER TABLE batch ENABLE ROW LEVEL SECURITY;
      CREATE POLICY batch_read ON batch FOR SELECT USING (
        organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM batch_access a WHERE a.batch_id = batch.id AND a.organisation_id = coldchain_organisation()));
      CREATE POLICY batch_write ON batch FOR INSERT WITH CHECK (organisation_id = coldchain_organisation());
      GRANT SELECT ON batch_access TO cct_api, cct_ingest;
      GRANT SELECT, INSERT ON batch TO cct_api;
      GRANT SELECT ON batch TO cct_ingest;

      CREATE TABLE unit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        sscc text NOT NULL CHECK (sscc ~ '^[0-9]{18}$'),
        secret bytea NOT NULL CHECK (octet_length(secret) = 32),
        unit_key text NOT NULL UNIQUE,
        parent_id bigint REFERENCES unit,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (organisation_id, sscc)
      );
      CREATE INDEX unit_by_sscc ON unit (sscc);
      CREATE INDEX unit_by_parent ON unit (parent_id);
      CREATE TABLE unit_access (
        unit_id bigint NOT NULL REFERENCES unit,
        organisation_id integer NOT NULL REFERENCES organisation,
        granted_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (organisation_id, unit_id)
      );
      CREATE INDEX unit_access_by_unit ON unit_access (unit_id);
      ALTER TABLE unit_access ENABLE ROW LEVEL SECURITY;
      CREATE POLICY unit_access_own ON unit_access FOR SELECT USING (organisation_id = coldchain_organisation());
      ALTER TABLE unit ENABLE ROW LEVEL SECURITY;
      CREATE POLICY unit_read ON unit FOR SELECT USING (
        organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = unit.id AND a.organisation_id = coldchain_organisation()));
      CREATE POLICY unit_write ON unit FOR INSERT WITH CHECK (organisation_id = coldchain_organisation());
      CREATE POLICY unit_repack ON unit FOR UPDATE USING (
        organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = unit.id AND a.organisation_id = coldchain_organisation()));
      GRANT SELECT ON unit_access TO cct_api, cct_ingest;
      GRANT SELECT, INSERT, UPDATE (parent_id) ON unit TO cct_api;
      GRANT SELECT ON unit TO cct_ingest;

      -- One row per registered pack: its place in the Merkle tree of its production run, and the unit it lies in.
      CREATE TABLE pack (
        batch_id bigint NOT NULL REFERENCES batch,
        serial text NOT NULL CHECK (length(serial) BETWEEN 1 AND 20),
        run smallint NOT NULL,
        leaf_index integer NOT NULL,
        pack_key text NOT NULL,
        unit_id bigint REFERENCES unit,
        PRIMARY KEY (batch_id, serial)
      );
      CREATE UNIQUE INDEX pack_by_leaf ON pack (batch_id, run, leaf_index);
      CREATE INDEX pack_by_unit ON pack (unit_id) WHERE unit_id IS NOT NULL;
      ALTER TABLE pack ENABLE ROW LEVEL SECURITY;
      CREATE POLICY pack_by_batch ON pack USING (EXISTS (SELECT 1 FROM batch b WHERE b.id = pack.batch_id));
      GRANT SELECT, INSERT, UPDATE (unit_id) ON pack TO cct_api;

      CREATE TABLE custody_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        event_type text NOT NULL,
        action text,
        biz_step text,
        disposition text,
        event_time timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        -- the RFC 8785 form: what is digested
        document text NOT NULL,
        hash_profile text NOT NULL,
        event_hash bytea NOT NULL CHECK (octet_length(event_hash) = 32),
        digest bytea NOT NULL CHECK (octet_length(digest) = 32),
        salt bytea NOT NULL CHECK (octet_length(salt) = 32),
        commitment text NOT NULL UNIQUE CHECK (commitment ~ '^[0-9a-f]{64}$'),
        command text NOT NULL,
        -- what belongs to the act and has no place in an EPCIS event (a discrepancy in words, the class of a recall)
        attachment jsonb,
        anchor_state text NOT NULL DEFAULT 'pending' CHECK (anchor_state IN ('pending', 'anchored', 'refused')),
        refusal jsonb,
        transaction_id text,
        block bigint,
        anchored_at timestamptz,
        UNIQUE (organisation_id, digest),
        CHECK ((anchor_state = 'refused') = (refusal IS NOT NULL)),
        CHECK ((anchor_state = 'anchored') = (block IS NOT NULL))
      );
      CREATE INDEX custody_event_pending ON custody_event (recorded_at) WHERE anchor_state = 'pending';
      CREATE TABLE event_access (
        event_id bigint NOT NULL REFERENCES custody_event,
        organisation_id integer NOT NULL REFERENCES organisation,
        PRIMARY KEY (organisation_id, event_id)
      );
      ALTER TABLE event_access ENABLE ROW LEVEL SECURITY;
      CREATE POLICY event_access_own ON event_access FOR SELECT TO cct_api, cct_ingest USING (organisation_id = coldchain_organisation());
      ALTER TABLE custody_event ENABLE ROW LEVEL SECURITY;
      CREATE POLICY custody_event_read ON custody_event FOR SELECT TO cct_api, cct_ingest USING (
        organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM event_access a WHERE a.event_id = custody_event.id AND a.organisation_id = coldchain_organisation()));
      CREATE POLICY custody_event_write ON custody_event FOR INSERT TO cct_api, cct_ingest WITH CHECK (organisation_id = coldchain_organisation());
      CREATE POLICY custody_event_worker ON custody_event TO cct_worker USING (true);
      GRANT SELECT ON event_access TO cct_api, cct_ingest;
      GRANT SELECT, INSERT ON custody_event TO cct_api, cct_ingest;
      GRANT SELECT, UPDATE (anchor_state, refusal, transaction_id, block, anchored_at) ON custody_event TO cct_worker;

      CREATE TABLE custody_event_object (
        event_id bigint NOT NULL REFERENCES custody_event,
        object_type text NOT NULL CHECK (object_type IN ('batch', 'unit', 'pack')),
        object_key text NOT NULL,
        PRIMARY KEY (event_id, object_key)
      );
      CREATE INDEX custody_event_object_by_key ON custody_event_object (object_key, event_id);
      ALTER TABLE custody_event_object ENABLE ROW LEVEL SECURITY;
      CREATE POLICY custody_event_object_by_event ON custody_event_object TO cct_api, cct_ingest
        USING (EXISTS (SELECT 1 FROM custody_event e WHERE e.id = event_id));
      CREATE POLICY custody_event_object_worker ON custody_event_object FOR SELECT TO cct_worker USING (true);
      GRANT SELECT, INSERT ON custody_event_object TO cct_api, cct_ingest;
      GRANT SELECT ON custody_event_object TO cct_worker;

      -- What each object's ledger state will be once everything that was captured is committed: the same rules that the
      -- contract applies judge an act against it before it is stored. Reset to the ledger's state when one is refused.
      -- It holds what every member of the channel sees, under pseudonymous keys.
      CREATE TABLE expected_object (
        object_type text NOT NULL,
        object_key text NOT NULL,
        state jsonb NOT NULL,
        PRIMARY KEY (object_type, object_key)
      );
      ALTER TABLE expected_object ENABLE ROW LEVEL SECURITY;
      CREATE POLICY expected_object_all ON expected_object USING (true);
      GRANT SELECT, INSERT, UPDATE ON expected_object TO cct_api, cct_ingest, cct_worker;
      GRANT DELETE ON expected_object TO cct_worker;

      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id bigint REFERENCES custody_event,
        signing_party text NOT NULL,
        command text NOT NULL,
        payload jsonb NOT NULL,
        -- order is kept per key: objects, or 'party:…' and 'profile:…'
        object_keys text[] NOT NULL,
        -- 0 first: exposure that places a hold overtakes what else waits
        priority smallint NOT NULL DEFAULT 1,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'submitted', 'committed', 'refused', 'parked')),
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        transaction_id text UNIQUE,
        envelope bytea,
        last_error jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        settled_at timestamptz
      );
      CREATE INDEX outbox_open ON outbox (priority, id) WHERE state IN ('pending', 'submitted');
      CREATE INDEX outbox_by_event ON outbox (event_id);
      ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
      CREATE POLICY outbox_insert ON outbox FOR INSERT TO cct_api, cct_ingest WITH CHECK (
        signing_party = (SELECT o.party FROM organisation o WHERE o.id = coldchain_organisation()));
      CREATE POLICY outbox_worker ON outbox TO cct_worker USING (true);
      GRANT INSERT ON outbox TO cct_api, cct_ingest;
      GRANT SELECT, UPDATE ON outbox TO cct_worker;
      CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NOTIFY coldchain_outbox; RETURN NULL; END $$;
      CREATE TRIGGER outbox_notify AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();

      -- Giving data away. Each function works only on rows that the current organisation can see itself.
      CREATE FUNCTION share_event(event bigint, receiver integer) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          INSERT INTO event_access (event_id, organisation_id)
          SELECT e.id, receiver FROM custody_event e
          WHERE e.id = event AND (e.organisation_id = coldchain_organisation()
            OR EXISTS (SELECT 1 FROM event_access a WHERE a.event_id = e.id AND a.organisation_id = coldchain_organisation()))
          ON CONFLICT DO NOTHING;
        END $$;

      -- Despatch data: the unit and all that is in it, their batches and secrets, and the events so far about them.
      CREATE FUNCTION share_unit(shared bigint, receiver integer) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE giver integer := coldchain_organisation();
        BEGIN
          CREATE TEMPORARY TABLE IF NOT EXISTS despatch (unit_id bigint PRIMARY KEY) ON COMMIT DROP;
          TRUNCATE despatch;
          INSERT INTO despatch
          WITH RECURSIVE inside AS (
            SELECT u.id FROM unit u WHERE u.id = shared AND (u.organisation_id = giver
              OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = u.id AND a.organisation_id = giver))
            UNION SELECT c.id FROM unit c JOIN inside i ON c.parent_id = i.id
          ) SELECT id FROM inside;
          -- Also the units that these came out of or were filled from: what they went through is part of the evidence.
          -- A second grant shows what happened since the first.
          INSERT INTO unit_access (unit_id, organisation_id, granted_at)
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
                OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = x.id AND a.organisation_id = giver))
              JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = x.unit_key
              WHERE e.state -> 'heirs' ? l.unit_key
            ) SELECT unit_id, receiver, clock_timestamp() FROM lineage
            ON CONFLICT (organisation_id, unit_id) DO UPDATE SET granted_at = excluded.granted_at;
          INSERT INTO batch_access (batch_id, organisation_id)
            SELECT DISTINCT b.id, receiver
            FROM despatch d JOIN unit u ON u.id = d.unit_id
            JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
            CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'batches') AS content
            JOIN batch b ON b.batch_key = content ->> 'batch'
            ON CONFLICT DO NOTHING;
          INSERT INTO event_access (event_id, organisation_id)
            SELECT DISTINCT e.id, receiver
            FROM custody_event_object o JOIN custody_event e ON e.id = o.event_id
            WHERE (e.organisation_id = giver
                OR EXISTS (SELECT 1 FROM event_access a WHERE a.event_id = e.id AND a.organisation_id = giver))
              AND o.object_key IN (
                SELECT u.unit_key FROM despatch d JOIN unit u ON u.id = d.unit_id
                UNION
                SELECT content ->> 'batch' FROM despatch d JOIN unit u ON u.id = d.unit_id
                  JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
                  CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'batches') AS content)
            ON CONFLICT DO NOTHING;
        END $$;
      -- Somebody holds a unit that was not announced to him: he may see that unit (not its contents) in order to say so.
      -- Nothing is granted on an SSCC that several organisations have used.
      CREATE FUNCTION claim_unit(claimed text) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
          INSERT INTO unit_access (unit_id, organisation_id, granted_at)
          SELECT min(id), coldchain_organisation(), clock_timestamp() FROM unit WHERE sscc = claimed HAVING count(*) = 1
          ON CONFLICT DO NOTHING
        $$;
      REVOKE ALL ON FUNCTION share_event(bigint, integer), share_unit(bigint, integer), claim_unit(text) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION share_event(bigint, integer), share_unit(bigint, integer) TO cct_api, cct_ingest;
      GRANT EXECUTE ON FUNCTION claim_unit(text) TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
