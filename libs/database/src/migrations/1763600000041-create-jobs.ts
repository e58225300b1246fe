import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Long work: jobs that a process claims for a time and that another one goes on with when it dies; and forecasts, one row
 * for each series with the bytes that went in and the bytes that came out.
 */
export class CreateJobs1763600000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE job (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        kind text NOT NULL CHECK (kind IN ('forecast')),
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
        input jsonb NOT NULL,
        requested_by text NOT NULL,
        -- the night that it was made for; null: asked for
        night date,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        started_at timestamptz,
        ended_at timestamptz,
        -- Who works on it and until when nobody else may. Each claim has a number: who lost his cannot write any more.
        claimed_by text,
        claimed_until timestamptz,
        claim integer NOT NULL DEFAULT 0,
        -- Claims that ended in an error, or without a word; being given back is none.
        failures integer NOT NULL DEFAULT 0,
        cancel_requested boolean NOT NULL DEFAULT false,
        -- null: what there is to do is not counted yet
        total integer,
        done integer NOT NULL DEFAULT 0,
        refused integer NOT NULL DEFAULT 0,
        failure text,
        UNIQUE (organisation_id, kind, night)
      );
      CREATE INDEX job_open ON job (id) WHERE state IN ('queued', 'running');
      CREATE INDEX job_by_organisation ON job (organisation_id, id);
      ALTER TABLE job ENABLE ROW LEVEL SECURITY;
      CREATE POLICY job_own ON job TO cct_api USING (organisation_id = coldchain_organisation());
      GRANT SELECT, INSERT, UPDATE ON job TO cct_api;

      CREATE TABLE forecast (
        job_id bigint NOT NULL REFERENCES job,
        position integer NOT NULL,
        organisation_id integer NOT NULL REFERENCES organisation,
        article text NOT NULL,
        site text NOT NULL,
        source text NOT NULL,
        frequency text NOT NULL,
        window_from date NOT NULL,
        window_until date NOT NULL,
        -- JSON: history, policy, horizon. With it alone the forecast can be made again.
        input text NOT NULL,
        input_sha256 bytea NOT NULL CHECK (octet_length(input_sha256) = 32),
        -- null until it is made
        computed_at timestamptz,
        model text,
        document text,
        document_sha256 bytea,
        refusal jsonb,
        PRIMARY KEY (job_id, position),
        CHECK ((computed_at IS NULL) = (document IS NULL AND refusal IS NULL))
      );
      CREATE INDEX forecast_by_series ON forecast (organisation_id, article, site, job_id DESC);
      ALTER TABLE forecast ENABLE ROW LEVEL SECURITY;
      CREATE POLICY forecast_own ON forecast TO cct_api USING (organisation_id = coldchain_organisation());
      GRANT SELECT, INSERT, DELETE, UPDATE (computed_at, model, document, document_sha256, refusal) ON forecast TO cct_api;

      -- The newest forecast of each series.
      CREATE VIEW forecast_newest WITH (security_invoker = true) AS
        SELECT DISTINCT ON (organisation_id, article, site) *
        FROM forecast WHERE document IS NOT NULL
        ORDER BY organisation_id, article, site, job_id DESC;
      GRANT SELECT ON forecast_newest TO cct_api;

      -- The next job that nobody works on, or whose worker is gone. Which organisation it is for is known afterwards, so
      -- this runs with the owner's rights and shows nothing else. A worker that is gone is a failure: the job that kills
      -- every one of them ends.
      CREATE FUNCTION claim_job(worker text, lease interval, most_failures integer)
        RETURNS TABLE (job_id bigint, organisation_id integer, claim integer)
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
          UPDATE job SET state = 'failed', failures = failures + 1, claimed_by = NULL, claimed_until = NULL,
                         ended_at = clock_timestamp(), failure = 'its workers ended without a word, see the log'
          WHERE id IN (SELECT o.id FROM job o
                       WHERE o.state = 'running' AND o.claimed_until < clock_timestamp()
                         AND o.failures + 1 >= most_failures FOR UPDATE SKIP LOCKED);
          UPDATE job j SET state = 'running', claimed_by = worker, claimed_until = clock_timestamp() + lease,
                           claim = j.claim + 1, started_at = coalesce(j.started_at, clock_timestamp()),
                           failures = j.failures + CASE j.state WHEN 'running' THEN 1 ELSE 0 END
          WHERE j.id = (SELECT o.id FROM job o
                        WHERE o.state = 'queued' OR (o.state = 'running' AND o.claimed_until < clock_timestamp()
                                                     AND o.failures + 1 < most_failures)
                        ORDER BY o.night IS NOT NULL, o.id LIMIT 1 FOR UPDATE SKIP LOCKED)
          RETURNING j.id, j.organisation_id, j.claim $$;

      -- One forecast job a night for every organisation here that knows of any demand.
      CREATE FUNCTION queue_nightly_forecasts(of_night date) RETURNS integer
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
          WITH made AS (
            INSERT INTO job (organisation_id, kind, input, requested_by, night)
            SELECT o.id, 'forecast', '{}', 'nightly', of_night FROM organisation o
            WHERE o.served AND (EXISTS (SELECT FROM demand_series s WHERE s.organisation_id = o.id)
              OR EXISTS (SELECT FROM goods_movement m WHERE m.organisation_id = o.id)
              OR EXISTS (SELECT FROM custody_event e WHERE e.organisation_id = o.id AND e.command = 'decommissionPack'))
            ON CONFLICT DO NOTHING RETURNING 1)
          SELECT count(*)::integer FROM made $$;
      REVOKE ALL ON FUNCTION claim_job(text, interval, integer), queue_nightly_forecasts(date) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION claim_job(text, interval, integer), queue_nightly_forecasts(date) TO cct_api;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
