import type { PoolClient } from 'pg';

/** Channel on which the keys of changed objects are told, each message a JSON list of keys. */
const PROJECTION_CHANNEL = 'coldchain_projection';
/** PostgreSQL refuses payloads of 8,000 bytes and more; a key and its quotes take 67. */
const KEYS_PER_MESSAGE = 110;

/** Tells who listens which objects changed, when the transaction commits. */
export async function notifyProjection(client: PoolClient, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += KEYS_PER_MESSAGE) {
    const message = JSON.stringify(keys.slice(from, from + KEYS_PER_MESSAGE));
    await client.query('SELECT pg_notify($1, $2)', [PROJECTION_CHANNEL, message]);
  }
}
