import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  aggregateUnit,
  bindLogger,
  certifyBatch,
  decommissionPack,
  publishProfile,
  receiveUnannounced,
  receiveUnits,
  recordExposure,
  registerBatch,
  shipUnits,
  unbindLogger,
} from '@coldchain/custody';
import { type Sscc, ssccOf } from '@coldchain/gs1';
import { type Actor, carton, CustodyWorld, EXPIRY, GTIN, HOUR_MS, LOT, PROFILE, serials } from './custody-world.js';

let world: CustodyWorld;

beforeEach(async () => {
  world = await CustodyWorld.open();
  await world.as('maker', (context) => publishProfile(context, { productName: 'Vaccine', profile: PROFILE }));
  await world.as('maker', (context) =>
    registerBatch(context, { gtin: GTIN, lot: LOT, expiry: EXPIRY, profileVersion: 1, serials: serials(1, 20) }),
  );
  await world.as('maker', (context) => certifyBatch(context, { gtin: GTIN, lot: LOT }));
});
afterEach(() => world.close());

const packed = (actor: Actor, sscc: Sscc, from: number, to: number, children: readonly Sscc[] = []) =>
  world.as(actor, (context) =>
    aggregateUnit(context, { sscc, children, packs: [{ gtin: GTIN, lot: LOT, serials: serials(from, to) }] }),
  );

async function sent(from: Actor, to: Actor, ssccs: readonly Sscc[]): Promise<void> {
  world.clock.advance(1000);
  await world.as(from, (context) => shipUnits(context, { ssccs, receiver: to }));
  world.clock.advance(1000);
  await world.as(to, (context) => receiveUnits(context, { ssccs }));
  world.clock.advance(1000);
}

const code = (reason: unknown): unknown => (reason instanceof Error ? Reflect.get(reason, 'code') : reason);
const refusal = (act: Promise<unknown>): Promise<unknown> => act.then(() => 'accepted', code);

describe('packs that lie with somebody else', () => {
  it('cannot be packed by who knows the batch and not the unit they lie in', async () => {
    await packed('maker', carton(1), 1, 5);
    await packed('maker', carton(2), 6, 10);
    await sent('maker', 'north', [carton(1)]);
    await sent('maker', 'south', [carton(2)]);
    // south knows the batch and so the serial numbers; pack S1 lies with north
    const own = ssccOf('9520004', 1);
    const act = refusal(packed('south', own, 1, 1, [carton(2)]));
    expect(await act).toBe('pack-not-in-unit');
    const [row] = await world.owner.query<{ sscc: string }>(
      `SELECT u.sscc FROM pack p JOIN unit u ON u.id = p.unit_id WHERE p.serial = 'S1'`,
    );
    expect(row?.sscc).toBe(carton(1));
  });

  it('cannot be packed again by their maker, who does not see where they went', async () => {
    await packed('maker', carton(1), 1, 5);
    await sent('maker', 'carrier', [carton(1)]);
    await packed('carrier', ssccOf('9520002', 1), 1, 5);
    const act = refusal(packed('maker', carton(2), 5, 6));
    expect(await act).toBe('pack-not-in-unit');
  });
});

describe('one SSCC used by two organisations', () => {
  it('is not resolved by chance: the receipt is of the unit that is on its way to the receiver', async () => {
    await packed('maker', carton(1), 1, 5);
    await packed('maker', carton(2), 6, 10);
    await sent('maker', 'south', [carton(2)]);
    await sent('maker', 'north', [carton(1)]);
    // south writes the SSCC of what north holds on a unit of its own and sends it there
    await world.as('south', (context) => aggregateUnit(context, { sscc: carton(1), children: [carton(2)], packs: [] }));
    world.clock.advance(1000);
    await world.as('south', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    world.clock.advance(1000);
    // what north has stays usable
    expect(
      await refusal(
        world.as('north', (context) =>
          decommissionPack(context, { gtin: GTIN, lot: LOT, serial: serials(1, 1)[0]!, status: 'dispensed' }),
        ),
      ),
    ).toBe('accepted');
    expect(
      await refusal(world.as('north', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'carrier' }))),
    ).toBe('accepted');
    world.clock.advance(1000);
    await world.as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    const rows = await world.owner.query<{ packed_by: string; custodian: string }>(
      `SELECT o.slug AS packed_by, e.state ->> 'custodian' AS custodian FROM unit u
       JOIN organisation o ON o.id = u.organisation_id JOIN expected_object e ON e.object_key = u.unit_key
       WHERE u.sscc = $1 AND e.state ->> 'status' <> 'in-transit' ORDER BY 1`,
      [carton(1)],
    );
    expect(rows).toEqual([{ packed_by: 'south', custodian: world.organisation('north').party }]);
  });
});

describe('evidence', () => {
  it('of one logger cannot be given to two units by a binding that is dated back', async () => {
    await world.logger('maker', 'L1');
    await packed('maker', carton(1), 1, 5);
    await packed('maker', carton(2), 6, 10);
    world.clock.advance(1000);
    const start = world.clock.now();
    await world.as('maker', (context) => bindLogger(context, { sscc: carton(1), logger: 'L1' }));
    world.clock.advance(10 * HOUR_MS);
    await world.as('maker', (context) => unbindLogger(context, { sscc: carton(1), logger: 'L1' }));
    const again = (eventTime: number) =>
      refusal(world.as('maker', (context) => bindLogger({ ...context, eventTime }, { sscc: carton(2), logger: 'L1' })));
    expect(await again(start + HOUR_MS)).toBe('logger-bound');
    expect(await again(world.clock.now())).toBe('accepted');
  });

  it('goes with goods that are sent to the same receiver a second time', async () => {
    await world.logger('maker', 'L1');
    await packed('maker', carton(1), 1, 5);
    await sent('maker', 'north', [carton(1)]);
    await sent('north', 'maker', [carton(1)]);
    // access is dated by the database's clock, which runs far ahead of this world's
    await world.owner.query('UPDATE unit_access SET granted_at = $1', [new Date(world.clock.now())]);
    world.clock.advance(1000);
    await world.as('maker', (context) => bindLogger(context, { sscc: carton(1), logger: 'L1' }));
    await sent('maker', 'north', [carton(1)]);
    const legs = await world.as('north', ({ transaction }) =>
      transaction.query<{ organisation_id: number }>('SELECT organisation_id FROM leg ORDER BY started_at'),
    );
    expect(legs.map((leg) => leg.organisation_id)).toEqual([
      world.organisation('maker').id,
      world.organisation('north').id,
    ]);
  });

  it('of a unit is not shown to who only claims it', async () => {
    await world.logger('maker', 'L1');
    await packed('maker', carton(1), 1, 5);
    await world.as('maker', (context) => bindLogger(context, { sscc: carton(1), logger: 'L1' }));
    const [logger] = await world.owner.query<{ id: number }>(`SELECT id FROM logger WHERE serial = 'L1'`);
    await world.owner.query(`SELECT ensure_reading_partition('2026-06-01')`);
    await world.owner.query(
      `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
       VALUES ('2026-06-01', $1, '2026-06-01T00:10:00Z', '2026-06-01T00:20:00Z', 1, 1, 1, 5000, 5000, '')`,
      [logger?.id],
    );
    world.clock.advance(1000);
    expect(await refusal(world.as('south', (context) => receiveUnannounced(context, { ssccs: [carton(1)] })))).toBe(
      'accepted',
    );
    const seen = await world.as('south', async ({ transaction }) => ({
      legs: (await transaction.query('SELECT id FROM leg')).length,
      readings: (await transaction.query('SELECT n FROM reading_series')).length,
      loggers: (await transaction.query('SELECT serial FROM logger')).length,
    }));
    expect(seen).toEqual({ legs: 0, readings: 0, loggers: 0 });

    const [unit] = await world.owner.query<{ unit_key: string }>('SELECT unit_key FROM unit');
    const record = {
      leg: 'a'.repeat(64),
      revision: 1,
      custodian: world.organisation('maker').party,
      durationMs: 1000,
      gapMs: 0,
      coldestMilliCelsius: 5_000,
      hottestMilliCelsius: 5_000,
      exposures: [{ profile: `${GTIN}/1`, usedMs: [0], freezeRunMs: 0 }],
      histogram: 'b'.repeat(64),
    };
    const at = world.clock.now();
    await world.as('maker', (context) =>
      recordExposure(context, {
        unit: { key: unit?.unit_key ?? '', sscc: carton(1) },
        record,
        loggerId: logger?.id ?? 0,
        from: at,
        to: at,
        alarm: false,
      }),
    );
    const events = await world.as('south', ({ transaction }) =>
      transaction.query<{ command: string }>('SELECT command FROM custody_event'),
    );
    expect(events).toEqual([{ command: 'receiveUnannounced' }]);
  });
});
