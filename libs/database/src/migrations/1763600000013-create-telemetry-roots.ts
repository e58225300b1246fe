import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Merkle trees over accepted frames: one log per organisation, one tree per interval, every leaf kept, so that any frame
 * can be proven later without the bytes of its neighbours. Accepting a frame writes nothing here: a follower of
 * `reading_series.xid` grows the logs.
 */
export class CreateTelemetryRoots1763600000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE telemetry_log (
        organisation_id integer PRIMARY KEY REFERENCES organisation,
        -- drawn: the first to anchor index 0 of a log owns it, so its name must not be guessable before
        log text NOT NULL UNIQUE CHECK (log ~ '^[0-9a-f]{64}$'),
        -- salts of the leaves derive from it: a path shows neighbours, whose few possible readings could be tried out
        secret bytea NOT NULL CHECK (octet_length(secret) = 32),
        -- every frame of a transaction below this one has its leaf
        followed xid8 NOT NULL DEFAULT '0',
        looked_at timestamptz NOT NULL DEFAULT '-infinity',
        -- indexes below this one are known to be on the ledger
        anchored integer NOT NULL DEFAULT 0
      );
      CREATE TABLE telemetry_root (
        organisation_id integer NOT NULL REFERENCES telemetry_log,
        index integer NOT NULL CHECK (index >= 0),
        root bytea NOT NULL CHECK (octet_length(root) = 32),
        previous bytea CHECK (octet_length(previous) = 32),
        -- ms since 1970: frames of the tree became visible to the follower in [from, to]
        window_from bigint NOT NULL,
        window_to bigint NOT NULL,
        -- 32 bytes per leaf, in order of stream, day and number
        leaves bytea NOT NULL CHECK (octet_length(leaves) > 0 AND octet_length(leaves) % 32 = 0),
        PRIMARY KEY (organisation_id, index),
        CHECK ((index = 0) = (previous IS NULL)),
        CHECK (window_from <= window_to)
      );
      -- digests do not compress: trying costs more than storing
      ALTER TABLE telemetry_root ALTER COLUMN leaves SET STORAGE EXTERNAL;
      -- Which leaves are whose: consecutive numbers of a stream and day that lie beside each other in one tree.
      CREATE TABLE telemetry_run (
        stream integer NOT NULL,
        day date NOT NULL,
        first_seq bigint NOT NULL,
        frames integer NOT NULL CHECK (frames > 0),
        index integer NOT NULL,
        first_leaf integer NOT NULL,
        PRIMARY KEY (stream, day, first_seq)
      );

      ALTER TABLE telemetry_log ENABLE ROW LEVEL SECURITY;
      CREATE POLICY telemetry_log_own ON telemetry_log FOR SELECT TO cct_api USING (organisation_id = coldchain_organisation());
      CREATE POLICY telemetry_log_ingest ON telemetry_log TO cct_ingest USING (true);
      CREATE POLICY telemetry_log_worker ON telemetry_log FOR SELECT TO cct_worker USING (true);
      GRANT SELECT ON telemetry_log TO cct_api, cct_worker;
      GRANT SELECT, INSERT, UPDATE (followed, looked_at, anchored) ON telemetry_log TO cct_ingest;
      ALTER TABLE telemetry_root ENABLE ROW LEVEL SECURITY;
      CREATE POLICY telemetry_root_own ON telemetry_root FOR SELECT TO cct_api USING (organisation_id = coldchain_organisation());
      CREATE POLICY telemetry_root_ingest ON telemetry_root TO cct_ingest USING (true);
      CREATE POLICY telemetry_root_worker ON telemetry_root FOR SELECT TO cct_worker USING (true);
      GRANT SELECT ON telemetry_root TO cct_api, cct_worker;
      GRANT SELECT, INSERT ON telemetry_root TO cct_ingest;
      ALTER TABLE telemetry_run ENABLE ROW LEVEL SECURITY;
      CREATE POLICY telemetry_run_own ON telemetry_run FOR SELECT TO cct_api USING (stream IN (SELECT id FROM stream));
      CREATE POLICY telemetry_run_ingest ON telemetry_run TO cct_ingest USING (true);
      CREATE POLICY telemetry_run_worker ON telemetry_run FOR SELECT TO cct_worker USING (true);
      GRANT SELECT ON telemetry_run TO cct_api, cct_worker;
      GRANT SELECT, INSERT ON telemetry_run TO cct_ingest;

      -- fsck, with the rights of the worker, recomputes every tree from the stored bytes.
      CREATE POLICY gateway_worker ON gateway FOR SELECT TO cct_worker USING (true);
      GRANT SELECT (id, organisation_id, name) ON gateway TO cct_worker;
      CREATE POLICY stream_worker ON stream FOR SELECT TO cct_worker USING (true);
      GRANT SELECT ON stream TO cct_worker;
      CREATE POLICY reading_frame_worker ON reading_frame FOR SELECT TO cct_worker USING (true);
      GRANT SELECT ON reading_frame TO cct_worker;
      CREATE POLICY reading_series_worker ON reading_series FOR SELECT TO cct_worker USING (true);
      GRANT SELECT (day, stream, seq, xid) ON reading_series TO cct_worker;

      -- The read model holds every type of object that the contract keeps.
      ALTER TABLE ledger_object DROP CONSTRAINT ledger_object_object_type_check;
      ALTER TABLE ledger_object ADD CONSTRAINT ledger_object_object_type_check
        CHECK (object_type IN ('party', 'profile', 'batch', 'unit', 'pack', 'device', 'access', 'root'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
