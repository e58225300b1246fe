import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Gateways, loggers, and the frames they deliver. Layout A of the frames laboratory: the received bytes under the key
 * (stream, seq, day), one series row per logger in the frame with packed values, bitmap watermarks per 1,024 numbers.
 */
export class CreateReadings1763600000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gateway (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
        password_hash text NOT NULL,
        accepts_unsequenced boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz,
        UNIQUE (organisation_id, name)
      );
      ALTER TABLE gateway ENABLE ROW LEVEL SECURITY;
      CREATE POLICY gateway_own ON gateway TO cct_api USING (organisation_id = coldchain_organisation());
      CREATE POLICY gateway_ingest ON gateway TO cct_ingest USING (true);
      GRANT SELECT, INSERT ON gateway TO cct_api;
      GRANT SELECT, UPDATE (last_seen_at) ON gateway TO cct_ingest;

      CREATE TABLE logger (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        serial text NOT NULL CHECK (length(serial) BETWEEN 1 AND 128),
        interval_ms integer NOT NULL CHECK (interval_ms > 0),
        -- false: heard before anybody registered it; its readings are kept, nothing is bound to it yet
        registered boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (organisation_id, serial)
      );
      CREATE INDEX logger_by_serial ON logger (serial);
      ALTER TABLE logger ENABLE ROW LEVEL SECURITY;
      CREATE POLICY logger_own ON logger TO cct_api USING (organisation_id = coldchain_organisation());
      CREATE POLICY logger_ingest ON logger TO cct_ingest USING (true);
      GRANT SELECT, INSERT, UPDATE ON logger TO cct_api, cct_ingest;

      -- (gateway, boot) gets a small number: frames and series carry it instead of two texts.
      CREATE TABLE stream (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        gateway_id integer NOT NULL REFERENCES gateway,
        boot text NOT NULL CHECK (length(boot) BETWEEN 1 AND 128),
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (gateway_id, boot)
      );
      ALTER TABLE stream ENABLE ROW LEVEL SECURITY;
      CREATE POLICY stream_own ON stream TO cct_api USING (gateway_id IN (SELECT id FROM gateway));
      CREATE POLICY stream_ingest ON stream TO cct_ingest USING (true);
      GRANT SELECT ON stream TO cct_api;
      GRANT SELECT, INSERT ON stream TO cct_ingest;

      CREATE TABLE reading_frame (
        day date NOT NULL,
        stream integer NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 0),
        n smallint NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        sha256 bytea NOT NULL,
        raw bytea NOT NULL,
        PRIMARY KEY (stream, seq, day)
      ) PARTITION BY RANGE (day);
      ALTER TABLE reading_frame ENABLE ROW LEVEL SECURITY;
      CREATE POLICY reading_frame_own ON reading_frame TO cct_api USING (stream IN (SELECT id FROM stream));
      CREATE POLICY reading_frame_ingest ON reading_frame TO cct_ingest USING (true);
      GRANT SELECT ON reading_frame TO cct_api;
      GRANT SELECT, INSERT ON reading_frame TO cct_ingest;

      CREATE TABLE reading_series (
        day date NOT NULL,
        logger integer NOT NULL,
        t0 timestamptz NOT NULL,
        t1 timestamptz NOT NULL,
        stream integer NOT NULL,
        seq bigint NOT NULL,
        n smallint NOT NULL,
        lo integer NOT NULL,
        hi integer NOT NULL,
        data bytea NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id()
      ) PARTITION BY RANGE (day);
      CREATE INDEX reading_series_by_logger ON reading_series (logger, t0);
      -- The evaluator follows by transaction; the index grows at its right end only.
      CREATE INDEX reading_series_by_xid ON reading_series (xid);
      ALTER TABLE reading_series ENABLE ROW LEVEL SECURITY;
      CREATE POLICY reading_series_ingest ON reading_series TO cct_ingest USING (true);
      GRANT SELECT ON reading_series TO cct_api;
      GRANT SELECT, INSERT ON reading_series TO cct_ingest;

      -- One bit per sequence number; clash: a number that came again with other bytes (tamper finding).
      CREATE TABLE stream_watermark (
        stream integer NOT NULL,
        chunk bigint NOT NULL,
        got bit(1024) NOT NULL,
        clash bit(1024) NOT NULL,
        frames bigint NOT NULL,
        PRIMARY KEY (stream, chunk)
      );
      ALTER TABLE stream_watermark ENABLE ROW LEVEL SECURITY;
      CREATE POLICY stream_watermark_own ON stream_watermark FOR SELECT TO cct_api USING (stream IN (SELECT id FROM stream));
      CREATE POLICY stream_watermark_ingest ON stream_watermark TO cct_ingest USING (true);
      GRANT SELECT ON stream_watermark TO cct_api;
      GRANT SELECT, INSERT, UPDATE ON stream_watermark TO cct_ingest;

      CREATE TABLE dead_letter (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer REFERENCES organisation,
        gateway_id integer REFERENCES gateway,
        topic text NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        boot text,
        seq bigint,
        code text NOT NULL,
        details jsonb NOT NULL,
        raw bytea NOT NULL
      );
      CREATE INDEX dead_letter_by_gateway ON dead_letter (gateway_id, id);
      CREATE INDEX dead_letter_by_sequence ON dead_letter (gateway_id, boot, seq) WHERE seq IS NOT NULL;
      ALTER TABLE dead_letter ENABLE ROW LEVEL SECURITY;
      CREATE POLICY dead_letter_own ON dead_letter FOR SELECT TO cct_api USING (organisation_id = coldchain_organisation());
      CREATE POLICY dead_letter_ingest ON dead_letter TO cct_ingest USING (true);
      GRANT SELECT ON dead_letter TO cct_api;
      GRANT SELECT, INSERT ON dead_letter TO cct_ingest;

      -- A frame's partition follows from the day of its first reading, so a redelivery meets its own key. Made when the
      -- first frame of a day arrives; the lock keeps two writers from making one partition twice.
      CREATE FUNCTION ensure_reading_partition(wanted date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE suffix text := to_char(wanted, 'YYYYMMDD');
        BEGIN
          IF to_regclass('reading_series_' || suffix) IS NOT NULL THEN RETURN; END IF;
          PERFORM pg_advisory_xact_lock(hashtext('ensure_reading_partition'));
          IF to_regclass('reading_series_' || suffix) IS NOT NULL THEN RETURN; END IF;
          EXECUTE format('CREATE TABLE %I PARTITION OF reading_frame FOR VALUES FROM (%L) TO (%L) WITH (toast_tuple_target = 8160)',
                         'reading_frame_' || suffix, wanted, wanted + 1);
          EXECUTE format('CREATE TABLE %I PARTITION OF reading_series FOR VALUES FROM (%L) TO (%L)',
                         'reading_series_' || suffix, wanted, wanted + 1);
          -- Policies are not inherited, and a query may name a partition: without one of its own it shows nothing.
          EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 'reading_frame_' || suffix);
          EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 'reading_series_' || suffix);
        EXCEPTION WHEN duplicate_table THEN NULL; -- to_regclass can answer from before the other writer's commit
        END $$;
      REVOKE ALL ON FUNCTION ensure_reading_partition(date) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION ensure_reading_partition(date) TO cct_ingest;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
