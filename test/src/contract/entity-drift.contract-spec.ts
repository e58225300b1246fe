import { expect, it } from '@jest/globals';
import { EntityDatabase } from '@coldchain/database';
import { testDatabase } from '../support/index.js';

it('entities and the migrated schema agree: no statement would be needed', async () => {
  const database = await testDatabase();
  const entities = await EntityDatabase.open({ url: database.url, role: null, applicationName: 'entity-drift' });
  try {
    expect(await entities.drift()).toEqual([]);
  } finally {
    await entities.close();
    await database.close();
  }
});
