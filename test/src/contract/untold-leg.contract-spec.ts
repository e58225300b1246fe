import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { aggregateUnit } from '@coldchain/custody';
import { carton, GTIN, LOT, serials } from './custody-world.js';
import { EvaluatorWorld } from './evaluator-world.js';

let world: EvaluatorWorld;
beforeEach(async () => {
  world = await EvaluatorWorld.open();
});
afterEach(() => world.close());

/** Units with a thermal hold, as expected of the ledger. */
const held = async (): Promise<string[]> =>
  (
    await world.custody.owner.query<{ sscc: string }>(
      `SELECT u.sscc FROM unit u JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
       WHERE e.state @? '$.holds[*] ? (@.kind == "thermal" && @.reason == "temperature-doubted")' ORDER BY u.sscc`,
    )
  ).map(({ sscc }) => sscc);
const acts = async (command: string): Promise<number> =>
  (await world.custody.owner.query('SELECT 1 FROM outbox WHERE command = $1', [command])).length;

it('holds the goods of a leg that broke a rule where too many units took its state over for the ledger to take it', async () => {
  const units = Array.from({ length: 56 }, (_, index) => carton(index + 2));
  // What is measured now is of the carton alone; what comes late was measured before they were filled from it.
  world.custody.clock.advance(24 * 3_600_000);
  for (const sscc of units) {
    world.custody.clock.advance(1000);
    const packs = [{ gtin: GTIN, lot: LOT, serials: serials(1, 1) }];
    await world.custody.as('maker', (context) => aggregateUnit(context, { sscc, children: [], packs }));
  }
  await world.measure(0, 2, () => 5);
  await world.evaluate();
  expect(await held()).toEqual([]);
  await world.measure(2, 20, () => 12);
  await world.evaluate();
  const [leg] = await world.custody.owner.query('SELECT recorded FROM leg ORDER BY id LIMIT 1');
  expect(leg).toEqual({ recorded: null });
  expect(await held()).toEqual([carton(1), ...units].sort());
  const holds = await acts('placeHold');
  expect(holds).toBe(2);
  // Once: what is decided about them stands.
  await world.measure(20, 23, () => 12);
  await world.evaluate();
  expect(await acts('placeHold')).toBe(holds);
});
