import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What open pages are told of: cases, excursions and custody events that changed, in the order in which their
 * transactions became visible for good (`xid` below the oldest that runs, then `id`), so that a page that was away goes on
 * where it was. Kept for some days.
 */
export class FollowChanges1763600000038 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE live_change (
        id bigint GENERATED ALWAYS AS IDENTITY,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        at timestamptz NOT NULL DEFAULT now(),
        organisation_id integer NOT NULL REFERENCES organisation,
        kind text NOT NULL CHECK (kind IN ('case', 'excursion', 'event')),
        unit_id bigint,
        case_id bigint,
        PRIMARY KEY (xid, id)
      );
      CREATE INDEX live_change_by_age ON live_change (at);
      ALTER TABLE live_change ENABLE ROW LEVEL SECURITY;
      CREATE POLICY live_change_read ON live_change FOR SELECT TO cct_api USING (
        organisation_id = coldchain_organisation()
        OR (case_id IS NOT NULL AND EXISTS (SELECT 1 FROM deviation_case c WHERE c.id = case_id)));
      CREATE POLICY live_change_ingest ON live_change TO cct_ingest USING (true);
      GRANT SELECT ON live_change TO cct_api;
      GRANT SELECT, DELETE ON live_change TO cct_ingest;

      -- Written with the rights of the owner: who changes something does not choose who is told.
      CREATE FUNCTION note_case_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          INSERT INTO live_change (organisation_id, kind, unit_id, case_id)
            SELECT c.organisation_id, 'case', c.unit_id, c.id FROM deviation_case c WHERE c.id = NEW.case_id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER case_entry_live AFTER INSERT ON case_entry FOR EACH ROW EXECUTE FUNCTION note_case_change();
      CREATE FUNCTION note_excursion_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          INSERT INTO live_change (organisation_id, kind, unit_id)
            SELECT l.organisation_id, 'excursion', l.unit_id FROM leg l WHERE l.id = NEW.leg_id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER excursion_begins_live AFTER INSERT ON excursion FOR EACH ROW EXECUTE FUNCTION note_excursion_change();
      CREATE TRIGGER excursion_ends_live AFTER UPDATE ON excursion FOR EACH ROW
        WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at) EXECUTE FUNCTION note_excursion_change();
      CREATE FUNCTION note_event_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          INSERT INTO live_change (organisation_id, kind, unit_id)
            SELECT e.organisation_id, 'event', u.id
            FROM custody_event e LEFT JOIN unit u ON u.unit_key = NEW.object_key
            WHERE e.id = NEW.event_id AND NEW.object_type = 'unit';
          RETURN NULL;
        END $$;
      CREATE TRIGGER custody_event_object_live AFTER INSERT ON custody_event_object
        FOR EACH ROW EXECUTE FUNCTION note_event_change();
      REVOKE ALL ON FUNCTION note_case_change(), note_excursion_change(), note_event_change() FROM PUBLIC;

      -- How far there is anything to read; it tells nothing about whose it is.
      CREATE FUNCTION live_change_head() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT xid::text || '-' || id FROM live_change WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY xid DESC, id DESC LIMIT 1 $$;
      REVOKE ALL ON FUNCTION live_change_head() FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION live_change_head() TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
