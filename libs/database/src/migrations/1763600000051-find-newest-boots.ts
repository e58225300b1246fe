import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Acknowledgements name the newest boots of a gateway, each second: without an index on their order all boots that it ever
 * had are read for it, and a gateway whose clock is set again and again has very many.
 */
export class FindNewestBoots1763600000051 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX stream_by_gateway ON stream (gateway_id, id)');
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
