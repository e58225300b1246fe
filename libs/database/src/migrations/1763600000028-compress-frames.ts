import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where the server was built with lz4, partitions made from now on keep the received bytes of frames compressed by it,
 * still inside the row (storage MAIN: out of line only where nothing else fits). The frames laboratory (§2) measured 30
 * instead of 75 bytes a reading and no loss of speed; pglz, which every server has, costs more than it saves there, so
 * without lz4 they stay as they are. The bytes that are read are the same.
 */
export class CompressFrames1763600000028 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION ensure_reading_partition(wanted date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
          suffix text := to_char(wanted, 'YYYYMMDD');
          has_lz4 boolean := (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression');
          parent text;
        BEGIN
          IF to_regclass('reading_single_' || suffix) IS NOT NULL THEN RETURN; END IF;
          PERFORM pg_advisory_xact_lock(hashtext('ensure_reading_partition'));
          FOREACH parent IN ARRAY ARRAY['reading_frame', 'reading_series', 'reading_single'] LOOP
            IF to_regclass(parent || '_' || suffix) IS NOT NULL THEN CONTINUE; END IF;
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)%s',
                           parent || '_' || suffix, parent, wanted, wanted + 1,
                           CASE WHEN parent = 'reading_frame' AND NOT has_lz4 THEN ' WITH (toast_tuple_target = 8160)' ELSE '' END);
            IF parent = 'reading_frame' AND has_lz4 THEN
              -- The hash PLAIN: to make a row smaller the server moves whatever may be moved out of it, before it compresses MAIN.
              EXECUTE format('ALTER TABLE %I ALTER COLUMN raw SET STORAGE MAIN, ALTER COLUMN raw SET COMPRESSION lz4,
                                             ALTER COLUMN sha256 SET STORAGE PLAIN', parent || '_' || suffix);
            END IF;
            -- Policies are not inherited, and a query may name a partition: without one of its own it shows nothing.
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', parent || '_' || suffix);
          END LOOP;
        EXCEPTION WHEN duplicate_table THEN NULL; -- to_regclass can answer from before the other writer's commit
        END $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
