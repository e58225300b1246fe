import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { aggregateUnit, certifyBatch, publishProfile, registerBatch } from '@coldchain/custody';
import { Database } from '@coldchain/database';
import { type Evaluator, startEvaluator } from '@coldchain/iot-ingest/evaluate';
import { createLogger } from '@coldchain/runtime';
import { allVisible } from '../support/index.js';
import { carton, CustodyWorld, EXPIRY, GTIN, HOUR_MS, LOT, PROFILE, serials } from './custody-world.js';

let world: CustodyWorld;
let ingest: Database;
let evaluator: Evaluator;

beforeEach(async () => {
  world = await CustodyWorld.open();
  ingest = Database.open({
    url: world.url,
    role: 'cct_ingest',
    applicationName: 'hostile-evaluator',
    preparesStatements: true,
  });
  evaluator = startEvaluator({
    database: ingest,
    clock: world.clock,
    random: world.random,
    logger: createLogger('spec', 'silent'),
    pollMs: 3_600_000,
  });
  await world.as('maker', (context) => publishProfile(context, { productName: 'Vaccine', profile: PROFILE }));
  await world.as('maker', (context) =>
    registerBatch(context, { gtin: GTIN, lot: LOT, expiry: EXPIRY, profileVersion: 1, serials: serials(1, 10) }),
  );
  await world.as('maker', (context) => certifyBatch(context, { gtin: GTIN, lot: LOT }));
  for (const number of [1, 2]) {
    await world.logger('maker', `L${number}`);
    await world.as('maker', (context) =>
      aggregateUnit(context, {
        sscc: carton(number),
        children: [],
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(number, number) }],
        logger: `L${number}`,
      }),
    );
  }
});
afterEach(async () => {
  await evaluator.stop();
  await ingest.close();
  await world.close();
});

/** A stranger's unit whose state takes no further leg: the contract refuses every record of it from now on. */
async function fillLegs(number: number): Promise<void> {
  await world.owner.query(
    `UPDATE expected_object x SET state = jsonb_set(state, '{legs}', (
       SELECT jsonb_agg(jsonb_build_object('leg', lpad(n::text, 64, '0'), 'revision', 1, 'custodian', $2::text,
         'durationMs', 0, 'gapMs', 0, 'coldestMilliCelsius', NULL, 'hottestMilliCelsius', NULL,
         'exposures', jsonb_build_array(jsonb_build_object('profile', $3::text, 'usedMs', '[0]'::jsonb, 'freezeRunMs', 0)),
         'histogram', repeat('0', 64), 'startedAt', 0, 'absorbed', false))
       FROM generate_series(1, 200) n))
     FROM unit u WHERE u.unit_key = x.object_key AND u.sscc = $1`,
    [carton(number), world.organisation('maker').party, `${GTIN}/1`],
  );
}

it('a leg that the contract takes no record of keeps its evaluation and holds up no other', async () => {
  await fillLegs(1);
  world.clock.advance(HOUR_MS);
  await world.owner.query(`UPDATE leg SET ended_at = $1 WHERE unit_id = (SELECT id FROM unit WHERE sscc = $2)`, [
    new Date(world.clock.now()),
    carton(1),
  ]);
  await world.owner.query('INSERT INTO leg_change (leg_id) SELECT id FROM leg');
  const gapMs = async (): Promise<number | undefined> =>
    (
      await world.owner.query<{ gap_ms: number }>(
        'SELECT gap_ms FROM leg WHERE unit_id = (SELECT id FROM unit WHERE sscc = $1)',
        [carton(1)],
      )
    )[0]?.gap_ms;
  await allVisible(world.owner);
  await evaluator.runOnce();
  expect(await gapMs()).toBe(HOUR_MS);
  await allVisible(world.owner);
  await evaluator.runOnce();
  // nothing is left that is done over and over again
  expect(await evaluator.runOnce()).toBe(0);
});
