import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A page of the audit log costs the same however long the log is: what it lists stands in an index by organisation and
 * time. It lists attempts that were refused because the password was locked, too.
 */
export class PageAuditLog1763600000053 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP VIEW signature_audit;
      ALTER TABLE password_attempt
        ADD COLUMN organisation_id integer DEFAULT coldchain_organisation() REFERENCES organisation,
        -- not judged, because earlier ones had been wrong
        ADD COLUMN refused boolean NOT NULL DEFAULT false,
        ADD COLUMN proved boolean NOT NULL DEFAULT false,
        ADD CHECK (NOT (refused AND proved));
      ALTER TABLE account_password_change
        ADD COLUMN organisation_id integer DEFAULT coldchain_organisation() REFERENCES organisation;
      ALTER TABLE decision_signature
        ADD COLUMN organisation_id integer DEFAULT coldchain_organisation() REFERENCES organisation;
      UPDATE password_attempt t SET organisation_id = a.organisation_id,
             proved = EXISTS (SELECT 1 FROM password_proof p WHERE p.attempt_id = t.id)
        FROM account a WHERE a.id = t.account_id;
      UPDATE account_password_change t SET organisation_id = a.organisation_id FROM account a WHERE a.id = t.account_id;
      UPDATE decision_signature t SET organisation_id = a.organisation_id FROM account a WHERE a.id = t.account_id;
      ALTER TABLE password_attempt ALTER COLUMN organisation_id SET NOT NULL;
      ALTER TABLE account_password_change ALTER COLUMN organisation_id SET NOT NULL;
      ALTER TABLE decision_signature ALTER COLUMN organisation_id SET NOT NULL;

      CREATE INDEX password_attempt_wrong ON password_attempt (organisation_id, at, id) WHERE NOT proved AND NOT refused;
      CREATE INDEX password_attempt_refused ON password_attempt (organisation_id, at, id) WHERE refused;
      CREATE INDEX account_password_change_by_time ON account_password_change (organisation_id, at, id);
      CREATE INDEX decision_signature_by_time ON decision_signature (organisation_id, at, id);

      -- The only change that an attempt ever sees: nobody may update one, and a proof is added once.
      CREATE FUNCTION mark_proved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          UPDATE password_attempt SET proved = true WHERE id = NEW.attempt_id;
          RETURN NULL;
        END $$;
      REVOKE ALL ON FUNCTION mark_proved() FROM PUBLIC;
      CREATE TRIGGER password_proof_marks AFTER INSERT ON password_proof FOR EACH ROW EXECUTE FUNCTION mark_proved();
      REVOKE INSERT ON password_attempt FROM cct_api;
      GRANT INSERT (account_id, purpose, at, refused) ON password_attempt TO cct_api;

      DROP POLICY password_attempt_own ON password_attempt;
      DROP POLICY account_password_change_own ON account_password_change;
      DROP POLICY decision_signature_own ON decision_signature;
      CREATE POLICY password_attempt_own ON password_attempt TO cct_api
        USING (organisation_id = coldchain_organisation())
        WITH CHECK (organisation_id = coldchain_organisation() AND EXISTS (SELECT 1 FROM account a WHERE a.id = account_id));
      CREATE POLICY account_password_change_own ON account_password_change TO cct_api
        USING (organisation_id = coldchain_organisation())
        WITH CHECK (organisation_id = coldchain_organisation() AND EXISTS (SELECT 1 FROM account a WHERE a.id = account_id));
      CREATE POLICY decision_signature_own ON decision_signature TO cct_api
        USING (organisation_id = coldchain_organisation())
        WITH CHECK (organisation_id = coldchain_organisation() AND EXISTS (SELECT 1 FROM account a WHERE a.id = account_id));
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
