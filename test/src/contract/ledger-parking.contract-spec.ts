import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { LedgerError, type Outcome } from '@coldchain/ledger';
import { fsck } from '@coldchain/ledger-worker/fsck';
import { freePort } from '../support/index.js';
import { hex, MAKER, PHARMACY, REGULATOR, WHOLESALER } from './ledger.suite.js';
import { WorkerWorld } from './ledger-worker-world.js';

const LONG = 60_000;
/** Parked after two failures over this time. */
const PARKING = { failures: 2, durationMs: 10 };

describe('outbox rows that cannot succeed', () => {
  let world: WorkerWorld;
  let withoutKey: string | null = null;

  beforeEach(async () => {
    withoutKey = null;
    world = await WorkerWorld.open();
    world.ledger.onPrepare = (_, party) => {
      if (party === withoutKey) throw new LedgerError('party-not-served', `no identity of ${party}`, { party });
    };
  }, LONG);

  afterEach(() => world.close(), LONG);

  const states = (): Promise<{ id: number; state: string; held_by: number | null; last_error: unknown }[]> =>
    world.owner.query('SELECT id, state, held_by, last_error FROM outbox WHERE id > 7 ORDER BY id');
  const isParked = (count: number): Promise<void> =>
    world.until(`SELECT count(*) = $1 FROM outbox WHERE state = 'parked'`, [count]);
  const isClean = async (): Promise<void> =>
    expect(await fsck(world.owner.pool, world.ledger)).toMatchObject({ findings: [], unchecked: [] });

  it(
    'are parked; what follows on their objects is told so and waits, all else goes on, and all of it goes when let go',
    async () => {
      await world.begin();
      await world.pack('a');
      await world.pack('b');
      const worker = world.start({ parking: PARKING });
      await world.settled();
      withoutKey = WHOLESALER;
      await world.ship('a', MAKER, WHOLESALER);
      await world.receive('a', WHOLESALER);
      await world.ship('a', WHOLESALER, PHARMACY);
      await isParked(1);
      // Captured later: about the same unit, behind what follows, and about another one.
      await world.receive('a', PHARMACY);
      await world.ship('b', MAKER, PHARMACY);
      await world.until(`SELECT count(*) = 2 FROM outbox WHERE held_by IS NOT NULL`);
      await world.until(`SELECT state = 'committed' FROM outbox WHERE id = 14`);
      const why = { code: 'behind-parked', reason: expect.stringMatching(/row 11 \(receiveUnits\).*party-not-served/) };
      expect((await states()).slice(3)).toEqual([
        { id: 11, state: 'parked', held_by: null, last_error: expect.objectContaining({ code: 'party-not-served' }) },
        { id: 12, state: 'pending', held_by: 11, last_error: why },
        { id: 13, state: 'pending', held_by: 11, last_error: why },
        { id: 14, state: 'committed', held_by: null, last_error: null },
      ]);
      await world.until('SELECT block + 1 = height FROM ledger_checkpoint');
      const told = await world.command('status', '--json');
      expect([told.status, told.stderr]).toEqual([1, '']);
      expect(JSON.parse(told.stdout)).toMatchObject({
        outbox: {
          backlog: 0,
          held: 2,
          parked: [{ id: 11, command: 'receiveUnits', party: WHOLESALER, code: 'party-not-served', held: 2 }],
        },
        problems: [{ code: 'rows-parked', severity: 'wrong' }],
      });

      withoutKey = null;
      expect(await world.command('unpark', '12')).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining('not-parked: outbox row 12'),
      });
      expect(await world.command('unpark', 'x')).toMatchObject({ status: 64 });
      expect(await world.command('unpark', '11')).toEqual({ status: 0, stdout: '11\n', stderr: '' });
      await world.settled();
      expect(await world.unit('a')).toMatchObject({ custodian: PHARMACY, status: 'held-by-custodian' });
      expect((await states()).map(({ state }) => state)).toEqual(Array(7).fill('committed'));
      await worker.stop();
      await isClean();
    },
    LONG,
  );

  it(
    'are parked at once when the contract cannot read the payload: that is no judgement of the act',
    async () => {
      await world.begin();
      const { eventId } = await world.pack('a');
      await world.owner.query(`UPDATE outbox SET payload = payload - 'children' WHERE event_id = $1`, [eventId]);
      world.start({ parking: PARKING });
      await isParked(1);
      expect((await states())[0]).toMatchObject({ state: 'parked', last_error: { code: 'payload-invalid' } });
      const [event] = await world.owner.query('SELECT anchor_state FROM custody_event WHERE id = $1', [eventId]);
      expect(event).toEqual({ anchor_state: 'pending' });
      await world.owner.query(`UPDATE outbox SET payload = payload || '{"children": []}' WHERE event_id = $1`, [
        eventId,
      ]);
      expect(await world.command('unpark', '--all', '--json')).toMatchObject({
        status: 0,
        stdout: '{"released":[8],"missing":[]}\n',
      });
      await world.settled();
      expect(await world.unit('a')).toMatchObject({ custodian: MAKER });
    },
    LONG,
  );

  it(
    'that register a party keep the acts of it and with it from being refused for good',
    async () => {
      const fails = new Set(['registerParty']);
      world.ledger.onPrepare = (command) => {
        if (fails.has(command)) throw new LedgerError('chaincode-failed', 'TypeError');
      };
      await world.begin();
      await world.pack('a');
      await world.ship('a', MAKER, PHARMACY);
      await world.receive('a', PHARMACY);
      world.start({ parking: PARKING });
      await isParked(3);
      await world.until(`SELECT count(*) = 7 FROM outbox WHERE held_by IS NOT NULL`);
      expect(await world.owner.query(`SELECT DISTINCT anchor_state FROM custody_event`)).toEqual([
        { anchor_state: 'pending' },
      ]);
      fails.clear();
      await world.command('unpark', '--all');
      await world.settled();
      expect(await world.unit('a')).toMatchObject({ custodian: PHARMACY, status: 'held-by-custodian' });
      expect(await world.owner.query(`SELECT count(*) FROM outbox WHERE state = 'refused'`)).toEqual([{ count: 0 }]);
      await isClean();
    },
    LONG,
  );

  it(
    'hold up nobody else, however many rows wait behind them',
    async () => {
      await world.begin();
      await world.pack('a');
      const worker = world.start({ parking: PARKING });
      await world.settled();
      withoutKey = MAKER;
      await world.ship('a', MAKER, WHOLESALER);
      await isParked(1);
      withoutKey = null;
      await worker.stop();
      for (let index = 0; index < 300; index++) {
        await world.receive('a', WHOLESALER);
        await world.ship('a', WHOLESALER, WHOLESALER);
      }
      const { eventId } = await world.pack('free');
      world.start({ parking: PARKING });
      await world.until(`SELECT state = 'committed' FROM outbox WHERE event_id = $1`, [eventId]);
      expect(await world.owner.query(`SELECT count(*) FROM outbox WHERE held_by IS NOT NULL`)).toEqual([
        { count: 600 },
      ]);
    },
    LONG,
  );

  it(
    'are only those that a person must help: not while the ledger is away, nor when it cannot read for itself',
    async () => {
      await world.begin();
      let reason: Error | null = null;
      world.ledger.onPrepare = () => {
        if (reason !== null) throw reason;
      };
      world.start({ parking: PARKING });
      for (const next of [
        new LedgerError('ledger-unavailable', 'no peer'),
        new LedgerError('party-not-served', 'no identity', { party: REGULATOR.replace('authority', 'reader') }),
        Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      ]) {
        reason = next;
        await world.pack(`after ${next.message}`);
        await world.until(`SELECT max(attempts) >= 6 FROM outbox WHERE state = 'pending'`);
        expect(await world.owner.query(`SELECT count(*) FROM outbox WHERE state = 'parked'`)).toEqual([{ count: 0 }]);
        reason = null;
        await world.settled();
      }
    },
    LONG,
  );
});

describe('a relay', () => {
  let world: WorkerWorld;

  beforeEach(async () => {
    world = await WorkerWorld.open();
  }, LONG);

  afterEach(() => world.close(), LONG);

  it(
    'that another has replaced writes nothing when it wakes up',
    async () => {
      await world.begin();
      const first = world.start();
      await world.settled();
      const wakers: (() => void)[] = [];
      world.ledger.onPrepared = () => new Promise((resolve) => wakers.push(resolve));
      const asleep = async (count: number): Promise<void> => {
        while (wakers.length < count) await sleep(5);
      };
      const { eventId, commitment } = await world.pack('a', []);
      await asleep(1);
      const second = world.start();
      await world.dethrone();
      await asleep(2);
      const row = (): Promise<unknown> =>
        world.owner.query('SELECT state, transaction_id, claim_epoch, attempts FROM outbox WHERE event_id = $1', [
          eventId,
        ]);
      const claimed = [{ state: 'pending', transaction_id: null, claim_epoch: 2, attempts: 0 }];
      expect(await row()).toEqual(claimed);
      const submitted = world.ledger.submitted.length;
      // The earlier one goes on with what it had prepared, before the later one has stored anything.
      wakers[0]?.();
      await first.stop();
      expect(await row()).toEqual(claimed);
      expect(world.ledger.submitted).toHaveLength(submitted);
      wakers[1]?.();
      await world.settled();
      expect(world.ledger.submitted).toHaveLength(submitted + 1);
      expect(await world.anchorings(commitment)).toBe(1);
      expect(second.active).toBe(true);
    },
    LONG,
  );

  it(
    'proposes anew what is in no block for too long, and settles the row by whichever transaction gets there',
    async () => {
      await world.begin();
      const worker = world.start();
      await world.settled();
      await worker.stop();
      const lost: Buffer[] = [];
      const swallowed = async (envelope: Buffer): Promise<Outcome> => {
        lost.push(envelope);
        return { kind: 'outcome-unknown', transactionId: '', reason: 'handed over' };
      };
      world.ledger.onSubmit = (envelope, submit) =>
        lost.length < 1 || envelope.equals(lost[0] ?? envelope) ? swallowed(envelope) : submit();
      const pharmacy = { party: 'PharmacyMSP:new', roles: ['pharmacy'], prefixes: [] } as const;
      await world.enqueue(REGULATOR, 'registerParty', pharmacy, `party:${pharmacy.party}`);
      let proposals = 0;
      // The first envelope comes into a block after all, while the second is being proposed.
      world.ledger.onPrepared = async () => {
        if (++proposals === 2) await world.ledger.inner.submit(lost[0] ?? Buffer.alloc(0));
      };
      world.start({ unseenMs: 100 });
      await world.settled();
      expect(proposals).toBeGreaterThanOrEqual(2);
      expect(new Set(lost.map((envelope) => envelope.toString('hex'))).size).toBe(1);
      const [row] = await world.owner.query<{ state: string; earlier_transaction_ids: string[] }>(
        'SELECT state, earlier_transaction_ids FROM outbox ORDER BY id DESC LIMIT 1',
      );
      expect(row?.state).toBe('committed');
      expect(row?.earlier_transaction_ids.length).toBeGreaterThanOrEqual(1);

      // The same with an act that has an anchor.
      lost.length = 0;
      proposals = 0;
      const { commitment } = await world.pack('a');
      await world.settled();
      expect(proposals).toBeGreaterThanOrEqual(2);
      expect(await world.anchorings(commitment)).toBe(1);
      expect(await fsck(world.owner.pool, world.ledger)).toMatchObject({ findings: [], unchecked: [] });
    },
    LONG,
  );
});

describe('the commands of the worker', () => {
  let world: WorkerWorld;

  beforeEach(async () => {
    world = await WorkerWorld.open();
  }, LONG);

  afterEach(() => world.close(), LONG);

  it(
    'tell the state of the ledger, also when no worker runs, and when there is none to ask',
    async () => {
      await world.begin();
      const worker = world.start({ holder: 'spec' });
      await world.settled();
      const well = await world.command('status', '--json');
      expect([well.status, well.stderr]).toEqual([0, '']);
      const { height } = await world.ledger.health();
      expect(JSON.parse(well.stdout)).toMatchObject({
        ledger: { adapter: 'embedded', height, builds: null, lastBlock: { number: height - 1 } },
        projection: { block: height - 1, height },
        outbox: { backlog: 0, unknown: 0, held: 0, oldest: null, parked: [] },
        leader: { epoch: 1, holder: 'spec' },
        problems: [],
      });
      const { lastBlock } = (JSON.parse(well.stdout) as { ledger: { lastBlock: { signers: string[] } } }).ledger;
      expect(lastBlock.signers).toHaveLength(3);
      await worker.stop();
      await world.owner.query(`UPDATE ledger_checkpoint SET confirmed_at = now() - interval '1 hour'`);
      await world.pack('a');
      await world.owner.query(`UPDATE outbox SET created_at = now() - interval '1 hour' WHERE state = 'pending'`);
      const unknown = await world.command('status');
      expect(unknown.status).toBe(2);
      expect(unknown.stdout).toMatch(/^ledger {6}embedded, \d+ blocks$/m);
      expect(unknown.stdout).toMatch(/^outbox {6}1 waiting, 0 of unknown outcome, 0 parked, 0 behind them$/m);
      expect(unknown.stdout).toMatch(/^\? backlog-old: row 8 /m);
      expect(unknown.stdout).toMatch(/^\? projection-unconfirmed: /m);
      await world.owner.query('ALTER SCHEMA embedded_ledger RENAME TO gone');
      const away = await world.command('status', '--json');
      await world.owner.query('ALTER SCHEMA gone RENAME TO embedded_ledger');
      expect(away.status).toBe(2);
      expect(JSON.parse(away.stdout)).toMatchObject({ ledger: null, outbox: { backlog: 1 } });
      expect(await world.command('status', '--what')).toMatchObject({ status: 64 });
    },
    LONG,
  );

  it(
    'warn in the probes of the process, which stays ready, and count in its figures',
    async () => {
      await world.begin();
      const { eventId } = await world.pack('a');
      await world.pack('a');
      await world.owner.query(`UPDATE outbox SET payload = '{}' WHERE event_id = $1`, [eventId]);
      const port = await freePort();
      const process_ = await world.process({ CCT_WORKER_HEALTH_PORT: String(port) });
      try {
        await world.until(`SELECT count(*) = 1 FROM outbox WHERE held_by IS NOT NULL`);
        const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
        expect([ready.status, await ready.json()]).toEqual([
          200,
          expect.objectContaining({ status: 'ok', warnings: { outbox: '1 rows are parked, 1 wait for them' } }),
        ]);
        const figures = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        expect(figures).toContain('cct_outbox_rows{state="parked",process="ledger-worker"} 1');
        expect(figures).toContain('cct_ledger_worker_active{process="ledger-worker"} 1');
        expect(await process_.stop()).toBe(0);
      } finally {
        await process_.kill();
      }
    },
    LONG,
  );

  it(
    'build the read model anew beside a worker: the same tables, whatever had happened to them',
    async () => {
      await world.begin();
      await world.pack('a');
      await world.ship('a', MAKER, WHOLESALER);
      const worker = world.start();
      await world.settled();
      const before = await world.tables();
      await world.owner.query(`UPDATE ledger_object SET state = '{}' WHERE object_key = $1`, [hex('a')]);
      await world.owner.query(`INSERT INTO ledger_object VALUES ('unit', 'none', '{}', 1, 'x')`);
      const rebuilt = await world.command('rebuild', '--json');
      const { height } = await world.ledger.health();
      expect(rebuilt).toEqual({ status: 0, stdout: `{"blocks":${height}}\n`, stderr: '' });
      expect(await world.tables()).toEqual(before);
      // The worker goes on from there.
      await world.receive('a', WHOLESALER);
      await world.settled();
      await worker.stop();
      expect(await fsck(world.owner.pool, world.ledger)).toMatchObject({ findings: [], unchecked: [] });
    },
    LONG,
  );
});
