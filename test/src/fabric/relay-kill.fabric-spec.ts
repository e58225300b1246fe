import { afterAll, beforeAll } from '@jest/globals';
import { type SeededRandom, sleep } from '@coldchain/kernel';
import { captureMany } from '../contract/custody-flow.js';
import { MAKER, PHARMACY, WHOLESALER } from '../contract/ledger.suite.js';
import { inBlocks, killAtHoldPoint, relayKillSuite, submitted } from '../contract/relay-kill.suite.js';
import { RelayedWorld } from '../contract/relayed-world.js';
import { TestNetwork, type WorkerProcess } from '../support/index.js';

/** As a real network has it: between the orderers' word and the block there is time to die. */
const BLOCK_MS = 200;
/** What the orderers have is in a block after so long, also on a machine that others use. */
const ORDERED_MS = 10_000;

/** Events that are on their way together when it dies: the first ones of units of their own, so none waits for another. */
const BURST = 24;

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
  // Several at once, so that one of them is between its orderers and its block.
  await captureMany(world, `burst ${random.unit()}`, BURST);
  await world.until(`SELECT count(*) > 0 FROM outbox WHERE state = 'submitted'`);
  // A moment of the life of such an event, as long as it is on this machine now.
  const [life] = await world.owner.query<{ ms: number }>(
    `SELECT (1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM settled_at - created_at)))::integer AS ms
     FROM (SELECT settled_at, created_at FROM outbox WHERE state = 'committed' ORDER BY id DESC LIMIT 50) recent`,
  );
  await sleep((life?.ms ?? BLOCK_MS) * random.unit());
  await worker.kill();
  const ids = await submitted(world);
  const before = await inBlocks(world, ids);
  let ordered = 0;
  for (const until = Date.now() + ORDERED_MS; ordered === 0 && before < ids.length && Date.now() < until;) {
    await sleep(100);
    ordered = (await inBlocks(world, ids)) - before;
  }
  return ordered === 0 ? undefined : { submitted: ids.length, committed: before, ordered };
}
