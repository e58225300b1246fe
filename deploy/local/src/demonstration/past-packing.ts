import { ActRefused, type AggregateUnit, aggregateUnit } from '@coldchain/custody';
import { Database } from '@coldchain/database';
import type { Gln } from '@coldchain/gs1';
import { ManualClock, SystemRandom } from '@coldchain/kernel';

/**
 * Packs a unit of an organisation at a time in the past, captured then. The API captures now, and a logger that it is told
 * of a day later is evidence from a quarter of an hour before that on, as it has to be: no story of yesterday can be told
 * through it. Does nothing for a unit that is there: an earlier start packed it.
 */
export async function packInThePast(
  databaseUrl: string,
  slug: string,
  unit: AggregateUnit,
  packedAt: number,
): Promise<void> {
  const database = Database.open({
    url: databaseUrl,
    role: 'cct_api',
    maxConnections: 1,
    applicationName: 'coldchain-demonstration',
  });
  try {
    const [organisation] = await database.query<{ id: number; slug: string; party: string; gln: Gln }>(
      'SELECT id, slug, party, gln FROM organisation WHERE slug = $1',
      [slug],
    );
    if (organisation === undefined) throw new Error(`demonstration: no organisation ${slug}`);
    await database.withOrganisation(organisation.id, (transaction) =>
      aggregateUnit({ transaction, organisation, clock: new ManualClock(packedAt), random: new SystemRandom() }, unit),
    );
  } catch (error) {
    if (!(error instanceof ActRefused) || error.code !== 'sscc-exists') throw error;
  } finally {
    await database.close();
  }
}
