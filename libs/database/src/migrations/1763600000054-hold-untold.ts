import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The evaluator holds goods of a leg that the ledger takes no record of: it has to find them, and to place the hold. */
export class HoldUntold1763600000054 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'GRANT EXECUTE ON FUNCTION units_with_goods_of(text, timestamptz), inspect_unit(text) TO cct_ingest',
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
