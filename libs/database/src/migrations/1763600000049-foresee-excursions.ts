import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Flags also tell what is to come: that a product will leave its range, that a compressor will have to run all the time. */
export class ForeseeExcursions1763600000049 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE telemetry_flag DROP CONSTRAINT telemetry_flag_cause_check;
      ALTER TABLE telemetry_flag ADD CONSTRAINT telemetry_flag_cause_check CHECK (cause IN
        ('warm', 'cold', 'door', 'cooling', 'unsteady', 'flatline', 'gap', 'pattern', 'level', 'excursion-ahead', 'compressor'));
      -- when what is foreseen will be; null for what is so now, and where it is not known
      ALTER TABLE telemetry_flag ADD COLUMN expected_at timestamptz;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
