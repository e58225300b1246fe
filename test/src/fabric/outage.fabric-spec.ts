import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import { MAKER, PHARMACY, WHOLESALER } from '../contract/ledger.suite.js';
import { expectWhole, halfTheMaximum } from '../contract/relay-kill.suite.js';
import { RelayedWorld } from '../contract/relayed-world.js';
import { killsPerPoint, limitOfKills, TestNetwork, type WorkerProcess } from '../support/index.js';
import { drawn, faultCase, SLUGS, untilProgress } from './fault-case.js';

const LONG = limitOfKills(140_000);
const OUTAGE_MS = 4_000;
/** An outage is two kills and more. */
const OUTAGES = Math.ceil(killsPerPoint() / 2);

describe('an outage while custody events flow', () => {
  const seed = jest.getSeed();
  const random = new SeededRandom(`outage-${seed}`);
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

  /** Several times the same fault, each time checked at rest. */
  const times = async (what: string, fault: () => Promise<string>): Promise<void> => {
    for (let outage = 1; outage <= OUTAGES; outage++) {
      let victims = '';
      const events = await faultCase(network, world, `${what} ${outage}`, perSecond, random, async () => {
        victims = await fault();
        await untilProgress(world);
      });
      process.stderr.write(`${what}, outage ${outage}: ${victims}, ${events} events, seed ${seed}\n`);
    }
  };
  const problems = async (): Promise<{ readonly status: number | null; readonly codes: readonly string[] }> => {
    const { status, stdout } = await world.command('status', '--json');
    const report = JSON.parse(stdout) as { problems: { code: string }[] };
    return { status, codes: report.problems.map(({ code }) => code) };
  };

  it(
    'of two orderers stops what is ordered, and loses nothing of it',
    () =>
      times('two orderers', async () => {
        const first = drawn(random, SLUGS);
        const victims = [
          first,
          drawn(
            random,
            SLUGS.filter((slug) => slug !== first),
          ),
        ];
        await Promise.all(victims.map((slug) => network.kill(`orderer-${slug}`)));
        await sleep(500);
        const { height } = await world.ledger.health();
        await sleep(OUTAGE_MS);
        expect((await world.ledger.health()).height).toBe(height);
        await Promise.all(victims.map((slug) => network.start(`orderer-${slug}`)));
        return victims.join(' and ');
      }),
    LONG,
  );

  it(
    'of a whole organisation lets the three others go on, and tells who is away',
    () =>
      times('an organisation', async () => {
        const slug = drawn(random, SLUGS);
        const names = [`peer-${slug}`, `orderer-${slug}`, `chaincode-${slug}`] as const;
        await Promise.all(names.map((name) => network.kill(name)));
        await untilProgress(world);
        const { status, codes } = await problems();
        expect(codes).toContain('peer-silent');
        expect(status).toBe(2);
        for (const name of names) await network.start(name);
        return slug;
      }),
    LONG,
  );

  it(
    'of everything leaves what was captured to be anchored when all is back',
    () =>
      times('everything', async () => {
        await Promise.all([network.killAll(), worker.kill()]);
        const away = await problems();
        expect([away.status, away.codes]).toEqual([2, expect.arrayContaining(['ledger-unavailable'])]);
        await network.repair();
        worker = await world.start();
        return 'all nodes and the relay';
      }),
    LONG,
  );

  it(
    'after which an envelope is ordered a second time changes nothing',
    async () => {
      // The orderers of a restarted network do not remember what they ordered.
      const [row] = await world.owner.query<{ envelope: Buffer; transaction_id: string }>(
        `SELECT envelope, transaction_id FROM outbox WHERE event_id IS NOT NULL AND envelope IS NOT NULL ORDER BY id LIMIT 1`,
      );
      if (row === undefined) throw new Error('no envelope was kept');
      const first = await world.ledger.transaction(row.transaction_id);
      const { height } = await world.ledger.health();
      const before = await world.tables();
      expect(await world.ledger.submit(row.envelope)).toEqual(first);
      await expectWhole(world);
      const block = await world.ledger.block(height);
      expect(block?.transactions).toMatchObject([{ transactionId: row.transaction_id, valid: false, event: null }]);
      const [objects, anchors, , events, outbox] = (await world.tables()) as unknown[];
      expect([objects, anchors, events, outbox]).toEqual([0, 1, 3, 4].map((table) => (before as unknown[])[table]));
    },
    LONG,
  );
});
