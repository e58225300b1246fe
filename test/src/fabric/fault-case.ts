import { SeededRandom, sleep } from '@coldchain/kernel';
import { CustodyFlow } from '../contract/custody-flow.js';
import { expectWhole } from '../contract/relay-kill.suite.js';
import type { RelayedWorld } from '../contract/relayed-world.js';
import type { TestNetwork } from '../support/index.js';

/** One organisation by the name that its processes carry. */
export const SLUGS = ['manufacturer', 'distributor', 'pharmacy', 'regulator'] as const;
/** The organisation whose peer a fresh worker asks first. */
export const FIRST = 'manufacturer';

/** One of a list, drawn. */
export function drawn<Item>(random: SeededRandom, items: readonly Item[]): Item {
  const item = items[Math.floor(random.unit() * items.length)];
  if (item === undefined) throw new RangeError('an empty list');
  return item;
}

/** Waits until events that are captured from now on come onto the ledger: it works, whatever is broken. */
export async function untilProgress(world: RelayedWorld): Promise<void> {
  const [row] = await world.owner.query<{ id: number }>('SELECT max(id) AS id FROM outbox');
  await world.until(`SELECT count(*) > 0 FROM outbox WHERE state = 'committed' AND id > $1`, [row?.id ?? 0]);
}

/**
 * Lets events flow, breaks something, mends it, and checks at rest that every event is anchored once, that all peers hold
 * the same blocks, and that the read model is what these give.
 * @returns number of events that were captured meanwhile
 */
export async function faultCase(
  network: TestNetwork,
  world: RelayedWorld,
  name: string,
  perSecond: number,
  random: SeededRandom,
  fault: () => Promise<void>,
): Promise<number> {
  const flow = new CustodyFlow(world, name, perSecond);
  try {
    await sleep(300 + 500 * random.unit());
    await fault();
    await sleep(200);
  } finally {
    await flow.stop();
  }
  await expectWhole(world, flow.count);
  // Asked when nothing is on its way any more: peers get a block one after the other.
  await network.settled();
  return flow.count;
}
