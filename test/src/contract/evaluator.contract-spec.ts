import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LegRecord, UnitState } from '@coldchain/chaincode/protocol';
import { receiveUnits, shipUnits } from '@coldchain/custody';
import { carton, type CustodyWorld, HOUR_MS } from './custody-world.js';
import { EvaluatorWorld } from './evaluator-world.js';

let evaluatorWorld: EvaluatorWorld;
let world: CustodyWorld;

beforeEach(async () => {
  evaluatorWorld = await EvaluatorWorld.open();
  world = evaluatorWorld.custody;
});

afterEach(async () => {
  await evaluatorWorld.close();
});

const evaluate = (): Promise<number> => evaluatorWorld.evaluate();
const measure = (...span: Parameters<EvaluatorWorld['measure']>): Promise<void> => evaluatorWorld.measure(...span);

interface StoredLeg {
  readonly readings: number;
  readonly state: unknown;
  readonly exposures: readonly { readonly usedMs: readonly number[]; readonly freezeRunMs: number }[];
  readonly revision: number;
  readonly recorded: LegRecord | null;
  readonly final: boolean;
}
const legs = () => world.owner.query<StoredLeg>('SELECT * FROM leg ORDER BY id');
const excursions = () =>
  world.owner.query<{ rule: string; opened_at: Date; closed_at: Date | null }>(
    'SELECT rule, opened_at, closed_at FROM excursion ORDER BY opened_at, rule',
  );
async function unit(): Promise<UnitState> {
  const [row] = await world.owner.query<{ state: UnitState }>(
    `SELECT state FROM expected_object WHERE object_type = 'unit'`,
  );
  if (row === undefined) throw new Error('no unit');
  return row.state;
}

describe('evaluator', () => {
  it('finds an excursion, keeps it open, and closes it', async () => {
    world.clock.advance(10 * HOUR_MS);
    await measure(0, 2, () => 5);
    await measure(2, 3, () => 9);
    await evaluate();
    expect(await excursions()).toMatchObject([
      { rule: 'above 8 °C', closed_at: null },
      { rule: 'above-storage', closed_at: null },
    ]);
    await measure(3, 4, () => 5);
    await evaluate();
    const closed = await excursions();
    expect(closed).toHaveLength(2);
    expect(closed[0]).toMatchObject({
      opened_at: new Date('2026-06-01T02:00:00Z'),
      closed_at: new Date('2026-06-01T03:00:00Z'),
    });
    expect((await legs())[0]?.exposures[0]?.usedMs).toEqual([HOUR_MS]);
  });

  it('tells the ledger when the budget is passed, and expects the hold that the contract will place', async () => {
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 5, () => 5);
    await measure(5, 15, () => 9);
    await evaluate();
    // ten hours are allowed: the last reading of the ten holds for five minutes that have not passed yet
    expect((await unit()).holds).toEqual([]);
    await measure(15, 15.2, () => 9);
    await evaluate();
    expect((await unit()).holds).toMatchObject([{ kind: 'thermal', reason: 'budget-exceeded' }]);
    const [urgent] = await world.owner.query<{ priority: number }>(
      `SELECT priority FROM outbox WHERE command = 'recordExposure' ORDER BY id DESC LIMIT 1`,
    );
    expect(urgent?.priority).toBe(0);
  });

  it('holds what was frozen, however warm it was on average', async () => {
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 5, () => 6);
    await measure(5, 6.2, () => -0.5);
    await measure(6.2, 12, () => 6);
    await evaluate();
    expect((await unit()).holds).toMatchObject([{ kind: 'thermal', reason: 'freeze-rule' }]);
  });

  it('ends in the same state whatever came late', async () => {
    const day = (hour: number): number => (hour > 3 && hour < 4 ? 9 : 5);
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 8, day);
    await evaluate();
    const [atOnce] = await legs();
    const found = await excursions();
    await world.owner.query('DELETE FROM reading_series');
    await world.owner.query('DELETE FROM excursion');
    await world.owner.query('UPDATE leg SET state = NULL');
    for (const [from, to] of [
      [6, 8],
      [0, 1],
      [3.5, 6],
      [1, 3.5],
      [3, 4],
    ] as const) {
      await measure(from, to, day);
      await evaluate();
    }
    const [piecemeal] = await legs();
    expect(piecemeal?.state).toEqual(atOnce?.state);
    expect(await excursions()).toEqual(found);
  });

  it('goes on from the checkpoint before what came late, and ends as it would from the start', async () => {
    const wave = (hour: number): number => 5 + 4 * Math.sin(hour / 3) - (hour > 40 && hour < 42 ? 12 : 0);
    world.clock.advance(100 * HOUR_MS);
    for (let hour = 0; hour < 96; hour += 12) if (hour !== 60) await measure(hour, hour + 12, wave);
    await evaluate();
    const checkpoints = () =>
      world.owner.query<{ evaluated_to: Date }>('SELECT evaluated_to, state FROM leg_checkpoint ORDER BY evaluated_to');
    expect((await checkpoints()).map(({ evaluated_to }) => evaluated_to.toISOString())).toEqual([
      '2026-06-01T23:55:00.000Z',
      '2026-06-02T23:55:00.000Z',
      '2026-06-03T11:55:00.000Z',
    ]);
    await measure(60, 72, wave);
    await evaluate();
    const [late] = await legs();
    const found = await excursions();
    const kept = await checkpoints();
    expect(kept.map(({ evaluated_to }) => evaluated_to.toISOString()).at(-1)).toBe('2026-06-03T23:55:00.000Z');
    await world.owner.query('DELETE FROM leg_checkpoint');
    await world.owner.query('UPDATE leg SET state = NULL');
    await world.owner.query('DELETE FROM follow_checkpoint');
    await evaluate();
    expect((await legs())[0]?.state).toEqual(late?.state);
    expect(await excursions()).toEqual(found);
    expect(await checkpoints()).toEqual(kept);
  });

  it('gives what happens around the handover to nobody, and adds the legs up to the ms', async () => {
    world.clock.advance(2 * HOUR_MS);
    await world.as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    world.clock.advance(4 * HOUR_MS);
    await world.as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    await world.owner.query('UPDATE logger SET clock_uncertainty_ms = 600000');
    world.clock.advance(10 * HOUR_MS);
    // Warm for five minutes before and five after the handover at 06:00, and for an hour much later.
    await measure(0, 9, (hour) => ((hour > 5.9 && hour < 6.05) || (hour >= 8 && hour < 8.95) ? 9 : 5));
    await evaluate();
    const assigned = await world.owner.query<{ responsibility: string; leg_id: number; opened_at: Date }>(
      `SELECT responsibility, leg_id, opened_at FROM excursion WHERE rule = 'above-storage' ORDER BY opened_at`,
    );
    expect(assigned.map(({ responsibility }) => responsibility)).toEqual(['undetermined', 'undetermined', 'custodian']);
    const used = (await legs()).map(({ exposures }) => exposures[0]?.usedMs[0] ?? 0);
    const total = (await unit()).total.exposures[0]?.usedMs[0];
    expect(used[0]).toBe(300_000);
    expect(used[0]! + used[1]!).toBe(total);
  });

  it('takes a changed end of one leg into the next, also when both have news in one look', async () => {
    world.clock.advance(2 * HOUR_MS);
    await world.as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    world.clock.advance(4 * HOUR_MS);
    await world.as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    world.clock.advance(10 * HOUR_MS);
    await measure(0, 5, () => 5);
    // The receiver's first reading comes after a while: until it, what the sender's last reading says goes on.
    await measure(6.05, 8, () => 5);
    await evaluate();
    await measure(5, 6, (hour) => (hour > 5.5 ? -1 : 5));
    await measure(8, 9, () => 5);
    await evaluate();
    const [, receiver] = await legs();
    await world.owner.query('UPDATE leg SET state = NULL');
    await world.owner.query('DELETE FROM follow_checkpoint');
    await evaluate();
    expect((await legs())[1]?.state).toEqual(receiver?.state);
  });

  it('finds a freeze that a handover splits, also when the next leg was looked at before any of its readings came', async () => {
    world.clock.advance(2 * HOUR_MS);
    await world.as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    world.clock.advance(4 * HOUR_MS);
    await world.as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    await evaluate();
    world.clock.advance(4 * HOUR_MS);
    const celsius = (hour: number): number => (Math.abs(hour - 6) < 0.68 ? -1 : 5);
    await measure(0, 6, celsius);
    await evaluate();
    await measure(6, 8, celsius);
    await evaluate();
    expect((await excursions()).filter(({ rule }) => rule === 'freeze')).toHaveLength(1);
    expect((await unit()).holds).toMatchObject([{ kind: 'thermal', reason: 'freeze-rule' }]);
  });

  it('evaluates the next leg again when it failed after the one before was stored', async () => {
    world.clock.advance(2 * HOUR_MS);
    await world.as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    world.clock.advance(4 * HOUR_MS);
    await world.as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    world.clock.advance(4 * HOUR_MS);
    const celsius = (hour: number): number => (Math.abs(hour - 6) < 0.68 ? -1 : 5);
    await measure(6, 8, celsius);
    await evaluate();
    await measure(0, 6, celsius);
    await world.owner.query(`CREATE FUNCTION break_leg() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.previous_leg_id IS NOT NULL THEN RAISE 'broken'; END IF; RETURN NEW; END $$`);
    await world.owner.query('CREATE TRIGGER break_leg BEFORE UPDATE ON leg FOR EACH ROW EXECUTE FUNCTION break_leg()');
    await expect(evaluate()).rejects.toThrow('broken');
    await world.owner.query('DROP TRIGGER break_leg ON leg');
    await evaluate();
    expect((await excursions()).filter(({ rule }) => rule === 'freeze')).toHaveLength(1);
  });

  it('folds again and again without recording twice', async () => {
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 8, () => 5);
    await evaluate();
    const before = await world.owner.query('SELECT count(*) FROM custody_event');
    await world.owner.query('DELETE FROM follow_checkpoint');
    await evaluate();
    await evaluate();
    expect(await world.owner.query('SELECT count(*) FROM custody_event')).toEqual(before);
  });

  it('attributes exposure to whose leg it was, and revises an ended leg when readings come late', async () => {
    world.clock.advance(2 * HOUR_MS);
    await world.as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    world.clock.advance(4 * HOUR_MS);
    await world.as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    world.clock.advance(10 * HOUR_MS);
    await measure(6, 9, () => 5);
    await evaluate();
    await measure(0, 6, (hour) => (hour >= 4 ? 9 : 5));
    await evaluate();
    const [sender, receiver] = await legs();
    expect(sender).toMatchObject({ final: true, exposures: [{ usedMs: [2 * HOUR_MS] }] });
    expect(sender?.recorded?.exposures[0]?.usedMs).toEqual([2 * HOUR_MS]);
    expect(receiver).toMatchObject({ final: false, exposures: [{ usedMs: [0] }] });
    const told = await unit();
    expect(told.total.exposures[0]?.usedMs).toEqual([2 * HOUR_MS]);
    expect(told.legs.map((leg) => leg.custodian)).toContain('ManufacturerMSP:maker');
  });

  it('tells up to when everything is evaluated, and no further while a transaction is open', async () => {
    const confirmedAt = async (): Promise<number> => {
      const [row] = await world.owner.query<{ confirmed_at: Date | null }>(
        'SELECT confirmed_at FROM follow_checkpoint',
      );
      return row?.confirmed_at?.getTime() ?? 0;
    };
    world.clock.advance(HOUR_MS);
    const before = world.clock.now();
    await measure(0, 0.5, () => 5);
    await evaluate();
    while ((await confirmedAt()) < before) {
      world.clock.advance(1_000);
      await evaluate();
    }
    await world.owner.asProcess(async (open) => {
      await open.query('SELECT pg_current_xact_id()');
      const opened = world.clock.now();
      for (let look = 0; look < 3; look++) {
        world.clock.advance(60_000);
        await measure(1 + look, 1.5 + look, () => 5);
        await evaluatorWorld.look();
      }
      expect(await confirmedAt()).toBeLessThanOrEqual(opened);
    });
  });
});
