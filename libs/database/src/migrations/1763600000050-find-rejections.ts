import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every verdict asks whether anything was rejected: without an index of its own it reads all cases for it. */
export class FindRejections1763600000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX deviation_case_rejected ON deviation_case (id) WHERE decision = 'reject'`);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
