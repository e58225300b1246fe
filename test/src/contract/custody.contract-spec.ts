import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ActContext,
  ActRefused,
  aggregateUnit,
  bindLogger,
  certifyBatch,
  decommissionPack,
  disaggregateUnit,
  publishProfile,
  recallBatch,
  receiveUnannounced,
  receiveUnits,
  registerBatch,
  shipUnits,
} from '@coldchain/custody';
import { commitment, documentDigest, EVENT_CONTEXT, eventHash, parseEvent } from '@coldchain/epcis';
import { parseLot, parseSerial } from '@coldchain/gs1';
import { type Actor, carton, CustodyWorld, EXPIRY, GTIN, LOT, PROFILE, serials } from './custody-world.js';

let world: CustodyWorld;
const as = <Result>(actor: Actor, work: (context: ActContext) => Promise<Result>): Promise<Result> => {
  world.clock.advance(60_000);
  return world.as(actor, work);
};
const refusal = async (act: Promise<unknown>): Promise<string> => {
  try {
    await act;
    return 'accepted';
  } catch (error) {
    if (error instanceof ActRefused) return error.code;
    throw error;
  }
};

beforeAll(async () => {
  world = await CustodyWorld.open();
  await as('maker', (context) => publishProfile(context, { productName: 'Vaccine', profile: PROFILE }));
  await as('maker', (context) =>
    registerBatch(context, { gtin: GTIN, lot: LOT, expiry: EXPIRY, profileVersion: 1, serials: serials(1, 60) }),
  );
  await world.logger('maker', 'LOG-1');
});
afterAll(() => world.close());

describe('the way of a carton', () => {
  it('does not leave the house before its batch is certified, and nothing of it is dispensed', async () => {
    await as('maker', (context) =>
      aggregateUnit(context, {
        sscc: carton(1),
        children: [],
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 10) }],
        logger: 'LOG-1',
      }),
    );
    const dispense = as('maker', (context) =>
      decommissionPack(context, { gtin: GTIN, lot: LOT, serial: parseSerial('S1'), status: 'dispensed' }),
    );
    expect(await refusal(dispense)).toBe('batch-not-certified');
    await as('maker', (context) => certifyBatch(context, { gtin: GTIN, lot: LOT }));
  });

  it('is shipped by its custodian only, and is not visible to others before', async () => {
    const ship = (actor: Actor) =>
      refusal(as(actor, (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' })));
    expect(await ship('carrier')).toBe('unit-unknown');
    expect(
      await refusal(as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'nobody' }))),
    ).toBe('receiver-unknown');
    await as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'carrier' }));
    expect(await ship('carrier')).toBe('not-custodian');
    expect(await ship('maker')).toBe('unit-in-transit');
  });

  it('is received by the named receiver, whose leg begins when the sender’s ends', async () => {
    expect(await refusal(as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] })))).toBe('unit-unknown');
    await as('carrier', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    await as('carrier', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    await as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    const legs = await world.owner.query<{ slug: string; started_at: Date; ended_at: Date | null }>(
      `SELECT o.slug, l.started_at, l.ended_at FROM leg l JOIN organisation o ON o.id = l.organisation_id ORDER BY l.id`,
    );
    expect(legs.map((leg) => leg.slug)).toEqual(['maker', 'carrier', 'north']);
    expect(legs[0]?.ended_at).toEqual(legs[1]?.started_at);
    expect(legs[1]?.ended_at).toEqual(legs[2]?.started_at);
    expect(legs[2]?.ended_at).toBeNull();
  });

  it('gives each pack out once', async () => {
    const dispense = () =>
      refusal(
        as('north', (context) =>
          decommissionPack(context, { gtin: GTIN, lot: LOT, serial: parseSerial('S1'), status: 'dispensed' }),
        ),
      );
    expect(await dispense()).toBe('accepted');
    expect(await dispense()).toBe('pack-already-decommissioned');
    const unknown = as('north', (context) =>
      decommissionPack(context, { gtin: GTIN, lot: LOT, serial: parseSerial('S999'), status: 'dispensed' }),
    );
    expect(await refusal(unknown)).toBe('pack-unknown');
  });

  it('lets two dispense the same pack at the same instant only once', async () => {
    world.clock.advance(60_000);
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () =>
        refusal(
          world.as('north', (context) =>
            decommissionPack(
              { ...context, eventTime: context.clock.now() + Math.floor(context.random.unit() * 1000) },
              { gtin: GTIN, lot: LOT, serial: parseSerial('S2'), status: 'dispensed' },
            ),
          ),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    const [row] = await world.owner.query<{ count: number }>(
      `SELECT count(*) FROM outbox o JOIN custody_event_object x ON x.event_id = o.event_id
       JOIN pack p ON p.pack_key = x.object_key WHERE p.serial = 'S2' AND x.object_type = 'pack'`,
    );
    expect(row?.count).toBe(1);
  });
});

describe('a receipt that was not announced', () => {
  it('is a claim beside the recorded custodian, and holds the unit', async () => {
    await as('maker', (context) =>
      aggregateUnit(context, {
        sscc: carton(2),
        children: [],
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(11, 20) }],
      }),
    );
    await as('south', (context) => receiveUnannounced(context, { ssccs: [carton(2)] }));
    const [state] = await world.owner.query<{
      state: { custodian: string; claimedBy: string; holds: { kind: string }[] };
    }>(`SELECT e.state FROM expected_object e JOIN unit u ON u.unit_key = e.object_key WHERE u.sscc = $1`, [carton(2)]);
    expect(state?.state).toMatchObject({
      custodian: 'ManufacturerMSP:maker',
      claimedBy: 'PharmacyMSP:south',
      holds: [{ kind: 'discrepancy' }],
    });
    const ship = as('maker', (context) => shipUnits(context, { ssccs: [carton(2)], receiver: 'north' }));
    expect(await refusal(ship)).toBe('unit-held');
    const contents = await as('south', (context) => context.transaction.query('SELECT 1 FROM batch'));
    expect(contents).toEqual([]);
  });
});

describe('packing', () => {
  it('moves the only logger of the children to the whole and opens its leg', async () => {
    await as('maker', (context) =>
      aggregateUnit(context, {
        sscc: carton(3),
        children: [],
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(21, 30) }],
      }),
    );
    await world.logger('maker', 'LOG-3');
    await as('maker', (context) => bindLogger(context, { sscc: carton(3), logger: 'LOG-3' }));
    expect(await refusal(as('maker', (context) => bindLogger(context, { sscc: carton(3), logger: 'LOG-1' })))).toBe(
      'logger-bound',
    );
    await as('maker', (context) => aggregateUnit(context, { sscc: carton(4), children: [carton(3)], packs: [] }));
    const watched = await world.owner.query(
      `SELECT u.sscc FROM unit_logger b JOIN unit u ON u.id = b.unit_id JOIN logger g ON g.id = b.logger_id
       WHERE g.serial = 'LOG-3' AND b.unbound_at IS NULL`,
    );
    expect(watched).toEqual([{ sscc: carton(4) }]);
    expect(await refusal(as('maker', (context) => shipUnits(context, { ssccs: [carton(3)], receiver: 'north' })))).toBe(
      'unit-in-parent',
    );
    await as('maker', (context) => disaggregateUnit(context, { sscc: carton(4), children: [carton(3)] }));
    expect(await refusal(as('maker', (context) => shipUnits(context, { ssccs: [carton(3)], receiver: 'north' })))).toBe(
      'accepted',
    );
  });
});

describe('what is stored', () => {
  it('is an event whose hash, digest and commitment can be recomputed from its text', async () => {
    const events = await world.owner.query<{
      document: string;
      event_hash: Buffer;
      digest: Buffer;
      salt: Buffer;
      commitment: string;
      biz_step: string;
    }>('SELECT * FROM custody_event ORDER BY id');
    expect(events.length).toBeGreaterThan(12);
    for (const stored of events) {
      const event = parseEvent(JSON.parse(stored.document));
      expect(documentDigest(event).canonical).toBe(stored.document);
      expect(documentDigest(event).digest).toEqual(stored.digest);
      expect(eventHash(event, EVENT_CONTEXT, 'cbv2.0-2025').hex).toBe(stored.event_hash.toString('hex'));
      expect(commitment(stored.salt, stored.event_hash, stored.digest, 'cbv2.0-2025')).toBe(stored.commitment);
    }
  });

  it('is one outbox row per event, with the keys of what it writes', async () => {
    const [row] = await world.owner.query<{ events: number; rows: number; keyless: number }>(
      `SELECT (SELECT count(*) FROM custody_event) AS events,
              (SELECT count(*) FROM outbox WHERE event_id IS NOT NULL) AS rows,
              (SELECT count(*) FROM outbox WHERE cardinality(object_keys) = 0) AS keyless`,
    );
    expect(row?.rows).toBe(row?.events);
    expect(row?.keyless).toBe(0);
  });

  it('is nothing at all when an act is refused', async () => {
    const count = () =>
      world.owner.query('SELECT (SELECT count(*) FROM custody_event) AS e, (SELECT count(*) FROM unit) AS u');
    const before = await count();
    const repack = as('north', (context) =>
      aggregateUnit(context, {
        sscc: carton(9),
        children: [],
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(21, 21) }],
      }),
    );
    expect(await refusal(repack)).not.toBe('accepted');
    expect(await count()).toEqual(before);
  });

  it('is returned, not repeated, when the same event comes again', async () => {
    const time = world.clock.now();
    const act = (context: ActContext) =>
      registerBatch(
        { ...context, eventTime: time },
        { gtin: GTIN, lot: parseLot('AV2'), expiry: EXPIRY, profileVersion: 1, serials: [] },
      );
    await as('maker', act);
    expect(await refusal(as('maker', act))).toBe('lot-exists');
    const certify = (context: ActContext) =>
      certifyBatch({ ...context, eventTime: time }, { gtin: GTIN, lot: parseLot('AV2') });
    const first = await as('maker', certify);
    const again = await as('maker', certify);
    expect(again).toEqual({ ...first, repeated: true });
  });

  it('shows earlier events to the receiver, and later ones not to the sender', async () => {
    const steps = (actor: Actor) =>
      as(actor, async (context) => {
        const rows = await context.transaction.query<{ biz_step: string }>(
          `SELECT DISTINCT e.biz_step FROM custody_event e JOIN custody_event_object o ON o.event_id = e.id
           JOIN unit u ON u.unit_key = o.object_key WHERE u.sscc = $1 ORDER BY 1`,
          [carton(1)],
        );
        return rows.map((row) => row.biz_step);
      });
    expect(await steps('north')).toEqual(['dispensing', 'packing', 'receiving', 'shipping']);
    expect(await steps('maker')).toEqual(['packing', 'receiving', 'shipping']);
    expect(await steps('south')).toEqual([]);
  });
});

describe('a recall', () => {
  it('comes from the owner or the authority, and ends dispensing at once', async () => {
    const recall = (actor: Actor) =>
      refusal(as(actor, (context) => recallBatch(context, { gtin: GTIN, lot: LOT, class: 2, depth: 'pharmacy' })));
    expect(await recall('north')).toBe('batch-not-owned');
    expect(await recall('maker')).toBe('accepted');
    const dispense = as('north', (context) =>
      decommissionPack(context, { gtin: GTIN, lot: LOT, serial: parseSerial('S3'), status: 'dispensed' }),
    );
    expect(await refusal(dispense)).toBe('batch-recalled');
  });
});
