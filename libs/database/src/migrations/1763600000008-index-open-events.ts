import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A verdict asks for refused events about an object. They are few among many events: with an index of their own the
 * question costs the same however many packs of a batch have been dispensed.
 */
export class IndexOpenEvents1763600000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX custody_event_refused ON custody_event (id) WHERE anchor_state = 'refused'`);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
