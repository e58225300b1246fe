import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Frames of a single reading are under telemetry roots like all others: who receives them can prove them, and fsck, with
 * the rights of the worker, recomputes their leaves from the received bytes.
 */
export class ProveSingleReadings1763600000026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE POLICY reading_single_received ON reading_single FOR SELECT TO cct_api USING (stream IN (SELECT id FROM stream));
      CREATE POLICY reading_single_worker ON reading_single FOR SELECT TO cct_worker USING (true);
      GRANT SELECT (day, stream, seq, xid, raw) ON reading_single TO cct_worker;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
