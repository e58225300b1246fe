import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import { killsPerPoint, limitOfKills, type WorkerProcess } from '../support/index.js';
import { captureMany, CustodyFlow } from './custody-flow.js';
import type { HoldPointName } from './hold-point.js';
import type { RelayedWorld } from './relayed-world.js';

/** Events of the measurement of the maximum: the lives of as many units as are on their way beside each other. */
const MEASURED = 120;
/** One session captures no more than this per second. */
const CAPTURED_PER_SECOND = 150;
const LONG = limitOfKills(140_000);

/** Kills its worker at a point, and says how the rows that were on their way stood; undefined: the point was missed. */
export type KillAt = (
  world: RelayedWorld,
  worker: WorkerProcess,
  point: HoldPointName,
  random: SeededRandom,
) => Promise<Readonly<Record<string, number>> | undefined>;

/** Half of what the world's worker and ledger can do, in events per second; the worker runs afterwards. */
export async function halfTheMaximum(world: RelayedWorld): Promise<{ worker: WorkerProcess; perSecond: number }> {
  await world.begin();
  await (await begun(world)).stop();
  await captureMany(world, 'maximum', MEASURED);
  const worker = await world.start();
  const from = performance.now();
  await world.until(`SELECT count(*) = 0 FROM outbox WHERE state IN ('pending', 'submitted')`);
  const maximum = (MEASURED * 1_000) / (performance.now() - from);
  const perSecond = Math.min(CAPTURED_PER_SECOND, maximum / 2);
  process.stderr.write(`maximum ${maximum.toFixed(0)} events/s, flow ${perSecond.toFixed(0)} events/s\n`);
  return { worker, perSecond };
}

async function begun(world: RelayedWorld): Promise<WorkerProcess> {
  const worker = await world.start();
  await world.settled();
  return worker;
}

/** Everything that was captured stands on the ledger exactly once, and the read model is what the blocks give. */
export async function expectWhole(world: RelayedWorld, expected = 0): Promise<void> {
  await world.settled();
  const { events, outbox, anchors, findings, unchecked } = await world.rest();
  expect({ findings, unchecked }).toEqual({ findings: [], unchecked: [] });
  const others = await world.owner.query(
    `SELECT id, command, state, signing_party, last_error FROM outbox WHERE state <> 'committed' ORDER BY id LIMIT 5`,
  );
  expect({ others, outbox: Object.keys(outbox) }).toEqual({ others: [], outbox: ['committed'] });
  expect(anchors).toBe(events);
  expect(events).toBeGreaterThanOrEqual(expected);
}

/** Kills the worker again and again at every point while events flow at half the maximum. */
export function relayKillSuite(name: string, open: () => Promise<RelayedWorld>, killAt: KillAt): void {
  describe(`kill -9 of the relay on ${name}`, () => {
    const seed = jest.getSeed();
    const random = new SeededRandom(`relay-kill-${seed}`);
    let world: RelayedWorld;
    let worker: WorkerProcess;
    let perSecond: number;

    beforeAll(async () => {
      world = await open();
      ({ worker, perSecond } = await halfTheMaximum(world));
    }, LONG);

    afterAll(() => world.close(), LONG);

    it.each(['before submit', 'after submit', 'after commit'] as const)(
      '%s anchors every event exactly once',
      async (point) => {
        let misses = 0;
        for (let kill = 1; kill <= killsPerPoint();) {
          const flow = new CustodyFlow(world, `${point} ${kill} ${misses}`, perSecond);
          await sleep(200 + 500 * random.unit());
          const stood = await killAt(world, worker, point, random);
          worker = await world.start();
          await sleep(300);
          const captured = await flow.stop();
          if (stood === undefined) {
            misses++;
            if (misses > 10 * killsPerPoint()) throw new Error(`${point} was missed ${misses} times`);
            await world.settled();
            continue;
          }
          await expectWhole(world, captured.length);
          process.stderr.write(`${name}, ${point}, kill ${kill++}: ${JSON.stringify(stood)}, seed ${seed}\n`);
        }
      },
      LONG,
    );

    it(
      'paused instead, it is replaced, and writes nothing when it wakes up',
      async () => {
        const epoch = await world.epoch();
        const flow = new CustodyFlow(world, 'paused', perSecond);
        await sleep(200 + 500 * random.unit());
        worker.pause();
        const [last] = await world.owner.query<{ id: number }>('SELECT max(id) AS id FROM outbox');
        const standby = await world.start();
        await world.until(`SELECT count(*) > 0 FROM outbox WHERE id > $1 AND state = 'committed'`, [last?.id]);
        worker.resume();
        await sleep(1_000);
        const captured = await flow.stop();
        await expectWhole(world, captured.length);
        expect(await world.epoch()).toBe(epoch + 1);
        // It stands by, and leads again when the other one ends.
        const again = worker;
        worker = standby;
        expect(again.running).toBe(true);
        await standby.kill();
        worker = again;
        await world.until('SELECT epoch = $1 FROM ledger_leadership', [epoch + 2]);
      },
      LONG,
    );

    it(
      'builds the same read model anew from block 0',
      async () => {
        const before = await world.tables();
        expect(await world.command('rebuild')).toMatchObject({ status: 0, stderr: '' });
        expect(await world.tables()).toEqual(before);
      },
      LONG,
    );
  });
}

/** Rows that are submitted and not noted as committed, with their ids. */
export async function submitted(world: RelayedWorld): Promise<string[]> {
  const rows = await world.owner.query<{ transaction_id: string }>(
    `SELECT transaction_id FROM outbox WHERE state = 'submitted'`,
  );
  return rows.map((row) => row.transaction_id);
}

/** How many of these transactions are in a block. */
export async function inBlocks(world: RelayedWorld, ids: readonly string[]): Promise<number> {
  const known = await Promise.all(ids.map((id) => world.ledger.transaction(id)));
  return known.filter((outcome) => outcome?.kind === 'committed').length;
}

/** Holds the worker at a statement of the database and kills it there; undefined: nothing stood as the point says. */
export async function killAtHoldPoint(
  world: RelayedWorld,
  worker: WorkerProcess,
  point: HoldPointName,
  random: SeededRandom,
): Promise<Readonly<Record<string, number>> | undefined> {
  const hold = await world.holdAt(point);
  try {
    await hold.reached();
    // What was on its way before comes to the point as well, or has passed it.
    await sleep(20 + 100 * random.unit());
    await worker.kill();
    const ids = await submitted(world);
    const committed = await inBlocks(world, ids);
    // The held statement reaches the database or does not: a dead client's last words are heard, or its session is cut.
    const heard = random.unit() < 0.5;
    if (!heard) await hold.cut();
    if (point === 'after commit' && committed === 0) return undefined;
    return { submitted: ids.length, committed, heard: Number(heard) };
  } finally {
    await hold.release();
  }
}
