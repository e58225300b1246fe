import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Alarms (signals about excursions, missing data, and limits that are about to be broken) and deviation cases. A case is
 * of one unit and the custodian in whose hands it happened; what is done about it is a list of entries that only grows,
 * one per change, which is its audit trail. The columns of the case itself are what the entries amount to.
 */
export class CreateCases1763600000036 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [SETTINGS, CASES, ALARMS, ENTRIES, EVIDENCE]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}

const SETTINGS = `
  -- Each change is a row that stays; the newest one holds.
  CREATE TABLE alarm_setting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    minimum_ms bigint NOT NULL CHECK (minimum_ms >= 0),
    rejoin_ms bigint NOT NULL CHECK (rejoin_ms >= 0),
    missing_ms bigint NOT NULL CHECK (missing_ms >= 0),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL
  );
  CREATE INDEX alarm_setting_newest ON alarm_setting (organisation_id, id DESC);
  ALTER TABLE alarm_setting ENABLE ROW LEVEL SECURITY;
  CREATE POLICY alarm_setting_own ON alarm_setting TO cct_api USING (organisation_id = coldchain_organisation());
  CREATE POLICY alarm_setting_ingest ON alarm_setting FOR SELECT TO cct_ingest USING (true);
  GRANT SELECT, INSERT ON alarm_setting TO cct_api;
  GRANT SELECT ON alarm_setting TO cct_ingest;
  CREATE VIEW current_alarm_setting WITH (security_invoker = true) AS
    SELECT DISTINCT ON (organisation_id) * FROM alarm_setting ORDER BY organisation_id, id DESC;
  GRANT SELECT ON current_alarm_setting TO cct_api, cct_ingest;
`;

const CASES = `
  CREATE TABLE deviation_case (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    unit_id bigint NOT NULL REFERENCES unit,
    opened_at timestamptz NOT NULL,
    -- number of the newest entry
    entries integer NOT NULL DEFAULT 0,
    active_alarms integer NOT NULL DEFAULT 0,
    -- raised and not withdrawn: without any there is nothing to decide
    standing_alarms integer NOT NULL DEFAULT 0,
    acknowledged boolean NOT NULL DEFAULT false,
    decision text CHECK (decision IN ('release', 'reject')),
    UNIQUE (organisation_id, unit_id)
  );
  CREATE INDEX deviation_case_by_unit ON deviation_case (unit_id);
  -- Who sees a case: in whose hands it happened, who has the goods now, and the owner of a batch in them once there is a
  -- thermal hold for him to assess. The unit must be visible itself: this runs with the asker's rights.
  CREATE FUNCTION sees_case(custodian integer, watched bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT custodian = coldchain_organisation() OR EXISTS (
      SELECT 1 FROM unit u
      JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
      JOIN organisation me ON me.id = coldchain_organisation()
      WHERE u.id = watched AND (e.state ->> 'custodian' = me.party
        OR ((e.state -> 'holds' @> '[{"kind": "thermal"}]' OR e.state -> 'releases' @> '[{"kind": "thermal"}]')
            AND EXISTS (SELECT 1 FROM jsonb_array_elements(e.state -> 'batches') AS content
                        JOIN batch b ON b.batch_key = content ->> 'batch' AND b.organisation_id = me.id)))) $$;
  ALTER TABLE deviation_case ENABLE ROW LEVEL SECURITY;
  CREATE POLICY deviation_case_api ON deviation_case TO cct_api USING (sees_case(organisation_id, unit_id));
  CREATE POLICY deviation_case_ingest ON deviation_case TO cct_ingest USING (organisation_id = coldchain_organisation());
  GRANT SELECT, UPDATE (entries, active_alarms, standing_alarms, acknowledged, decision) ON deviation_case TO cct_api;
  GRANT SELECT, INSERT, UPDATE (entries, active_alarms, standing_alarms, acknowledged, decision) ON deviation_case TO cct_ingest;
`;

const ALARMS = `
  CREATE TABLE alarm (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    leg_id bigint NOT NULL REFERENCES leg,
    -- a warning is no deviation: it has no case
    case_id bigint REFERENCES deviation_case,
    kind text NOT NULL CHECK (kind IN ('excursion', 'missing-data', 'warning')),
    side text NOT NULL CHECK (side IN ('hot', 'cold', 'humid', 'none')),
    opened_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- late readings showed that there was nothing
    withdrawn_at timestamptz,
    rules text[] NOT NULL,
    covered_ms bigint NOT NULL,
    coldest_milli_celsius integer,
    hottest_milli_celsius integer,
    -- of a warning: when the limit will be broken
    expected_at timestamptz,
    raised_at timestamptz NOT NULL,
    CHECK ((case_id IS NULL) = (kind = 'warning'))
  );
  CREATE INDEX alarm_by_leg ON alarm (leg_id) WHERE withdrawn_at IS NULL;
  CREATE INDEX alarm_by_case ON alarm (case_id);
  -- One signal at a time of what is judged by the clock.
  CREATE UNIQUE INDEX alarm_one_active ON alarm (leg_id, kind, side)
    WHERE kind <> 'excursion' AND ended_at IS NULL AND withdrawn_at IS NULL;
  ALTER TABLE alarm ENABLE ROW LEVEL SECURITY;
  CREATE POLICY alarm_api ON alarm FOR SELECT TO cct_api USING (
    CASE WHEN case_id IS NULL THEN EXISTS (SELECT 1 FROM leg l WHERE l.id = leg_id)
         ELSE EXISTS (SELECT 1 FROM deviation_case c WHERE c.id = case_id) END);
  CREATE POLICY alarm_ingest ON alarm TO cct_ingest USING (
    EXISTS (SELECT 1 FROM leg l WHERE l.id = leg_id AND l.organisation_id = coldchain_organisation()));
  -- For the watch, which looks over all organisations before it acts for one.
  CREATE FUNCTION has_missing_alarm(watched bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT EXISTS (SELECT 1 FROM alarm WHERE leg_id = watched AND kind = 'missing-data' AND ended_at IS NULL
                     AND withdrawn_at IS NULL) $$;
  CREATE FUNCTION has_warning(watched bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT EXISTS (SELECT 1 FROM alarm WHERE leg_id = watched AND kind = 'warning' AND ended_at IS NULL
                     AND withdrawn_at IS NULL) $$;
  REVOKE ALL ON FUNCTION has_missing_alarm(bigint), has_warning(bigint) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION has_missing_alarm(bigint), has_warning(bigint) TO cct_ingest;
  GRANT SELECT ON alarm TO cct_api;
  GRANT SELECT, INSERT, UPDATE ON alarm TO cct_ingest;
`;

const ENTRIES = `
  CREATE TABLE case_entry (
    case_id bigint NOT NULL REFERENCES deviation_case,
    number integer NOT NULL CHECK (number > 0),
    at timestamptz NOT NULL,
    organisation_id integer NOT NULL REFERENCES organisation,
    -- null: the platform, by what was measured
    account text,
    kind text NOT NULL,
    -- the change as it was judged
    change jsonb NOT NULL,
    -- what it made of the case: old and new state of the audit trail
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    -- custody event that told the ledger
    event_id bigint REFERENCES custody_event,
    PRIMARY KEY (case_id, number)
  );
  ALTER TABLE case_entry ENABLE ROW LEVEL SECURITY;
  CREATE POLICY case_entry_read ON case_entry FOR SELECT USING (EXISTS (SELECT 1 FROM deviation_case c WHERE c.id = case_id));
  CREATE POLICY case_entry_write ON case_entry FOR INSERT WITH CHECK (
    organisation_id = coldchain_organisation() AND EXISTS (SELECT 1 FROM deviation_case c WHERE c.id = case_id));
  -- No UPDATE and no DELETE for anybody: what was done stays.
  GRANT SELECT, INSERT ON case_entry TO cct_api, cct_ingest;
`;

const EVIDENCE = `
  CREATE TABLE case_evidence (
    case_id bigint NOT NULL REFERENCES deviation_case,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    name text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, sha256)
  );
  ALTER TABLE case_evidence ENABLE ROW LEVEL SECURITY;
  CREATE POLICY case_evidence_api ON case_evidence TO cct_api USING (EXISTS (SELECT 1 FROM deviation_case c WHERE c.id = case_id));
  GRANT SELECT, INSERT ON case_evidence TO cct_api;
`;
