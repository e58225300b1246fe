import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was set aside can be followed like readings: by transaction, because a lower id can commit later. */
export class FollowDeadLetters1763600000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE dead_letter ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
      CREATE INDEX dead_letter_by_xid ON dead_letter (xid);
      CREATE INDEX dead_letter_by_organisation ON dead_letter (organisation_id, id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
