import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How the clock of a boot stood, and which frames were dated by that instead of by themselves. */
export class KeepBootClocks1763600000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE boot_clock (
        stream integer PRIMARY KEY REFERENCES stream,
        -- ms since 1970 and ms: a clock that lost its date shows years that timestamptz and people need not see
        wall_at_start bigint NOT NULL,
        shift_ms bigint NOT NULL,
        told_at timestamptz NOT NULL DEFAULT now(),
        -- Frames were dated by it: another word of the gateway would give a redelivery another day.
        used boolean NOT NULL DEFAULT false
      );
      ALTER TABLE boot_clock ENABLE ROW LEVEL SECURITY;
      CREATE POLICY boot_clock_own ON boot_clock FOR SELECT TO cct_api USING (stream IN (SELECT id FROM stream));
      CREATE POLICY boot_clock_ingest ON boot_clock TO cct_ingest USING (true);
      GRANT SELECT ON boot_clock TO cct_api;
      GRANT SELECT, INSERT, UPDATE ON boot_clock TO cct_ingest;

      -- The bytes of such a frame say other times than its readings are stored under.
      CREATE TABLE redated_frame (
        stream integer NOT NULL REFERENCES stream,
        seq bigint NOT NULL,
        shift_ms bigint NOT NULL,
        reason text NOT NULL CHECK (reason IN ('boot-clock-wrong')),
        PRIMARY KEY (stream, seq)
      );
      ALTER TABLE redated_frame ENABLE ROW LEVEL SECURITY;
      CREATE POLICY redated_frame_own ON redated_frame FOR SELECT TO cct_api USING (stream IN (SELECT id FROM stream));
      CREATE POLICY redated_frame_ingest ON redated_frame TO cct_ingest USING (true);
      GRANT SELECT ON redated_frame TO cct_api;
      GRANT SELECT, INSERT ON redated_frame TO cct_ingest;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
