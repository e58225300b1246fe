import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import { Watermarks } from '@coldchain/iot-ingest/sources';
import { type TestDatabase, testDatabase } from '../support/index.js';
import { registerGateways } from './ingest-fixture.js';

const MANY = 30_000;
const FEW = 4;
/** Of other gateways, so that the server expects few boots of each. */
const OTHERS = 1_000;
/** Boots that one acknowledgement may read. */
const MOST_READ = 50;

describe('a gateway whose clock was set again and again', () => {
  let clone: TestDatabase;
  let owner: Database;
  let ingest: Database;
  beforeAll(async () => {
    clone = await testDatabase();
    owner = Database.open({ url: clone.url, role: null, applicationName: 'spec' });
    ingest = Database.open({ url: clone.url, role: 'cct_ingest', maxConnections: 1, applicationName: 'spec' });
    await registerGateways(owner);
    await owner.query(
      `INSERT INTO gateway (organisation_id, name, password_hash)
       SELECT o.id, 'other-' || i, '' FROM organisation o, generate_series(1, $1::int) i WHERE o.slug = 'south'`,
      [OTHERS],
    );
    await owner.query(
      `INSERT INTO stream (gateway_id, boot) SELECT g.id, 'boot-' || i
       FROM gateway g JOIN organisation o ON o.id = g.organisation_id,
         generate_series(1, (CASE WHEN o.slug = 'north' AND g.name = 'g1' THEN $1::int ELSE $2::int END)) i
       ORDER BY i`,
      [MANY, FEW],
    );
    await owner.query('ANALYZE stream');
  });
  afterAll(async () => {
    await ingest.close();
    await owner.close();
    await clone.close();
  });

  it('is acknowledged at the cost of any other: of its newest boots', async () => {
    const ids = await owner.query<{ id: number }>(
      `SELECT g.id FROM gateway g JOIN organisation o ON o.id = g.organisation_id
       WHERE o.slug = 'north' AND g.name IN ('g1', 'g2') ORDER BY g.name`,
    );
    const watermarks = new Watermarks(ingest, 'without numbers');
    /** Boots that the server read in tables and indexes so far. */
    const read = async (): Promise<number> => {
      await ingest.query('SELECT pg_stat_force_next_flush()');
      const [row] = await owner.query<{ rows: number }>(
        `SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'stream')
              + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'stream') AS rows`,
      );
      return Number(row?.rows);
    };
    for (const [index, boots] of [MANY, FEW].entries()) {
      const before = await read();
      const gatewayId = ids[index]?.id ?? 0;
      const answers = await watermarks.of([{ gatewayId, boots: new Set() }]);
      const named = (answers.get(gatewayId) ?? []).map(({ boot }) => boot);
      expect(named).toEqual([3, 2, 1, 0].map((back) => `boot-${boots - back}`));
      expect((await read()) - before).toBeLessThan(MOST_READ);
    }
  });
});
