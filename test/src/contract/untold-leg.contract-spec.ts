import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { aggregateUnit, assessHold, bindLogger, releaseHold, unbindLogger } from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';
import { carton, GTIN, HOUR_MS, LOT, serials } from './custody-world.js';
import { EvaluatorWorld } from './evaluator-world.js';

const START = Date.parse('2026-06-01T00:00:00Z');

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
/** Its owner finds it usable after all, and it is released. */
const decide = async (sscc: Sscc): Promise<void> => {
  const [row] = await world.custody.owner.query<{ commitment: string }>(
    `SELECT h ->> 'commitment' AS commitment FROM unit u
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     CROSS JOIN LATERAL jsonb_array_elements(e.state -> 'holds') h WHERE u.sscc = $1`,
    [sscc],
  );
  const hold = { kind: 'thermal', reason: 'temperature-doubted', commitment: row?.commitment ?? '' } as const;
  world.custody.clock.advance(1000);
  await world.custody.as('maker', (context) => assessHold(context, { hold, ssccs: [sscc], conclusion: 'usable' }));
  await world.custody.as('maker', (context) => releaseHold(context, { hold, ssccs: [sscc] }));
};
const acts = async (command: string): Promise<number> =>
  (await world.custody.owner.query('SELECT 1 FROM outbox WHERE command = $1', [command])).length;

/** More units than the ledger charges at once are filled from the carton, a day after it was packed. */
const filledFromIt = async (): Promise<Sscc[]> => {
  const units = Array.from({ length: 56 }, (_, index) => carton(index + 2));
  // What is measured now is of the carton alone; what comes late was measured before they were filled from it.
  world.custody.clock.advance(24 * HOUR_MS - world.custody.clock.now() + START);
  for (const sscc of units) {
    world.custody.clock.advance(1000);
    const packs = [{ gtin: GTIN, lot: LOT, serials: serials(1, 1) }];
    await world.custody.as('maker', (context) => aggregateUnit(context, { sscc, children: [], packs }));
  }
  return units;
};

it('holds the goods of a leg that broke a rule where too many units took its state over for the ledger to take it', async () => {
  const units = await filledFromIt();
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
  // Once.
  await world.measure(20, 22, () => 12);
  await world.evaluate();
  expect(await acts('placeHold')).toBe(holds);

  // What is decided about them stands, until more comes that harmed them.
  await decide(carton(2));
  await world.measure(22, 23, () => 5);
  await world.evaluate();
  expect(await held()).toEqual([carton(1), ...units.slice(1)].sort());
  await world.measure(23, 24, () => 12);
  await world.evaluate();
  expect(await held()).toEqual([carton(1), ...units].sort());
  expect(await acts('placeHold')).toBe(holds + 1);
});

it('holds them for what several such legs did, of which none broke a rule', async () => {
  const logger = { sscc: carton(1), logger: 'LOG-1' };
  world.custody.clock.advance(12 * HOUR_MS);
  await world.custody.as('maker', (context) => unbindLogger(context, logger));
  world.custody.clock.advance(1000);
  await world.custody.as('maker', (context) => bindLogger(context, logger));
  const units = await filledFromIt();
  await world.measure(0, 12, (hour) => (hour < 6 ? 12 : 5));
  await world.evaluate();
  expect(await held()).toEqual([]);
  await world.measure(12, 24, (hour) => (hour < 18 ? 12 : 5));
  await world.evaluate();
  expect(await held()).toEqual([carton(1), ...units].sort());
});
