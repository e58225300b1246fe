import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import { type TestDatabase, testDatabase } from './test-database.js';

describe('testDatabase', () => {
  const databases: TestDatabase[] = [];
  beforeAll(async () => {
    databases.push(...(await Promise.all([testDatabase(), testDatabase()])));
  });
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
  });

  it('gives each caller a migrated database of its own', async () => {
    const [left, right] = databases.map(({ url }) =>
      Database.open({ url, role: null, applicationName: 'spec', maxConnections: 1 }),
    );
    await left?.query('CREATE TABLE only_left (id integer)');
    const tables = `SELECT relname FROM pg_class WHERE relname IN ('organisation', 'only_left') ORDER BY 1`;
    expect(await left?.query(tables)).toEqual([{ relname: 'only_left' }, { relname: 'organisation' }]);
    expect(await right?.query(tables)).toEqual([{ relname: 'organisation' }]);
    await Promise.all([left?.close(), right?.close()]);
  });
});
