import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { BOUND_MS } from './api-world.js';
import { CasesWorld } from './cases-world.js';
import { carton, GTIN, HOUR_MS, LOT } from './custody-world.js';

/** A hold as the ledger keeps it. */
const HOLD = {
  ...{ kind: 'security', reason: 'falsification-suspected', placedBy: 'PharmacyMSP:north' },
  ...{ commitment: 'a'.repeat(64), placedAt: 0 },
};

let world: CasesWorld;

beforeEach(async () => {
  world = await CasesWorld.open();
  await world.api.certifiedBatch('logger');
  await world.api.custody.logger('maker', 'LOG-1');
  await world.api.pack(carton(1), 1, 10, 'LOG-1');
});
afterEach(() => world.close());

const now = (): number => world.api.custody.clock.now();
const iso = (at: number): string => new Date(at).toISOString();
const recalled = async (): Promise<void> => {
  world.api.custody.clock.advance(1000);
  const sent = { params: { gtin: GTIN, lot: LOT }, body: { class: 1, depth: 'pharmacy' } };
  await world.api.expect(201, 'recallBatch', sent);
};
/** By what the ledger and the database say: no reading is that late. */
const expired = async (): Promise<void> => {
  const { owner } = world.api.custody;
  const day = JSON.stringify({ expiry: iso(now() - 2 * 24 * HOUR_MS).slice(0, 10) });
  for (const table of ['expected_object', 'ledger_object']) {
    await owner.query(`UPDATE ${table} SET state = state || $1 WHERE object_type = 'batch'`, [day]);
  }
};

describe('budget and legs of a unit', () => {
  it('are told by custodian, and add up', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.measure('LOG-1', 60, 12);
    await world.api.deliver('maker', 'north', carton(1));
    await world.measure('LOG-1', 30, 12);
    await world.measure('LOG-1', 30, 5);
    const { body } = await world.api.expect(200, 'getBudget', { as: 'north', query: { code: `(00)${carton(1)}` } });
    const [budget] = body['budgets'] as { ranges: { usedMs: number; leftMs: number; allowedMs: number }[] }[];
    const legs = body['legs'] as { custodian: string; spent: { usedMs: number[] }[] }[];
    expect(legs.map(({ custodian }) => custodian)).toEqual(['maker', 'north']);
    expect(budget).toMatchObject({ profile: `${GTIN}/1`, product: 'Vaccine', owner: 'maker', exceeded: false });
    const used = budget?.ranges[0]?.usedMs ?? 0;
    expect(legs.reduce((sum, { spent }) => sum + (spent[0]?.usedMs[0] ?? 0), 0)).toBe(used);
    expect(used).toBeGreaterThanOrEqual(1.5 * HOUR_MS - 10_000);
    expect(budget?.ranges[0]?.leftMs).toBe((budget?.ranges[0]?.allowedMs ?? 0) - used);
  });

  it('do not exist for a stranger', async () => {
    const { status } = await world.api.call('getBudget', { as: 'south', query: { code: `(00)${carton(1)}` } });
    expect(status).toBe(404);
  });
});

describe('triage of a failed place', () => {
  it('tells what is usable until when by the published budget, what is held, and whom to call', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.measure('LOG-1', 120, 12);
    await world.measure('LOG-1', 60, 5);
    await world.api.pack(carton(2), 11, 12);
    await world.api.expect(201, 'placeHold', { body: { ssccs: [carton(2)], kind: 'thermal' } });
    const failedAt = now() - HOUR_MS;
    const query = { failedAt: iso(failedAt), celsius: '22' };
    const { body } = await world.api.expect(200, 'triage', { query });
    expect(body).toMatchObject({ milliCelsius: 22_000, complete: true });
    const call = { slug: 'maker', name: 'maker' };
    // Ten hours are published; two are spent.
    expect(body['entries']).toMatchObject([
      { sscc: carton(2), answer: 'hold', until: null, why: expect.stringContaining('quarantine'), call },
      { sscc: carton(1), gtin: GTIN, lot: LOT, product: 'Vaccine', answer: 'usable-until', call },
    ]);
    const [, usable] = body['entries'] as { until: string }[];
    expect(Date.parse(usable?.until ?? '') - failedAt).toBe(8 * HOUR_MS);
    const watched = await world.api.expect(200, 'triage', { query: { ...query, logger: 'LOG-1' } });
    expect(watched.body['entries']).toMatchObject([{ sscc: carton(1) }]);
    const cool = await world.api.expect(200, 'triage', { query: { ...query, celsius: '6' } });
    expect(cool.body['entries']).toMatchObject([{ answer: 'hold' }, { answer: 'usable', until: null }]);
    expect((await world.api.expect(200, 'triage', { as: 'north', query })).body['entries']).toEqual([]);
  });
});

describe('triage as strict as the verdict', () => {
  const asked = async (): Promise<unknown[]> => {
    const query = { failedAt: iso(now()), celsius: '5' };
    const { body } = await world.api.expect(200, 'triage', { query });
    return (body['entries'] as { answer: string; why: string }[]).map(({ answer, why }) => `${answer}: ${why}`);
  };
  const usable = ['usable: The place is within the storage range'];
  const notKnown = [expect.stringMatching(/^hold: .*not known/)];

  it('calls nothing usable that was not measured', async () => {
    world.api.custody.clock.advance(2 * HOUR_MS);
    await world.api.anchorAll();
    expect(await asked()).toEqual(notKnown);
  });

  it('calls nothing usable while readings wait for their evaluation', async () => {
    await world.measure('LOG-1', 60, 5);
    expect(await asked()).toEqual(usable);
    world.api.custody.clock.advance(BOUND_MS + 1);
    expect(await asked()).toEqual(notKnown);
    await world.api.confirmEvaluation();
    expect(await asked()).toEqual(usable);
    await world.api.custody.owner.query(`DELETE FROM follow_checkpoint WHERE name = 'evaluator'`);
    expect(await asked()).toEqual(notKnown);
  });

  it('holds what is recalled, also before that is anchored', async () => {
    await world.measure('LOG-1', 60, 5);
    await recalled();
    expect(await asked()).toEqual(['hold: The batch is recalled']);
  });

  it('holds what is expired', async () => {
    await world.measure('LOG-1', 60, 5);
    await expired();
    expect(await asked()).toEqual([expect.stringMatching(/^hold: The batch is expired/)]);
  });

  it('holds what is not certified', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.api.custody.owner.query(
      `UPDATE expected_object SET state = state || '{"certified": false}' WHERE object_type = 'batch'`,
    );
    expect(await asked()).toEqual(['hold: The batch is not certified']);
  });

  it('looks at goods on their way, too', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.api.ship('maker', 'north', carton(1));
    await world.api.anchorAll();
    expect(await asked()).toEqual(usable);
  });

  it('lists goods whose batch is not visible, with whom to call', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.api.deliver('maker', 'north', carton(1));
    const { owner, organisation } = {
      owner: world.api.custody.owner,
      organisation: world.api.custody.organisation('north'),
    };
    await owner.query('DELETE FROM batch_access WHERE organisation_id = $1', [organisation.id]);
    const query = { failedAt: iso(now()), celsius: '5' };
    const { body } = await world.api.expect(200, 'triage', { as: 'north', query });
    expect(body['entries']).toMatchObject([
      { sscc: carton(1), gtin: GTIN, lot: null, answer: 'hold', why: expect.stringContaining('not given to you') },
    ]);
    const [entry] = body['entries'] as { call: unknown }[];
    expect(entry?.call).toMatchObject({ slug: 'maker', name: 'maker' });
  });

  it('lists a unit in which nothing is recorded', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.api.custody.owner.query(
      `UPDATE expected_object SET state = state || '{"batches": []}' WHERE object_type = 'unit'`,
    );
    expect(await asked()).toEqual([expect.stringMatching(/^hold: Nothing is recorded in the unit/)]);
  });

  it('finds what a logger in a pallet speaks for', async () => {
    world.api.custody.clock.advance(1000);
    await world.api.expect(201, 'aggregateUnit', {
      role: 'shipper',
      body: { sscc: carton(3), children: [carton(1)] },
    });
    const query = { failedAt: iso(now()), celsius: '5', logger: 'LOG-1' };
    const { body } = await world.api.expect(200, 'triage', { query });
    expect(body['entries']).toMatchObject([{ sscc: carton(3) }]);
  });
});

describe('a cold room', () => {
  const enter = async (): Promise<void> => {
    await world.api.custody.logger('maker', 'ROOM-1');
    const { gln } = world.api.custody.organisation('maker');
    const device = { role: 'device-manager' } as const;
    const identifier = { kind: 'location', gln };
    await world.api.expect(201, 'registerPlace', { ...device, body: { name: 'room-1', identifier } });
    const params = { place: 'room-1' };
    await world.api.expect(201, 'assignPlaceLogger', { ...device, params, body: { logger: 'ROOM-1' } });
    await world.api.pack(carton(2), 11, 12);
    world.api.custody.clock.advance(1000);
    await world.api.expect(201, 'enterPlace', { role: 'shipper', params, body: { ssccs: [carton(2)] } });
  };

  it('that failed is asked about by its name', async () => {
    await enter();
    const query = { failedAt: iso(now()), celsius: '22', place: 'room-1' };
    const { body } = await world.api.expect(200, 'triage', { query });
    expect(body['entries']).toMatchObject([{ sscc: carton(2) }]);
    const { place: _place, ...anywhere } = query;
    const sensed = await world.api.expect(200, 'triage', { query: { ...anywhere, logger: 'ROOM-1' } });
    expect(sensed.body['entries']).toMatchObject([{ sscc: carton(2) }]);
    // What is not known is not empty.
    const nowhere = await world.api.call('triage', { query: { ...query, place: 'room-2' } });
    expect([nowhere.status, nowhere.body['code']]).toEqual([404, 'place-unknown']);
    const unknown = await world.api.call('triage', { query: { ...anywhere, logger: 'ROOM-2' } });
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'logger-unknown']);
    const others = await world.api.call('triage', { as: 'north', query });
    expect([others.status, others.body['code']]).toEqual([404, 'place-unknown']);
  });

  it('whose sensor falls silent raises an alarm for what lies in it, and is among what rests on that sensor', async () => {
    await enter();
    await world.measure('ROOM-1', 60, 5);
    world.api.custody.clock.advance(HOUR_MS);
    await world.look();
    const { body } = await world.api.expect(200, 'listAlarms', { query: { sscc: carton(2) } });
    expect(body['alarms']).toMatchObject([{ kind: 'missing-data', sscc: carton(2) }]);
    const since = { from: iso(now() - 5 * HOUR_MS) };
    const looked = await world.api.expect(200, 'lookBack', { params: { serial: 'ROOM-1' }, query: since });
    expect(looked.body['legs']).toMatchObject([{ sscc: carton(2), custodian: 'maker' }]);
    const budget = await world.api.expect(200, 'getBudget', { query: { code: `(00)${carton(2)}` } });
    expect(budget.body['legs']).toMatchObject([{ evidence: 'ROOM-1 (place)' }]);
  });
});

describe('a return to saleable stock', () => {
  const accept = () => world.api.call('acceptReturn', { role: 'shipper', body: { sscc: carton(1) } });

  it('takes one scan when evidence is unbroken in the customer’s hands', async () => {
    await world.measure('LOG-1', 60, 5);
    expect((await accept()).body['code']).toBe('unit-not-returned');
    await world.api.deliver('maker', 'north', carton(1));
    await world.measure('LOG-1', 120, 5);
    await world.api.deliver('north', 'maker', carton(1));
    await world.measure('LOG-1', 10, 5);
    const accepted = await accept();
    expect(accepted).toMatchObject({ status: 201, body: { ssccs: [carton(1)], anchor: 'pending' } });
    const [event] = await world.api.custody.owner.query<{ disposition: string }>(
      `SELECT disposition FROM custody_event WHERE command = 'recordObservation'`,
    );
    expect(event?.disposition).toBe('sellable_accessible');
    // The same scan again is no second return; after the next journey it is one.
    world.api.custody.clock.advance(60_000);
    const again = await accept();
    expect(again).toMatchObject({
      status: 200,
      body: { repeated: true, events: [{ commitment: expect.any(String) }] },
    });
    await world.api.deliver('maker', 'north', carton(1));
    await world.measure('LOG-1', 10, 5);
    await world.api.deliver('north', 'maker', carton(1));
    await world.measure('LOG-1', 10, 5);
    expect(await accept()).toMatchObject({ status: 201, body: { repeated: false } });
  });

  it('is refused with the missing minutes', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.api.deliver('maker', 'north', carton(1));
    await world.measure('LOG-1', 30, 5);
    world.api.custody.clock.advance(3 * HOUR_MS);
    await world.measure('LOG-1', 30, 5);
    await world.api.deliver('north', 'maker', carton(1));
    await world.measure('LOG-1', 10, 5);
    const { status, body } = await accept();
    expect([status, body['code']]).toEqual([409, 'return-evidence-missing']);
    const details = body['details'] as { missingMinutes: number; missingMs: number };
    expect(details.missingMinutes).toBe(Math.ceil(details.missingMs / 60_000));
    expect(Math.abs(details.missingMinutes - 180)).toBeLessThanOrEqual(6);
  });

  it('is refused where the goods are said to have come back long before anybody told so', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.api.deliver('maker', 'north', carton(1));
    await world.measure('LOG-1', 10, 5);
    world.api.custody.clock.advance(5 * HOUR_MS);
    const early = (minutes: number) => iso(now() - 5 * HOUR_MS + minutes * 60_000);
    const back = { ssccs: [carton(1)], receiver: 'maker', eventTime: early(1) };
    await world.api.expect(201, 'shipUnits', { as: 'north', role: 'shipper', body: back });
    const received = { ssccs: [carton(1)], eventTime: early(2) };
    await world.api.expect(201, 'receiveUnits', { role: 'shipper', body: received });
    await world.measure('LOG-1', 10, 5);
    expect((await accept()).body['code']).toBe('return-evidence-missing');
  });

  describe('of goods that were kept well', () => {
    beforeEach(async () => {
      await world.measure('LOG-1', 60, 5);
      await world.api.deliver('maker', 'north', carton(1));
      await world.measure('LOG-1', 120, 5);
      await world.api.deliver('north', 'maker', carton(1));
      await world.measure('LOG-1', 10, 5);
    });

    it('is refused where the batch is recalled', async () => {
      await recalled();
      expect((await accept()).body['code']).toBe('batch-recalled');
    });

    it('is refused where the batch is expired', async () => {
      await expired();
      expect((await accept()).body['code']).toBe('batch-expired');
    });

    it('is refused while readings wait for their evaluation', async () => {
      world.api.custody.clock.advance(BOUND_MS + 1);
      expect((await accept()).body['code']).toBe('evaluation-not-confirmed');
      await world.api.confirmEvaluation();
      expect((await accept()).status).toBe(201);
    });

    it('is refused where a hold comes at the same time', async () => {
      const { owner } = world.api.custody;
      const client = await owner.pool.connect();
      let answered: Promise<Awaited<ReturnType<typeof accept>>> | undefined;
      try {
        await client.query('BEGIN');
        await client.query(
          `UPDATE expected_object SET state = jsonb_set(state, '{holds}', $1) WHERE object_type = 'unit'`,
          [JSON.stringify([HOLD])],
        );
        answered = accept();
        // Committed only after the return waits for what is being changed.
        for (;;) {
          const waiting = await owner.query(`SELECT 1 FROM pg_locks WHERE NOT granted`);
          if (waiting.length > 0) break;
          await sleep(20);
        }
        await client.query('COMMIT');
      } finally {
        client.release();
      }
      expect((await answered).body['code']).toBe('unit-held');
    });
  });

  it('is refused where the goods were too warm, however well that is shown', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.api.deliver('maker', 'north', carton(1));
    await world.measure('LOG-1', 11 * 60, 12);
    await world.measure('LOG-1', 30, 5);
    // Held goods may go back towards their owner.
    await world.api.deliver('north', 'maker', carton(1));
    expect((await accept()).body['code']).toBe('unit-held');
  });
});

describe('a calibration that failed', () => {
  it('lists the legs, batches and decisions that rested on the logger since', async () => {
    const before = now();
    await world.measure('LOG-1', 60, 5);
    await world.measure('LOG-1', 30, 12);
    await world.measure('LOG-1', 60, 5);
    const { id } = await world.theCase('maker');
    await world.api.expect(201, 'acknowledgeCase', { params: { case: String(id) }, body: { reason: 'seen' } });
    await world.decide('maker', 'reject');
    const lookBack = (from: number, to: number) =>
      world.api.expect(200, 'lookBack', { params: { serial: 'LOG-1' }, query: { from: iso(from), to: iso(to) } });
    const { body } = await lookBack(before, now());
    expect(body['legs']).toMatchObject([{ sscc: carton(1), custodian: 'maker', hottestMilliCelsius: 12_000 }]);
    expect(body['batches']).toEqual([{ gtin: GTIN, lot: LOT, owner: 'maker' }]);
    expect(body['decisions']).toMatchObject([{ case: id, decision: 'reject', account: 'responsible-person' }]);
    const earlier = await lookBack(before - 10 * HOUR_MS, before - 5 * HOUR_MS);
    expect(earlier.body).toMatchObject({ legs: [], batches: [], decisions: [] });
    const query = { from: iso(now() + HOUR_MS), to: iso(now()) };
    const reversed = await world.api.call('lookBack', { params: { serial: 'LOG-1' }, query });
    expect([reversed.status, reversed.body['code']]).toEqual([400, 'query-invalid']);
  });

  it('is for the owner of the logger to ask', async () => {
    const query = { from: iso(now() - HOUR_MS) };
    const { body } = await world.api.expect(404, 'lookBack', { as: 'north', params: { serial: 'LOG-1' }, query });
    expect(body['code']).toBe('logger-unknown');
  });
});
