import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import type { Outcome } from '@coldchain/ledger';
import { fsck } from '@coldchain/ledger-worker/fsck';
import { commit, exposure, hex, HOUR, MAKER, PHARMACY, WHOLESALER } from './ledger.suite.js';
import { WorkerWorld } from './ledger-worker-world.js';
import type { Captured } from './outbox-world.js';

const LONG = 60_000;

describe('the ledger worker', () => {
  let world: WorkerWorld;

  beforeEach(async () => {
    world = await WorkerWorld.open();
  }, LONG);

  afterEach(() => world.close(), LONG);

  const findings = async (): Promise<string[]> => {
    const report = await fsck(world.owner.pool, world.ledger);
    expect(report.unchecked).toEqual([]);
    return [...new Set(report.findings.map((finding) => finding.code))].sort();
  };

  it(
    'anchors everything that waits, in order per object, and projects it',
    async () => {
      await world.begin();
      const events: Captured[] = [];
      for (const unit of ['a', 'b', 'c', 'd', 'e']) {
        events.push(
          await world.pack(unit),
          await world.ship(unit, MAKER, WHOLESALER),
          await world.receive(unit, WHOLESALER),
        );
        events.push(await world.ship(unit, WHOLESALER, PHARMACY), await world.receive(unit, PHARMACY));
      }
      world.start();
      await world.settled();
      for (const unit of ['a', 'b', 'c', 'd', 'e']) {
        expect(await world.unit(unit)).toMatchObject({ custodian: PHARMACY, status: 'held-by-custodian' });
      }
      const states = await world.owner.query('SELECT DISTINCT state FROM outbox');
      expect(states).toEqual([{ state: 'committed' }]);
      for (const { commitment } of events) expect(await world.anchorings(commitment)).toBe(1);
      expect(await findings()).toEqual([]);
      // A capture while the worker waits is heard by its notification.
      const late = await world.pack('late');
      await world.settled();
      expect(await world.anchorings(late.commitment)).toBe(1);
    },
    LONG,
  );

  it(
    'goes on from its checkpoint, and rebuilds the same tables from block 0',
    async () => {
      await world.begin();
      await world.pack('a');
      const first = world.start();
      await world.settled();
      await first.stop();
      await world.pack('b');
      await world.ship('a', MAKER, WHOLESALER);
      const second = world.start();
      await world.settled();
      await second.stop();
      const before = await world.tables();
      await world.owner.query('TRUNCATE ledger_object, ledger_anchor, ledger_checkpoint');
      await world.owner.query(
        `UPDATE custody_event SET anchor_state = 'pending', block = NULL, transaction_id = NULL, anchored_at = NULL`,
      );
      const third = world.start();
      await world.settled();
      await third.stop();
      expect(await world.tables()).toEqual(before);
    },
    LONG,
  );

  it(
    'anchors exactly once when it dies between submitting and hearing of it, also what never arrived',
    async () => {
      await world.begin();
      world.start();
      await world.settled();
      let release = (): void => undefined;
      const dead = new Promise<void>((resolve) => (release = resolve));
      let calls = 0;
      // Every other envelope reaches the ledger; of none does the worker hear before it dies.
      world.ledger.onSubmit = async (_, submit) => {
        if (calls++ % 2 === 0) await submit();
        await dead;
        return { kind: 'unavailable', reason: 'dead' };
      };
      const events: Captured[] = [];
      try {
        for (const unit of ['a', 'b', 'c', 'd', 'e', 'f']) events.push(await world.pack(unit, []));
        await world.until(`SELECT count(*) = 6 FROM outbox WHERE event_id > 3 AND envelope IS NOT NULL`);
        while (calls < 6) await sleep(5);
        await world.kill();
        world.ledger.onSubmit = (_, submit) => submit();
        const prepared = world.ledger.prepared.length;
        world.start();
        await world.settled();
        // Settled by id and by sending the same envelopes: nothing was proposed anew.
        expect(world.ledger.prepared.length).toBe(prepared);
      } finally {
        release();
      }
      for (const { commitment } of events) expect(await world.anchorings(commitment)).toBe(1);
      expect(await findings()).toEqual([]);
    },
    LONG,
  );

  it(
    'anchors exactly once under outcomes that are unknown, and while the ledger is not available',
    async () => {
      let calls = 0;
      const answers: ((submit: () => Promise<Outcome>, envelope: Buffer) => Promise<Outcome>)[] = [
        (submit) => submit(),
        async (submit) => {
          await submit();
          return { kind: 'outcome-unknown', transactionId: '', reason: 'connection lost after it was sent' };
        },
        async () => ({ kind: 'outcome-unknown', transactionId: '', reason: 'connection lost before it was sent' }),
        async () => ({ kind: 'unavailable', reason: 'stopped' }),
      ];
      world.ledger.onSubmit = (envelope, submit) => {
        const answer = answers[calls++ % answers.length];
        return answer === undefined ? submit() : answer(submit, envelope);
      };
      await world.begin();
      const events = [];
      for (const unit of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
        events.push(await world.pack(unit), await world.ship(unit, MAKER, WHOLESALER));
      }
      world.start();
      await world.settled();
      for (const { commitment } of events) expect(await world.anchorings(commitment)).toBe(1);
      expect(await findings()).toEqual([]);
    },
    LONG,
  );

  it(
    'proposes anew when something else changed what was read',
    async () => {
      await world.begin();
      await world.pack('a');
      const worker = world.start();
      await world.settled();
      await worker.stop();
      let rivals = 0;
      world.ledger.onPrepared = async (command) => {
        if (command !== 'shipUnits' || rivals++ >= 2) return;
        await commit(world.ledger.inner, MAKER, 'recordExposure', exposure('a', MAKER, rivals, rivals));
      };
      const { commitment } = await world.ship('a', MAKER, WHOLESALER);
      world.start();
      await world.settled();
      expect(await world.anchorings(commitment)).toBe(1);
      const outcomes = await Promise.all(world.ledger.submitted.map((envelope) => world.ledger.inner.submit(envelope)));
      expect(outcomes.filter((outcome) => outcome.kind === 'conflict')).toHaveLength(2);
      expect(await world.unit('a')).toMatchObject({ status: 'in-transit', legs: [{ revision: 2 }] });
    },
    LONG,
  );

  it(
    'says what the contract refused, sets the expectation back, and corrects it after what followed',
    async () => {
      await world.begin();
      await world.pack('a');
      const worker = world.start();
      await world.settled();
      await worker.stop();
      const ledgerState = await world.unit('a');
      // Captured on another path than the rules allow: the wholesaler does not hold the unit.
      const expect_ = (key: string, state: object): Promise<unknown> =>
        world.owner.query(
          `INSERT INTO expected_object VALUES ('unit', $1, $2) ON CONFLICT (object_type, object_key) DO UPDATE SET state = $2`,
          [hex(key), JSON.stringify(state)],
        );
      await expect_('a', { wrong: 'shipped' });
      await expect_('never packed', { wrong: 'unit' });
      const refused = await world.capture(
        WHOLESALER,
        'shipUnits',
        { units: [hex('a'), hex('never packed')], receiver: PHARMACY },
        [hex('a'), hex('never packed')],
      );
      world.start();
      await world.settled();
      const [event] = await world.owner.query('SELECT anchor_state, refusal, block FROM custody_event WHERE id = $1', [
        refused.eventId,
      ]);
      expect(event).toMatchObject({ anchor_state: 'refused', refusal: { code: 'not-custodian' }, block: null });
      const rows = await world.owner.query('SELECT object_key, state FROM expected_object');
      expect(rows).toEqual([{ object_key: hex('a'), state: ledgerState }]);
      expect(await world.anchorings(refused.commitment)).toBe(0);

      // Judged by an expectation that is gone: after it is committed, the expectation is the ledger's state again.
      await world.ship('a', MAKER, WHOLESALER);
      await world.settled();
      const [corrected] = await world.owner.query('SELECT state FROM expected_object WHERE object_key = $1', [
        hex('a'),
      ]);
      expect(corrected).toEqual({ state: await world.unit('a') });
      expect(await findings()).toEqual([]);
    },
    LONG,
  );

  it(
    'anchors an act again without a second anchor when its row came back',
    async () => {
      await world.begin();
      const { eventId, commitment } = await world.pack('a');
      const worker = world.start();
      await world.settled();
      await worker.stop();
      const anchored = await world.owner.query('SELECT transaction_id, block FROM custody_event WHERE id = $1', [
        eventId,
      ]);
      // As after a backup was restored: the row is open, the event pending, and the anchor stands on the ledger.
      await world.owner.query(
        `UPDATE outbox SET state = 'pending', transaction_id = NULL, envelope = NULL WHERE event_id = $1`,
        [eventId],
      );
      await world.owner.query(
        `UPDATE custody_event SET anchor_state = 'pending', block = NULL, transaction_id = NULL WHERE id = $1`,
        [eventId],
      );
      world.start();
      await world.settled();
      expect(await world.anchorings(commitment)).toBe(1);
      expect(
        await world.owner.query('SELECT transaction_id, block FROM custody_event WHERE id = $1', [eventId]),
      ).toEqual(anchored);
    },
    LONG,
  );

  it(
    'lets an exposure that holds goods overtake what waits, and never its own unit',
    async () => {
      await world.begin();
      await world.pack('hot');
      const worker = world.start();
      await world.settled();
      await worker.stop();
      const before = world.ledger.prepared.length;
      for (let index = 0; index < 100; index++) await world.pack(`waiting ${index}`, []);
      const { record } = exposure('hot', MAKER, 11 * HOUR);
      await world.capture(MAKER, 'recordExposure', { unit: hex('hot'), record }, [hex('hot')], 0);
      world.start();
      await world.settled();
      const order = world.ledger.prepared.slice(before);
      const place = order.findIndex((payload) => 'record' in payload);
      expect(place).toBeLessThan(64);
      expect((await world.unit('hot'))?.holds).toMatchObject([{ reason: 'budget-exceeded' }]);
    },
    LONG,
  );

  it(
    'has a place for an exposure that holds goods while a slow ledger keeps all others busy',
    async () => {
      await world.begin();
      await world.pack('hot');
      const worker = world.start();
      await world.settled();
      await worker.stop();
      let release: () => void = () => undefined;
      const slow = new Promise<void>((resolve) => {
        release = resolve;
      });
      let waiting = 0;
      world.ledger.onPrepared = async (command) => {
        if (command !== 'aggregateUnit') return;
        waiting++;
        await slow;
      };
      for (let index = 0; index < 8; index++) await world.pack(`slow ${index}`, []);
      world.start({ concurrency: 4 });
      while (waiting < 4) await sleep(10);
      const { record } = exposure('hot', MAKER, 11 * HOUR);
      await world.capture(MAKER, 'recordExposure', { unit: hex('hot'), record }, [hex('hot')], 0);
      await world.until(`SELECT state = 'committed' FROM outbox WHERE command = 'recordExposure'`);
      expect(waiting).toBe(4);
      release();
      await world.settled();
    },
    LONG,
  );

  it(
    'has one active worker; a standby takes over when its connection breaks',
    async () => {
      const first = world.start();
      await world.until(
        "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      );
      const second = world.start();
      await sleep(200);
      expect([first.active, second.active]).toEqual([true, false]);
      await world.begin();
      await world.settled();
      await world.kill();
      await world.pack('after');
      await world.settled();
      expect(first.active !== second.active).toBe(true);
    },
    LONG,
  );

  it(
    'confirms the projection at its height again and again, and not while it is behind',
    async () => {
      const worker = world.start();
      await world.settled();
      const confirmed = async (): Promise<number> => {
        const [row] = await world.owner.query<{ confirmed_at: Date }>('SELECT confirmed_at FROM ledger_checkpoint');
        return row?.confirmed_at.getTime() ?? 0;
      };
      const first = await confirmed();
      await world.until('SELECT confirmed_at > to_timestamp($1::double precision / 1000) FROM ledger_checkpoint', [
        first,
      ]);
      // A row that the projector cannot write holds it back.
      await world.owner.query('ALTER TABLE ledger_object RENAME TO gone');
      await world.begin();
      await world.until(`SELECT count(*) >= 1 FROM outbox WHERE state = 'committed'`);
      await sleep(150);
      const held = await confirmed();
      await sleep(200);
      expect(await confirmed()).toBe(held);
      await world.owner.query('ALTER TABLE gone RENAME TO ledger_object');
      await world.settled();
      await worker.stop();
    },
    LONG,
  );

  it(
    'fsck finds what was changed, in both directions, and lists what is pending as no fault',
    async () => {
      await world.begin();
      const { eventId, commitment } = await world.pack('a');
      const worker = world.start();
      await world.settled();
      await worker.stop();
      await world.pack('pending');
      const clean = await fsck(world.owner.pool, world.ledger);
      expect(clean.findings).toEqual([]);
      expect(clean.events).toMatchObject({ anchored: 4, pending: 1 });

      const changed = async (change: string, restore: string): Promise<string[]> => {
        await world.owner.query('DROP TABLE IF EXISTS kept');
        await world.owner.query(`CREATE TABLE kept AS SELECT * FROM custody_event WHERE id = ${eventId}`);
        await world.owner.query('DROP TABLE IF EXISTS kept_anchor');
        await world.owner.query('CREATE TABLE kept_anchor AS SELECT * FROM ledger_anchor');
        await world.owner.query(change);
        const found = await findings();
        await world.owner.query(restore);
        expect(await findings()).toEqual([]);
        return found;
      };
      const event = (set: string): string => `UPDATE custody_event SET ${set} WHERE id = ${eventId}`;
      const columns = [
        'document',
        'digest',
        'event_hash',
        'salt',
        'commitment',
        'block',
        'anchor_state',
        'transaction_id',
        'refusal',
      ];
      const restore = event(columns.map((column) => `${column} = (SELECT ${column} FROM kept)`).join(', '));
      expect(await changed(event(`document = replace(document, 'OBSERVE', 'DELETE')`), restore)).toEqual([
        'commitment-differs',
        'document-digest-differs',
        'event-hash-differs',
      ]);
      expect(await changed(event(`document = replace(document, ',', ', ')`), restore)).toEqual([
        'document-not-canonical',
      ]);
      expect(await changed(event(`salt = sha256('other')`), restore)).toEqual(['commitment-differs']);
      expect(await changed(event('block = 1'), restore)).toEqual(['anchor-differs']);
      expect(await changed(event(`anchor_state = 'refused', refusal = '{}', block = NULL`), restore)).toEqual([
        'anchor-not-noted',
      ]);
      const other = 'f'.repeat(64);
      expect(await changed(event(`commitment = '${other}'`), restore)).toEqual([
        'anchor-missing',
        'commitment-differs',
        'event-missing',
      ]);
      expect(
        await changed(
          `UPDATE ledger_anchor SET record = record || '{"eventTime": 1}' WHERE commitment = '${commitment}'`,
          `UPDATE ledger_anchor a SET record = k.record FROM kept_anchor k WHERE k.commitment = a.commitment`,
        ),
      ).toEqual(['object-differs']);
      expect(
        await changed(
          `INSERT INTO ledger_object VALUES ('unit', '${other}', '{}', 1, 'x')`,
          `DELETE FROM ledger_object WHERE object_key = '${other}'`,
        ),
      ).toEqual(['object-unknown']);
    },
    LONG,
  );
});
