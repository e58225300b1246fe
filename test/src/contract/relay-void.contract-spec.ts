import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Outcome } from '@coldchain/ledger';
import { WorkerWorld } from './ledger-worker-world.js';

describe('the relay, when a transaction is void in its block', () => {
  let world: WorkerWorld;

  beforeAll(async () => {
    world = await WorkerWorld.open();
  });

  afterAll(() => world.close());

  it('says so, and proposes the act anew until enough organisations endorse it', async () => {
    await world.begin();
    world.start();
    await world.settled();
    let alone = true;
    world.ledger.onEndorse = (command) => (command === 'aggregateUnit' && alone ? ['ManufacturerMSP'] : undefined);
    const outcomes: Outcome[] = [];
    world.ledger.onSubmit = async (_, submit) => {
      const outcome = await submit();
      outcomes.push(outcome);
      return outcome;
    };
    const { commitment } = await world.pack('void');
    await world.until(`SELECT count(*) = 1 FROM outbox WHERE last_error ->> 'code' = 'invalid'`);
    alone = false;
    await world.settled();
    const told = outcomes.map((outcome) => (outcome.kind === 'invalid' ? outcome.code : outcome.kind));
    expect(new Set(told.slice(0, -1))).toEqual(new Set(['ENDORSEMENT_POLICY_FAILURE']));
    expect(told.at(-1)).toBe('committed');
    expect(await world.anchorings(commitment)).toBe(1);
  }, 60_000);
});
