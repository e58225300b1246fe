import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Partitions of readings can be detached; nothing is deleted. And `readings()` shows people what packed series hold.
 */
export class TendPartitions1763600000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
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
            WHERE p.relname IN ('reading_frame', 'reading_series')
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
          ORDER BY 1, 4, 5
        $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
