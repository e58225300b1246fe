import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A follower tells up to when it has seen everything: who relies on it can tell silence from standstill. */
export class ConfirmEvaluation1763600000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- everything that was committed before this instant has been followed
      ALTER TABLE follow_checkpoint ADD COLUMN confirmed_at timestamptz;
      GRANT SELECT ON follow_checkpoint TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
