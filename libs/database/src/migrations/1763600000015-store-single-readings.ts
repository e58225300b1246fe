import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Single readings get a lean table of their own: one row with the received bytes instead of a frame and a packed series
 * (frames laboratory §5 and §11). Readers take both from `stored_reading`; `readings()` is for people. And partitions are
 * made ahead and can be detached; nothing is deleted.
 */
export class StoreSingleReadings1763600000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reading_single (
        day date NOT NULL,
        logger integer NOT NULL,
        at timestamptz NOT NULL,
        stream integer NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 0),
        milli_celsius integer NOT NULL,
        humidity_permille smallint,
        signed_by integer,
        counter bigint,
        received_at timestamptz NOT NULL DEFAULT now(),
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        raw bytea NOT NULL,
        -- A redelivery has the same logger and time: one key serves duplicates and the readings of a logger.
        PRIMARY KEY (logger, at, stream, seq, day)
      ) PARTITION BY RANGE (day);
      CREATE INDEX reading_single_by_xid ON reading_single (xid);
      ALTER TABLE reading_single ENABLE ROW LEVEL SECURITY;
      CREATE POLICY reading_single_ingest ON reading_single TO cct_ingest USING (true);
      CREATE POLICY reading_single_own ON reading_single FOR SELECT TO cct_api USING (
        logger IN (SELECT id FROM logger WHERE organisation_id = coldchain_organisation())
        OR EXISTS (SELECT 1 FROM leg l WHERE l.logger_id = reading_single.logger
                   AND l.started_at <= reading_single.at AND (l.ended_at IS NULL OR l.ended_at >= reading_single.at)));
      GRANT SELECT ON reading_single TO cct_api;
      GRANT SELECT, INSERT ON reading_single TO cct_ingest;
      CREATE TRIGGER reading_single_notify AFTER INSERT ON reading_single FOR EACH STATEMENT EXECUTE FUNCTION notify_series();

      CREATE OR REPLACE FUNCTION ensure_reading_partition(wanted date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
          suffix text := to_char(wanted, 'YYYYMMDD');
          parent text;
        BEGIN
          IF to_regclass('reading_single_' || suffix) IS NOT NULL THEN RETURN; END IF;
          PERFORM pg_advisory_xact_lock(hashtext('ensure_reading_partition'));
          FOREACH parent IN ARRAY ARRAY['reading_frame', 'reading_series', 'reading_single'] LOOP
            IF to_regclass(parent || '_' || suffix) IS NOT NULL THEN CONTINUE; END IF;
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)%s',
                           parent || '_' || suffix, parent, wanted, wanted + 1,
                           CASE WHEN parent = 'reading_frame' THEN ' WITH (toast_tuple_target = 8160)' ELSE '' END);
            -- Policies are not inherited, and a query may name a partition: without one of its own it shows nothing.
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', parent || '_' || suffix);
          END LOOP;
        EXCEPTION WHEN duplicate_table THEN NULL; -- to_regclass can answer from before the other writer's commit
        END $$;

      -- Days that frames lie in already.
      DO $$
      DECLARE name text;
      BEGIN
        FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = 'reading_series'::regclass ORDER BY 1 LOOP
          PERFORM ensure_reading_partition(to_date(right(name, 8), 'YYYYMMDD'));
        END LOOP;
      END $$;

      -- Takes the partitions of a day out of the tables and keeps them under another name; what comes late for that day
      -- gets new ones. Nothing is deleted: what to do with a detached table is up to people.
      CREATE FUNCTION detach_reading_partitions(before date) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
        DECLARE
          partition record;
          detached integer := 0;
        BEGIN
          FOR partition IN
            SELECT p.relname AS parent, c.relname AS name FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
            WHERE p.relname IN ('reading_frame', 'reading_series', 'reading_single')
              AND to_date(right(c.relname, 8), 'YYYYMMDD') < before
            ORDER BY right(c.relname, 8), p.relname LOOP
            EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', partition.parent, partition.name);
            EXECUTE format('ALTER TABLE %I RENAME TO %I', partition.name,
                           'detached_' || partition.name || '_' || to_char(clock_timestamp(), 'YYYYMMDDHH24MISSMS'));
            detached := detached + 1;
          END LOOP;
          RETURN detached;
        END $$;
      REVOKE ALL ON FUNCTION detach_reading_partitions(date) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION detach_reading_partitions(date) TO cct_ingest;

      -- One row is one packed series or one single reading.
      CREATE VIEW stored_reading WITH (security_invoker = true) AS
        SELECT day, logger, t0, t1, stream, seq, xid, data, NULL::integer AS milli_celsius, NULL::smallint AS humidity_permille
        FROM reading_series
        UNION ALL
        SELECT day, logger, at, at, stream, seq, xid, NULL, milli_celsius, humidity_permille FROM reading_single;
      GRANT SELECT ON stored_reading TO cct_api, cct_ingest;

      CREATE FUNCTION unzigzag(value bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
        $$ SELECT (value >> 1) # -(value & 1) $$;

      -- The packed form of libs/telemetry/src/series-pack.ts, version 1: varints, zigzag deltas.
      CREATE FUNCTION unpack_series(data bytea)
        RETURNS TABLE (at timestamptz, milli_celsius integer, humidity_permille integer)
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
        DECLARE
          place integer := 2;
          length integer := octet_length(data);
          humid boolean := get_byte(data, 1) = 1;
          numbers bigint[] := '{}';
          value bigint; shift integer; byte integer;
          ms bigint := 0; temperature bigint := 0; wetness bigint := 0;
          step integer := CASE WHEN get_byte(data, 1) = 1 THEN 3 ELSE 2 END;
        BEGIN
          IF get_byte(data, 0) <> 1 OR get_byte(data, 1) > 1 THEN
            RAISE EXCEPTION 'unknown form of a packed series' USING ERRCODE = 'data_corrupted';
          END IF;
          WHILE place < length LOOP
            value := 0; shift := 0;
            LOOP
              byte := get_byte(data, place);
              place := place + 1;
              value := value | ((byte & 127)::bigint << shift);
              shift := shift + 7;
              EXIT WHEN byte < 128;
            END LOOP;
            numbers := array_append(numbers, value);
          END LOOP;
          IF array_length(numbers, 1) <> 1 + numbers[1] * step THEN
            RAISE EXCEPTION 'a packed series has another length than it says' USING ERRCODE = 'data_corrupted';
          END IF;
          FOR i IN 0 .. numbers[1] - 1 LOOP
            ms := ms + unzigzag(numbers[2 + i * step]);
            temperature := temperature + unzigzag(numbers[3 + i * step]);
            IF humid THEN wetness := wetness + unzigzag(numbers[4 + i * step]); END IF;
            at := timestamptz 'epoch' + ms * interval '1 ms';
            milli_celsius := temperature;
            humidity_permille := nullif(wetness, 0) - 1;
            RETURN NEXT;
          END LOOP;
        END $$;

      -- Readings of a logger in [since, until), oldest first, as people read them. A frame spans at most 24 hours.
      CREATE FUNCTION readings(of_logger integer, since timestamptz, until timestamptz)
        RETURNS TABLE (at timestamptz, celsius numeric(7, 3), humidity numeric(4, 1), stream integer, seq bigint)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT x.at, x.milli_celsius / 1000.0, x.humidity_permille / 10.0, s.stream, s.seq
          FROM reading_series s CROSS JOIN LATERAL unpack_series(s.data) x
          WHERE s.logger = of_logger AND s.t0 >= since - interval '24 hours' AND s.t0 < until AND s.t1 >= since
            AND s.day BETWEEN ((since - interval '24 hours') AT TIME ZONE 'UTC')::date AND (until AT TIME ZONE 'UTC')::date
            AND x.at >= since AND x.at < until
          UNION ALL
          SELECT r.at, r.milli_celsius / 1000.0, r.humidity_permille / 10.0, r.stream, r.seq
          FROM reading_single r
          WHERE r.logger = of_logger AND r.at >= since AND r.at < until
            AND r.day BETWEEN (since AT TIME ZONE 'UTC')::date AND (until AT TIME ZONE 'UTC')::date
          ORDER BY 1, 4, 5
        $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
