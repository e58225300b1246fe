import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Legs (custody intervals of a unit with their evidence), excursions on them, and what a leg lets others read. */
export class CreateThermal1763600000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Bound until unbound: the logger travels with the unit through the hands of several custodians.
      CREATE TABLE unit_logger (
        unit_id bigint NOT NULL REFERENCES unit,
        logger_id integer NOT NULL REFERENCES logger,
        bound_at timestamptz NOT NULL,
        unbound_at timestamptz,
        PRIMARY KEY (unit_id, logger_id, bound_at)
      );
      CREATE UNIQUE INDEX unit_logger_one_unit ON unit_logger (logger_id) WHERE unbound_at IS NULL;
      ALTER TABLE unit_logger ENABLE ROW LEVEL SECURITY;
      CREATE POLICY unit_logger_by_unit ON unit_logger TO cct_api USING (EXISTS (SELECT 1 FROM unit u WHERE u.id = unit_id));
      CREATE POLICY unit_logger_ingest ON unit_logger FOR SELECT TO cct_ingest USING (true);
      GRANT SELECT, INSERT, UPDATE (unbound_at) ON unit_logger TO cct_api;
      GRANT SELECT ON unit_logger TO cct_ingest;

      -- A logger that came with a unit can be named (and unbound) by whoever sees the unit; its readings are another matter.
      CREATE POLICY logger_bound ON logger FOR SELECT TO cct_api
        USING (EXISTS (SELECT 1 FROM unit_logger b WHERE b.logger_id = logger.id));

      CREATE TABLE leg (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        leg_key text NOT NULL UNIQUE CHECK (leg_key ~ '^[0-9a-f]{64}$'),
        organisation_id integer NOT NULL REFERENCES organisation,
        unit_id bigint NOT NULL REFERENCES unit,
        logger_id integer NOT NULL REFERENCES logger,
        previous_leg_id bigint REFERENCES leg,
        started_at timestamptz NOT NULL,
        ended_at timestamptz,
        -- the fold's state and how far it has read; null until the first reading
        state jsonb,
        evaluated_to timestamptz,
        -- totals for people, always those of the state
        duration_ms bigint NOT NULL DEFAULT 0,
        gap_ms bigint NOT NULL DEFAULT 0,
        readings bigint NOT NULL DEFAULT 0,
        coldest_milli_celsius integer,
        hottest_milli_celsius integer,
        exposures jsonb NOT NULL DEFAULT '[]',
        -- last revision given to the ledger, and what it said
        revision integer NOT NULL DEFAULT 0,
        recorded jsonb,
        recorded_at timestamptz,
        final boolean NOT NULL DEFAULT false,
        CHECK (ended_at IS NULL OR ended_at >= started_at)
      );
      CREATE INDEX leg_by_unit ON leg (unit_id, started_at);
      CREATE INDEX leg_by_logger ON leg (logger_id, started_at);
      ALTER TABLE leg ENABLE ROW LEVEL SECURITY;
      -- A later holder sees what happened before him; an earlier one does not see what happens after.
      CREATE POLICY leg_read ON leg FOR SELECT TO cct_api USING (
        organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = leg.unit_id
                   AND a.organisation_id = coldchain_organisation() AND a.granted_at >= leg.started_at));
      CREATE POLICY leg_write ON leg FOR INSERT TO cct_api WITH CHECK (organisation_id = coldchain_organisation());
      -- The receiver's act ends the sender's leg: possession passes at that instant.
      CREATE POLICY leg_end ON leg FOR UPDATE TO cct_api USING (
        organisation_id = coldchain_organisation()
        OR EXISTS (SELECT 1 FROM unit_access a WHERE a.unit_id = leg.unit_id AND a.organisation_id = coldchain_organisation()));
      CREATE POLICY leg_ingest ON leg TO cct_ingest USING (true);
      GRANT SELECT, INSERT, UPDATE (ended_at) ON leg TO cct_api;
      GRANT SELECT, UPDATE ON leg TO cct_ingest;

      CREATE TABLE excursion (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        leg_id bigint NOT NULL REFERENCES leg,
        profile text NOT NULL,
        rule text NOT NULL,
        opened_at timestamptz NOT NULL,
        closed_at timestamptz,
        duration_ms bigint NOT NULL,
        extreme_milli_celsius integer NOT NULL,
        UNIQUE (leg_id, profile, rule, opened_at)
      );
      ALTER TABLE excursion ENABLE ROW LEVEL SECURITY;
      CREATE POLICY excursion_by_leg ON excursion FOR SELECT TO cct_api USING (EXISTS (SELECT 1 FROM leg l WHERE l.id = leg_id));
      CREATE POLICY excursion_ingest ON excursion TO cct_ingest USING (true);
      GRANT SELECT ON excursion TO cct_api;
      GRANT SELECT, INSERT, UPDATE, DELETE ON excursion TO cct_ingest;

      -- Readings: of an organisation's own loggers, and those inside a leg that it may see.
      CREATE POLICY reading_series_own ON reading_series TO cct_api USING (
        logger IN (SELECT g.id FROM logger g WHERE g.organisation_id = coldchain_organisation())
        OR EXISTS (SELECT 1 FROM leg l WHERE l.logger_id = reading_series.logger
                   AND l.started_at <= t1 AND (l.ended_at IS NULL OR l.ended_at >= t0)));
      CREATE FUNCTION notify_series() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NOTIFY coldchain_series; RETURN NULL; END $$;
      CREATE TRIGGER reading_series_notify AFTER INSERT ON reading_series FOR EACH STATEMENT EXECUTE FUNCTION notify_series();
      -- A leg that was opened, ended or extended must be evaluated although no reading came: its readings may be there.
      CREATE TABLE leg_change (
        leg_id bigint NOT NULL REFERENCES leg,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id()
      );
      CREATE INDEX leg_change_by_xid ON leg_change (xid);
      ALTER TABLE leg_change ENABLE ROW LEVEL SECURITY;
      CREATE POLICY leg_change_write ON leg_change FOR INSERT TO cct_api WITH CHECK (true);
      CREATE POLICY leg_change_ingest ON leg_change TO cct_ingest USING (true);
      GRANT INSERT ON leg_change TO cct_api;
      GRANT SELECT, DELETE ON leg_change TO cct_ingest;
      CREATE TRIGGER leg_change_notify AFTER INSERT ON leg_change FOR EACH STATEMENT EXECUTE FUNCTION notify_series();
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
