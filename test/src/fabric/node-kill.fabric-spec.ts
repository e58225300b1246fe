import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import { MAKER, PHARMACY, WHOLESALER } from '../contract/ledger.suite.js';
import { halfTheMaximum } from '../contract/relay-kill.suite.js';
import { RelayedWorld } from '../contract/relayed-world.js';
import { killsPerPoint, limitOfKills, TestNetwork, type WorkerProcess } from '../support/index.js';
import { drawn, faultCase, FIRST, SLUGS, untilProgress } from './fault-case.js';

const LONG = 280_000;
const OTHERS = SLUGS.filter((slug) => slug !== FIRST);

describe('kill -9 of a node while custody events flow', () => {
  const seed = jest.getSeed();
  const random = new SeededRandom(`node-kill-${seed}`);
  let network: TestNetwork;
  let world: RelayedWorld;
  let worker: WorkerProcess;
  let perSecond: number;

  beforeAll(async () => {
    network = await TestNetwork.make({ parties: [MAKER, WHOLESALER, PHARMACY], blockMs: 200 });
    world = await RelayedWorld.fabric(network.networkDirectory);
    ({ worker, perSecond } = await halfTheMaximum(world));
  }, LONG);

  afterAll(async () => {
    await world.close();
    await network.destroy();
  }, LONG);

  const follower = async (): Promise<`orderer-${(typeof SLUGS)[number]}`> => {
    const leader = await network.leader();
    return drawn(
      random,
      SLUGS.map((slug) => `orderer-${slug}` as const).filter((name) => name !== leader),
    );
  };

  it.each([
    ['an orderer that follows', follower],
    ['the orderer that leads', () => network.leader()],
    ['a peer that is not asked', async () => `peer-${drawn(random, OTHERS)}` as const],
    ['the peer that is asked', async () => `peer-${FIRST}` as const],
    [
      'a chaincode server of an organisation that is not asked',
      async () => `chaincode-${drawn(random, OTHERS)}` as const,
    ],
    ['the chaincode server of the organisation that is asked', async () => `chaincode-${FIRST}` as const],
  ])(
    '%s loses nothing, and events go on without it',
    async (what, victimOf) => {
      for (let kill = 1; kill <= killsPerPoint(); kill++) {
        if (what.includes('asked')) {
          // A fresh worker asks the first organisation's peer.
          expect(await worker.stop()).toBe(0);
          worker = await world.start();
        }
        const victim = await victimOf();
        const events = await faultCase(network, world, `${what}, ${victim} ${kill}`, perSecond, random, async () => {
          await network.kill(victim);
          await untilProgress(world);
          await network.start(victim);
        });
        process.stderr.write(`${what}, kill ${kill}: ${victim}, ${events} events, seed ${seed}\n`);
      }
    },
    limitOfKills(140_000),
  );

  it(
    'leaves a ledger of which everything is known and nothing wrong',
    async () => {
      const { status, stdout, stderr } = await world.command('status', '--json');
      const report = JSON.parse(stdout) as {
        ledger: { height: number; lastBlock: { signers: string[] }; builds: { agreed: string; served: unknown[] } };
      };
      expect([status, stderr]).toEqual([0, '']);
      const { height, builds, lastBlock } = report.ledger;
      expect(report).toMatchObject({
        ledger: { adapter: 'fabric', organisations: Array(4).fill(expect.objectContaining({ height })) },
        outbox: { backlog: 0, unknown: 0, held: 0, parked: [] },
        problems: [],
      });
      expect(lastBlock.signers).toHaveLength(3);
      expect(builds.served).toEqual(Array(4).fill(expect.objectContaining({ digest: builds.agreed })));
      expect(await world.command('fsck')).toMatchObject({ status: 0, stderr: '' });
      const changed = 'f'.repeat(64);
      const [event] = await world.owner.query<{ id: number; commitment: string }>(
        'SELECT id, commitment FROM custody_event ORDER BY id LIMIT 1',
      );
      const write = (commitment: string | undefined): Promise<unknown> =>
        world.owner.query('UPDATE custody_event SET commitment = $2 WHERE id = $1', [event?.id, commitment]);
      await write(changed);
      const found = await world.command('fsck', '--json');
      await write(event?.commitment);
      const { findings } = JSON.parse(found.stdout) as { findings: { code: string }[] };
      expect([found.status, findings.map(({ code }) => code).sort()]).toEqual([
        1,
        ['anchor-missing', 'commitment-differs', 'event-missing'],
      ]);
      const before = await world.tables();
      expect(await world.command('rebuild')).toMatchObject({ status: 0, stderr: '' });
      expect(await world.tables()).toEqual(before);
    },
    // Looking at the whole chain takes as long as it is.
    limitOfKills(140_000),
  );
});
