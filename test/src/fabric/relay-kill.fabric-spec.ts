import { afterAll, beforeAll } from '@jest/globals';
import { type SeededRandom, sleep } from '@coldchain/kernel';
import { MAKER, PHARMACY, WHOLESALER } from '../contract/ledger.suite.js';
import { inBlocks, killAtHoldPoint, relayKillSuite, submitted } from '../contract/relay-kill.suite.js';
import { RelayedWorld } from '../contract/relayed-world.js';
import { TestNetwork, type WorkerProcess } from '../support/index.js';

/** As a real network has it: between the orderers' word and the block there is time to die. */
const BLOCK_MS = 200;
/** Blocks that the orderers are about to make are made after so long. */
const ORDERED_MS = 2_000;

let network: TestNetwork;

beforeAll(async () => {
  network = await TestNetwork.make({ parties: [MAKER, WHOLESALER, PHARMACY], blockMs: BLOCK_MS });
}, 120_000);

afterAll(() => network.destroy(), 60_000);

relayKillSuite(
  'Fabric',
  () => RelayedWorld.fabric(network.networkDirectory),
  (world, worker, point, random) =>
    point === 'after submit' ? killAfterSubmit(world, worker, random) : killAtHoldPoint(world, worker, point, random),
);

/**
 * Kills the worker while orderers have transactions that are in no block yet: those come into one without it. Undefined:
 * there were none at that moment.
 */
async function killAfterSubmit(
  world: RelayedWorld,
  worker: WorkerProcess,
  random: SeededRandom,
): Promise<Readonly<Record<string, number>> | undefined> {
  await world.until(`SELECT count(*) > 0 FROM outbox WHERE state = 'submitted'`);
  await sleep(BLOCK_MS * random.unit());
  await worker.kill();
  const ids = await submitted(world);
  const before = await inBlocks(world, ids);
  await sleep(ORDERED_MS);
  const committed = await inBlocks(world, ids);
  const ordered = committed - before;
  return ordered === 0 ? undefined : { submitted: ids.length, committed: before, ordered };
}
