import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Roles, organisations and accounts. The three server roles own nothing and log in never: a connection takes one of
 * them, and row-level security decides by `coldchain_organisation()`, which is set for one transaction.
 */
export class CreateOrganisations1763600000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$
      DECLARE name text;
      BEGIN
        FOREACH name IN ARRAY ARRAY['cct_api', 'cct_ingest', 'cct_worker'] LOOP
          BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
          EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the server, not to the database
          END;
          EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END LOOP;
      END $$;

      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO cct_api, cct_ingest, cct_worker;

      CREATE FUNCTION coldchain_organisation() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS
        $$ SELECT nullif(current_setting('coldchain.organisation', true), '')::integer $$;

      CREATE TABLE organisation (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
        name text NOT NULL,
        party text NOT NULL UNIQUE,
        gln text NOT NULL CHECK (gln ~ '^[0-9]{13}$'),
        prefixes text[] NOT NULL,
        roles text[] NOT NULL,
        served boolean NOT NULL
      );
      -- Who takes part is known to every member of the channel: all roles may read it, only the owner writes.
      ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
      CREATE POLICY organisation_read ON organisation FOR SELECT USING (true);
      GRANT SELECT ON organisation TO cct_api, cct_ingest, cct_worker;

      CREATE TABLE account (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id integer NOT NULL REFERENCES organisation,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('person', 'machine')),
        roles text[] NOT NULL,
        key_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(key_sha256) = 32),
        created_at timestamptz NOT NULL DEFAULT now(),
        disabled_at timestamptz,
        UNIQUE (organisation_id, name)
      );
      ALTER TABLE account ENABLE ROW LEVEL SECURITY;
      CREATE POLICY account_own ON account USING (organisation_id = coldchain_organisation());
      GRANT SELECT ON account TO cct_api;

      -- Before a request is authenticated no organisation is set, so the look-up by key runs with the owner's rights.
      CREATE FUNCTION authenticate_account(key_digest bytea)
        RETURNS TABLE (account_id integer, account_name text, kind text, roles text[],
                       organisation_id integer, organisation_slug text, party text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT a.id, a.name, a.kind, a.roles, o.id, o.slug, o.party
          FROM account a JOIN organisation o ON o.id = a.organisation_id
          WHERE a.key_sha256 = key_digest AND a.disabled_at IS NULL AND o.served
        $$;
      REVOKE ALL ON FUNCTION authenticate_account(bytea) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION authenticate_account(bytea) TO cct_api;

      -- Readers that follow a table remember how far they saw, by transaction and never by increasing ids alone.
      CREATE TABLE follow_checkpoint (
        name text PRIMARY KEY,
        xid xid8 NOT NULL
      );
      ALTER TABLE follow_checkpoint ENABLE ROW LEVEL SECURITY;
      CREATE POLICY follow_checkpoint_all ON follow_checkpoint USING (true);
      GRANT SELECT, INSERT, UPDATE ON follow_checkpoint TO cct_ingest, cct_worker;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
