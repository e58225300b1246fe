import { createHash } from 'node:crypto';
import { Database } from '@coldchain/database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../support/index.js';

const LARGE = Buffer.alloc(3_000_000, 'abc');
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a statement with large parameters', () => {
  let server: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    server = await testDatabase();
    database = Database.open({ url: server.url, role: null, maxConnections: 1, applicationName: 'spec' });
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  const ask = (numerator: number, divisor: number, bytes: Buffer): Promise<unknown[]> =>
    database.asProcess((transaction) =>
      transaction.query(
        `SELECT $1::int / $2::int AS quotient, encode(sha256($3::bytea), 'hex') AS large, $4::text AS text, $5::bytea AS nothing`,
        [numerator, divisor, bytes, 'größer', null],
        'large-parameters',
      ),
    );

  it('reaches the server as it is, the first time and when it is prepared', async () => {
    for (const bytes of [LARGE, LARGE.subarray(0, 70_000), Buffer.from('small')])
      expect(await ask(6, 3, bytes)).toEqual([{ quotient: 2, large: sha256(bytes), text: 'größer', nothing: null }]);
  });

  it('fails as any other, and the connection goes on', async () => {
    await expect(ask(1, 0, LARGE)).rejects.toMatchObject({ code: '22012' });
    expect(await ask(1, 1, LARGE)).toHaveLength(1);
  });
});
