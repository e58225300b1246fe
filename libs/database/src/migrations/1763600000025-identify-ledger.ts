import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A read model says which ledger it was made from: another one must not go on where that one ended. */
export class IdentifyLedger1763600000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- genesis: hash of the header of block 0, 64 hex digits; NULL while no ledger was opened
      ALTER TABLE ledger_checkpoint
        ADD COLUMN adapter text CHECK (adapter IN ('embedded', 'fabric')),
        ADD COLUMN genesis text,
        ADD CHECK ((adapter IS NULL) = (genesis IS NULL));
      UPDATE ledger_checkpoint SET adapter = 'embedded', genesis = encode(b.header_hash, 'hex')
      FROM embedded_ledger.block b WHERE b.number = 0;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
