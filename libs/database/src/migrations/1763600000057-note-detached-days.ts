import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which partitions were detached, also when people moved them away since: a frame that comes again for such a day is
 * compared with the detached table while it is there, and is no clash only because it cannot be compared any more.
 */
export class NoteDetachedDays1763600000057 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE detached_partition (
        name text PRIMARY KEY,
        parent text NOT NULL CHECK (parent IN ('reading_frame', 'reading_series', 'reading_single')),
        day date NOT NULL,
        detached_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX detached_partition_by_day ON detached_partition (day);
      ALTER TABLE detached_partition ENABLE ROW LEVEL SECURITY;
      CREATE POLICY detached_partition_ingest ON detached_partition FOR SELECT TO cct_ingest USING (true);
      GRANT SELECT ON detached_partition TO cct_ingest;
      INSERT INTO detached_partition (name, parent, day)
        SELECT relname, substring(relname FROM '^detached_(reading_[a-z]+)_'),
               to_date(substring(relname FROM '_([0-9]{8})_[0-9]{17}$'), 'YYYYMMDD')
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND relname ~ '^detached_reading_(frame|series|single)_[0-9]{8}_[0-9]{17}$';

      CREATE OR REPLACE FUNCTION detach_reading_partitions(before date) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
        DECLARE
          partition record;
          kept_as text;
          detached integer := 0;
        BEGIN
          FOR partition IN
            SELECT p.relname AS parent, c.relname AS name, to_date(right(c.relname, 8), 'YYYYMMDD') AS day FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
            WHERE p.relname IN ('reading_frame', 'reading_series', 'reading_single')
              AND to_date(right(c.relname, 8), 'YYYYMMDD') < before
            ORDER BY right(c.relname, 8), p.relname LOOP
            kept_as := 'detached_' || partition.name || '_' || to_char(clock_timestamp(), 'YYYYMMDDHH24MISSMS');
            EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', partition.parent, partition.name);
            EXECUTE format('ALTER TABLE %I RENAME TO %I', partition.name, kept_as);
            INSERT INTO detached_partition (name, parent, day) VALUES (kept_as, partition.parent, partition.day);
            detached := detached + 1;
          END LOOP;
          RETURN detached;
        END $$;

      -- Of messages that detached partitions of their day concern: whether one of these has the same bytes (true), or is not
      -- here any more, so that nobody can tell (false).
      CREATE FUNCTION compare_with_detached(days date[], streams integer[], seqs bigint[], hashes bytea[], serials text[],
                                            times timestamptz[])
        RETURNS TABLE (stream integer, seq bigint, identical boolean)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
          partition record;
          given CONSTANT text := 'unnest($1, $2, $3, $4, $5, $6) AS x (day, stream, seq, sha256, serial, at)';
        BEGIN
          FOR partition IN SELECT p.name, p.parent, p.day FROM detached_partition p
            WHERE p.day = ANY (days) AND p.parent <> 'reading_series' ORDER BY p.name LOOP
            IF to_regclass(quote_ident(partition.name)) IS NULL THEN
              RETURN QUERY SELECT x.stream, x.seq, false FROM unnest(days, streams, seqs) AS x (day, stream, seq)
                WHERE x.day = partition.day;
            ELSIF partition.parent = 'reading_frame' THEN
              RETURN QUERY EXECUTE format(
                'SELECT stream, seq, true FROM %s JOIN %I f USING (day, stream, seq) WHERE f.sha256 = x.sha256',
                given, partition.name) USING days, streams, seqs, hashes, serials, times;
            ELSE
              RETURN QUERY EXECUTE format(
                'SELECT stream, seq, true FROM %s JOIN logger l USING (serial) JOIN %I s USING (day, stream, seq, at)
                 WHERE s.logger = l.id AND sha256(s.raw) = x.sha256',
                given, partition.name) USING days, streams, seqs, hashes, serials, times;
            END IF;
          END LOOP;
        END $$;
      REVOKE ALL ON FUNCTION compare_with_detached(date[], integer[], bigint[], bytea[], text[], timestamptz[]) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION compare_with_detached(date[], integer[], bigint[], bytea[], text[], timestamptz[]) TO cct_ingest;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
