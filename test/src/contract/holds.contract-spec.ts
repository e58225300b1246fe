import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packReadingsOf } from './api-readings.js';
import { ApiWorld } from './api-world.js';
import { type Actor, carton, GTIN, HOUR_MS, LOT } from './custody-world.js';

const pack = (serial: string): string => `(01)${GTIN}(10)${LOT}(21)${serial}`;

let world: ApiWorld;
const step = (): void => world.custody.clock.advance(1000);

interface HoldTold {
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
  readonly assessments: readonly unknown[];
}

/** The holds of a unit, as a party's list tells them. */
async function holdsFor(as: Actor, sscc: string): Promise<readonly HoldTold[]> {
  const { body } = await world.expect(200, 'listHolds', { as });
  const units = body['units'] as readonly { readonly sscc: string; readonly holds: readonly HoldTold[] }[];
  return units.find((unit) => unit.sscc === sscc)?.holds ?? [];
}

const place = async (as: Actor, kind: string, ...ssccs: readonly string[]): Promise<string> => {
  step();
  const { body } = await world.expect(201, 'placeHold', { as, body: { ssccs, kind } });
  return (body['holds'] as string[])[0] ?? '';
};
const placing = (as: Actor, kind: string, sscc: string): Promise<string> =>
  world.refused('placeHold', { as, body: { ssccs: [sscc], kind } });
const releasing = (as: Actor, hold: string, body: unknown = {}): Promise<string> =>
  world.refused('releaseHold', { as, params: { hold }, body });
const release = async (as: Actor, hold: string): Promise<void> => {
  step();
  await world.expect(201, 'releaseHold', { as, params: { hold }, body: {} });
  await world.anchorAll();
};

beforeAll(async () => {
  world = await ApiWorld.open();
  await world.certifiedBatch();
  await world.pack(carton(1), 1, 4);
  await world.deliver('maker', 'carrier', carton(1));
  await world.deliver('carrier', 'north', carton(1));
  await world.anchorAll();
});
afterAll(() => world.close());

describe('who may hold', () => {
  it('is the custodian and the batch’s owner for temperature and discrepancies', async () => {
    for (const kind of ['thermal', 'discrepancy']) {
      expect(await placing('carrier', kind, carton(1))).toBe('403 hold-kind-not-allowed');
      expect(await placing('south', kind, carton(1))).toBe('404 unit-unknown');
      expect(await placing('authority', kind, carton(1))).toBe('403 hold-kind-not-allowed');
      for (const as of ['maker', 'north'] as const) {
        const hold = await place(as, kind, carton(1));
        expect(await world.verdict(pack('S1'), 'north')).toBe('do-not-use on-hold');
        if (kind === 'discrepancy') {
          expect(await releasing(as === 'maker' ? 'north' : 'maker', hold)).toBe('403 hold-not-of-caller');
          await release(as, hold);
        } else {
          step();
          await world.expect(201, 'assessHold', { params: { hold }, body: { conclusion: 'usable' } });
          await release('north', hold);
        }
        expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
      }
    }
  });

  it('is everybody who had to do with the goods for a suspicion, the authority by what lies before it', async () => {
    for (const as of ['carrier', 'maker', 'authority'] as const) {
      const hold = await place(as, 'security', carton(1));
      expect(await world.verdict(pack('S1'), 'north')).toBe('do-not-use on-hold');
      expect(await releasing('north', hold)).toBe('403 hold-not-of-caller');
      await release(as, hold);
      expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
    }
    expect(await placing('south', 'security', carton(1))).toBe('404 unit-unknown');
    // what it inspected the authority sees, and nothing that was measured or is inside
    const { body } = await world.expect(200, 'getUnit', { as: 'authority', params: { sscc: carton(1) } });
    expect(body).toMatchObject({ batches: [], loggers: [], custodian: 'north' });
  });

  it('is the authority alone for its orders', async () => {
    for (const as of ['maker', 'carrier', 'north'] as const) {
      expect(await placing(as, 'authority', carton(1))).toBe('403 hold-kind-not-allowed');
    }
    const hold = await place('authority', 'authority', carton(1));
    expect(await releasing('north', hold)).toBe('403 hold-not-of-caller');
    expect(await releasing('maker', hold)).toBe('403 hold-not-of-caller');
    await release('authority', hold);
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
  });

  it('overtakes other traffic, keeps its words here, and is one act however often it is sent', async () => {
    step();
    const body = {
      ssccs: [carton(1)],
      kind: 'security',
      note: 'the seal is broken',
      eventTime: new Date(world.custody.clock.now()).toISOString(),
    };
    const first = await world.expect(201, 'placeHold', { as: 'north', body });
    const again = await world.expect(200, 'placeHold', { as: 'north', body });
    expect(again.body).toMatchObject({ repeated: true, holds: first.body['holds'] });
    const [hold] = first.body['holds'] as string[];
    const rows = await world.custody.owner.query<{ priority: number; payload: string; note: string }>(
      `SELECT o.priority, o.payload::text, e.attachment ->> 'note' AS note
       FROM outbox o JOIN custody_event e ON e.id = o.event_id WHERE e.commitment = $1`,
      [hold?.split('.')[0]],
    );
    expect(rows).toMatchObject([{ priority: 0, note: 'the seal is broken' }]);
    expect(rows[0]?.payload).not.toContain('seal');
    // another kind at the same instant is another hold
    const other = await world.expect(201, 'placeHold', { as: 'north', body: { ...body, kind: 'discrepancy' } });
    expect(await holdsFor('north', carton(1))).toHaveLength(2);
    step();
    const ended = {
      as: 'north',
      params: { hold: hold ?? '' },
      body: { eventTime: new Date(world.custody.clock.now()).toISOString() },
    } as const;
    await world.expect(201, 'releaseHold', ended);
    expect((await world.expect(200, 'releaseHold', ended)).body).toMatchObject({ repeated: true });
    await world.anchorAll();
    expect(await releasing('north', hold ?? '')).toBe('404 hold-unknown');
    expect(await world.verdict(pack('S1'), 'north')).toBe('do-not-use on-hold');
    await release('north', (other.body['holds'] as string[])[0] ?? '');
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
    const { body: unit } = await world.expect(200, 'getUnit', { as: 'north', params: { sscc: carton(1) } });
    expect(unit['releases']).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: hold, releasedBy: 'north' })]),
    );
  });

  it('does not hold what lies in another unit: that one speaks for it', async () => {
    await world.pack(carton(2), 5, 6);
    step();
    await world.expect(201, 'aggregateUnit', { role: 'shipper', body: { sscc: carton(3), children: [carton(2)] } });
    expect(await placing('maker', 'security', carton(2))).toBe('409 unit-in-parent');
    const hold = await place('maker', 'security', carton(3));
    await world.anchorAll();
    expect(await world.verdict(pack('S5'), 'maker')).toBe('do-not-use on-hold');
    await release('maker', hold);
    expect(await world.verdict(pack('S5'), 'maker')).toBe('ok no-objection');
  });
});

describe('a hold that does not stand', () => {
  it('is neither assessed nor released', async () => {
    const hold = `${'a'.repeat(64)}.freeze-rule`;
    const sent = { as: 'north', params: { hold }, body: { ssccs: [carton(1)] } } as const;
    expect(await world.refused('releaseHold', sent)).toBe('404 hold-unknown');
    expect(await world.refused('releaseHold', { ...sent, body: {} })).toBe('404 hold-unknown');
    expect(await world.refused('assessHold', { ...sent, body: { conclusion: 'usable' } })).toBe('404 hold-unknown');
    expect(await world.refused('releaseHold', { ...sent, params: { hold: `${'a'.repeat(64)}.no-reason` } })).toBe(
      '400 query-invalid',
    );
    expect(await world.refused('releaseHold', { ...sent, params: { hold: 'x' } })).toBe('400 query-invalid');
  });
});

describe('a doubted temperature', () => {
  let hold: string;

  it('is assessed by the owner of the batch and by nobody else, before the custodian can release it', async () => {
    hold = await place('north', 'thermal', carton(1));
    expect(await releasing('north', hold)).toBe('409 hold-not-assessed');
    expect(await releasing('maker', hold)).toBe('404 hold-unknown');
    expect(await releasing('maker', hold, { ssccs: [carton(1)] })).toBe('403 not-custodian');
    const assess = (as: Actor, conclusion: string, ssccs?: readonly string[]) =>
      world.refused('assessHold', { as, params: { hold }, body: { conclusion, ...(ssccs ? { ssccs } : {}) } });
    expect(await assess('north', 'usable')).toBe('404 hold-unknown');
    expect(await assess('north', 'usable', [carton(1)])).toBe('403 batch-not-owned');
    expect(await assess('south', 'usable', [carton(1)])).toBe('404 unit-unknown');
  });

  it('stays held while an owner finds the goods not usable; his last word counts', async () => {
    const said = async (conclusion: string) => {
      step();
      await world.expect(201, 'assessHold', { params: { hold }, body: { conclusion, note: 'stability data' } });
    };
    await said('not-usable');
    expect(await releasing('north', hold)).toBe('409 hold-not-assessed');
    await world.anchorAll();
    const { body } = await world.expect(200, 'getVerdict', { as: 'north', query: { code: pack('S1') } });
    expect(body['sentence']).toContain('its owner found it not usable');
    expect(await holdsFor('north', carton(1))).toMatchObject([
      { assessments: [{ batch: { gtin: GTIN, lot: LOT }, by: 'maker', conclusion: 'not-usable' }] },
    ]);
    await said('usable');
    await release('north', hold);
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
  });

  it('shows the unit to the owner of the batch, also where others packed it', async () => {
    await world.pack(carton(5), 7, 8);
    await world.deliver('maker', 'carrier', carton(5));
    step();
    const sscc = carton(6);
    const logger = { as: 'carrier', role: 'device-manager', body: { serial: 'C1', intervalMs: 300_000 } } as const;
    await world.expect(201, 'registerLogger', logger);
    await world.expect(201, 'aggregateUnit', {
      as: 'carrier',
      role: 'shipper',
      body: { sscc, children: [carton(5)], logger: 'C1' },
    });
    await packReadingsOf(world, 'C1', HOUR_MS, 5_000);
    expect(await world.refused('getUnit', { params: { sscc } })).toBe('404 not-found');
    const doubted = await place('carrier', 'thermal', sscc);
    expect(await holdsFor('maker', sscc)).toMatchObject([{ id: doubted }]);
    const { body } = await world.expect(200, 'getReadings', { query: { code: `(00)${sscc}` } });
    expect(body['readings']).toBeGreaterThan(0);
    step();
    await world.expect(201, 'assessHold', { params: { hold: doubted }, body: { conclusion: 'usable' } });
    await release('carrier', doubted);
  });
});
