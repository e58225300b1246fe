import type { MigrationInterface, QueryRunner } from 'typeorm';

/** States of a leg at the end of its days, so that a late reading costs the fold of a day and not of the whole leg. */
export class KeepCheckpoints1763600000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE leg_checkpoint (
        leg_id bigint NOT NULL REFERENCES leg,
        evaluated_to timestamptz NOT NULL,
        state jsonb NOT NULL,
        PRIMARY KEY (leg_id, evaluated_to)
      );
      ALTER TABLE leg_checkpoint ENABLE ROW LEVEL SECURITY;
      CREATE POLICY leg_checkpoint_ingest ON leg_checkpoint TO cct_ingest USING (true);
      GRANT SELECT, INSERT, UPDATE, DELETE ON leg_checkpoint TO cct_ingest;

      -- assumed: part of it was not measured, a gap policy took it to be so.
      -- undetermined: so near to a change of custody that the clocks do not tell whose it was.
      ALTER TABLE excursion
        ADD COLUMN assumed boolean NOT NULL DEFAULT false,
        ADD COLUMN responsibility text NOT NULL DEFAULT 'custodian' CHECK (responsibility IN ('custodian', 'undetermined')),
        ADD COLUMN extreme_permille integer;
      -- How far the logger's clock may be off: exports write whole minutes.
      ALTER TABLE logger ADD COLUMN clock_uncertainty_ms integer NOT NULL DEFAULT 60000 CHECK (clock_uncertainty_ms >= 0);
      GRANT EXECUTE ON FUNCTION unit_packed_at(text) TO cct_ingest;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
