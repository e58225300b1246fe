import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` between BEGIN and its end on one connection. When `work` throws it is rolled back.
 * @param begin the statement that opens the transaction
 * @param end `COMMIT`, or `ROLLBACK` for one that only reads
 * @param onEnd called right before the end: a connection that breaks later leaves open whether it happened
 */
export async function transaction<Result>(
  pool: Pool,
  begin: string,
  end: 'COMMIT' | 'ROLLBACK',
  work: (client: PoolClient) => Promise<Result>,
  onEnd: () => void = () => undefined,
): Promise<Result> {
  const client = await pool.connect();
  // A connection that breaks between two statements emits this, and without a listener it would end the process. The
  // next statement fails, which is how it is noticed.
  const broke = (): void => undefined;
  client.on('error', broke);
  let unusable = false;
  try {
    await client.query(begin);
    const result = await work(client);
    onEnd();
    await client.query(end);
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      unusable = true;
    });
    throw error;
  } finally {
    client.off('error', broke);
    client.release(unusable);
  }
}
