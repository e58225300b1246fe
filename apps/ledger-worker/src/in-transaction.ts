import type { Pool, PoolClient } from 'pg';

/** Runs `work` in one transaction; rolls back when it throws. */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that breaks between two statements emits this, and without a listener it would end the process. The
  // next statement fails, which is how it is noticed.
  const broke = (): void => undefined;
  client.on('error', broke);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error(String(cause));
    });
    throw error;
  } finally {
    client.off('error', broke);
    client.release(broken);
  }
}
