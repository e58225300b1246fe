import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Audit trail of signatures: every password that was typed, whether it was proved, and what was signed with it (21 CFR
 * 11.300 (d): attempts to use a signature are reported). Rows are added only; nothing of a password is in them.
 */
export class AuditSignatures1763600000046 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Written with the count of attempts, before the password is looked at: what breaks off stays an attempt.
      CREATE TABLE password_attempt (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id integer NOT NULL REFERENCES account,
        purpose text NOT NULL CHECK (purpose IN ('decision', 'password-change')),
        at timestamptz NOT NULL
      );
      CREATE INDEX password_attempt_by_account ON password_attempt (account_id, at);
      CREATE TABLE password_proof (attempt_id bigint PRIMARY KEY REFERENCES password_attempt);
      -- A decision is kept for who signed it, also when its case is no longer his to see.
      CREATE TABLE decision_signature (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id integer NOT NULL REFERENCES account,
        case_id bigint NOT NULL REFERENCES deviation_case,
        entry integer NOT NULL,
        decision text NOT NULL CHECK (decision IN ('release', 'reject')),
        shown text NOT NULL,
        at timestamptz NOT NULL,
        UNIQUE (case_id, entry)
      );
      CREATE INDEX decision_signature_by_account ON decision_signature (account_id, at);
      INSERT INTO decision_signature (account_id, case_id, entry, decision, shown, at)
        SELECT a.id, n.case_id, n.number, n.change ->> 'decision', n.change ->> 'shown', n.at
        FROM case_entry n JOIN account a ON a.organisation_id = n.organisation_id AND a.name = n.account
        WHERE n.kind = 'decided' ORDER BY n.at;

      ALTER TABLE password_attempt ENABLE ROW LEVEL SECURITY;
      ALTER TABLE password_proof ENABLE ROW LEVEL SECURITY;
      ALTER TABLE decision_signature ENABLE ROW LEVEL SECURITY;
      CREATE POLICY password_attempt_own ON password_attempt TO cct_api
        USING (EXISTS (SELECT 1 FROM account a WHERE a.id = account_id));
      CREATE POLICY password_proof_own ON password_proof TO cct_api
        USING (EXISTS (SELECT 1 FROM password_attempt t WHERE t.id = attempt_id));
      CREATE POLICY decision_signature_own ON decision_signature TO cct_api
        USING (EXISTS (SELECT 1 FROM account a WHERE a.id = account_id));
      -- No UPDATE and no DELETE for anybody.
      GRANT SELECT, INSERT ON password_attempt, password_proof, decision_signature TO cct_api;

      CREATE VIEW signature_audit WITH (security_invoker = true) AS
        SELECT t.at, 'password-wrong' AS kind, t.id, t.account_id, t.purpose, NULL::text AS changed_by,
               NULL::bigint AS case_id, NULL::integer AS entry, NULL::text AS decision, NULL::text AS shown
        FROM password_attempt t WHERE NOT EXISTS (SELECT 1 FROM password_proof p WHERE p.attempt_id = t.id)
        UNION ALL
        SELECT c.at, 'password-changed', c.id, c.account_id, NULL, c.changed_by, NULL, NULL, NULL, NULL
        FROM account_password_change c
        UNION ALL
        SELECT s.at, 'decision-signed', s.id, s.account_id, NULL, NULL, s.case_id, s.entry, s.decision, s.shown
        FROM decision_signature s;
      GRANT SELECT ON signature_audit TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
