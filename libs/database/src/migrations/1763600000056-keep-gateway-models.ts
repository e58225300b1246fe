import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every model that a gateway was registered with: a message of another system means what the model of then made of it, also
 * when the gateway has another one since. Accepting a message writes nothing for it.
 */
export class KeepGatewayModels1763600000056 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gateway_model (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        gateway_id integer NOT NULL REFERENCES gateway,
        -- the first one that is known counts from ever
        valid_from timestamptz NOT NULL,
        -- null: the platform's own forms
        model text,
        mapping jsonb
      );
      CREATE INDEX gateway_model_by_gateway ON gateway_model (gateway_id, valid_from, id);
      ALTER TABLE gateway_model ENABLE ROW LEVEL SECURITY;
      CREATE POLICY gateway_model_own ON gateway_model FOR SELECT TO cct_api USING (gateway_id IN (SELECT id FROM gateway));
      GRANT SELECT ON gateway_model TO cct_api;

      INSERT INTO gateway_model (gateway_id, valid_from, model, mapping) SELECT id, '-infinity', model, mapping FROM gateway;

      -- Of the owner: nobody who may change a model may change what was kept of the ones before.
      CREATE FUNCTION keep_gateway_model() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          INSERT INTO gateway_model (gateway_id, valid_from, model, mapping)
            VALUES (NEW.id, CASE TG_OP WHEN 'INSERT' THEN '-infinity' ELSE clock_timestamp() END, NEW.model, NEW.mapping);
          RETURN NULL;
        END $$;
      REVOKE ALL ON FUNCTION keep_gateway_model() FROM PUBLIC;
      CREATE TRIGGER gateway_first_model AFTER INSERT ON gateway FOR EACH ROW EXECUTE FUNCTION keep_gateway_model();
      CREATE TRIGGER gateway_next_model AFTER UPDATE OF model, mapping ON gateway FOR EACH ROW
        WHEN ((OLD.model, OLD.mapping) IS DISTINCT FROM (NEW.model, NEW.mapping)) EXECUTE FUNCTION keep_gateway_model();
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
