import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packReadingsOf } from './api-readings.js';
import { ApiWorld, BOUND_MS } from './api-world.js';
import { carton, EXPIRY, GTIN, HOUR_MS, LOT, serials } from './custody-world.js';

const pack = (serial: string, extra = ''): string => `(01)${GTIN}(10)${LOT}(21)${serial}${extra}`;
const DAY_MS = 24 * HOUR_MS;

describe('verdict and trail of a pack on its way', () => {
  let world: ApiWorld;

  beforeAll(async () => {
    world = await ApiWorld.open();
    await world.certifiedBatch();
  });
  afterAll(() => world.close());

  const step = (): void => world.custody.clock.advance(1000);

  it('is unknown to everyone before the ledger has been read', async () => {
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown no-unit-recorded');
    await world.anchorAll();
  });

  it('is ok only where it lies: with the maker, then, after the receipt is anchored, with the pharmacy', async () => {
    await world.expect(201, 'aggregateUnit', {
      role: 'shipper',
      body: { sscc: carton(1), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 10) }] },
    });
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown not-anchored');
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('ok no-objection');
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown data-not-received');

    step();
    await world.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [carton(1)], receiver: 'north' } });
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown in-transit');
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown in-transit');

    step();
    await world.expect(201, 'receiveUnits', { as: 'north', role: 'dispenser', body: { ssccs: [carton(1)] } });
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown in-transit');
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown not-in-your-custody');
    expect(await world.verdict(`(00)${carton(1)}`, 'north')).toBe('ok no-objection');
    expect(await world.verdict(`(01)${GTIN}(10)${LOT}`, 'north')).toBe('ok no-objection');
    const { body } = await world.call('getVerdict', { as: 'north', query: { code: `(01)${GTIN}(10)${LOT}` } });
    expect(body['sentence']).toContain('the batch and of the unit of it in your custody');
    expect(body['nextStep']).toBe('Check each pack or unit by its own code before it is used.');
    expect(await world.verdict(`(01)${GTIN}(21)S1`, 'north')).toBe('ok no-objection');
    expect(await world.verdict(`https://example.org/01/${GTIN}/10/${LOT}/21/S1`, 'north')).toBe('ok no-objection');
  });

  it('reads the separator that a scanner maps to something else', async () => {
    const raw = (separator: string): string => `01${GTIN}10${LOT}${separator}21S1`;
    for (const separator of ['\u001d', '{GS}', '^', '<GS>']) {
      expect(await world.verdict(raw(separator), 'north')).toBe('ok no-objection');
    }
  });

  it('tells an unregistered serial, another expiry and another lot apart from ok', async () => {
    expect(await world.verdict(pack('S999'), 'north')).toBe('unknown pack-not-registered');
    expect(await world.verdict(pack('S1', '(17)301231'), 'north')).toBe('ok no-objection');
    expect(await world.verdict(pack('S1', '(17)301130'), 'north')).toBe('do-not-use expiry-mismatch');
    expect(await world.verdict(`(01)${GTIN}(10)OTHER(21)S1`, 'north')).toBe('do-not-use lot-mismatch');
    expect(EXPIRY).toBe('2030-12-31');
  });

  it('answers a stranger the same for what exists and what does not', async () => {
    const real = await world.call('getVerdict', { as: 'south', query: { code: pack('S1') } });
    const invented = await world.call('getVerdict', { as: 'south', query: { code: `(01)${GTIN}(10)NONE(21)X1` } });
    expect(shapeOf(real.body)).toEqual(shapeOf(invented.body));
    const unit = await world.call('getVerdict', { as: 'south', query: { code: `(00)${carton(1)}` } });
    const none = await world.call('getVerdict', { as: 'south', query: { code: `(00)${carton(777)}` } });
    expect(shapeOf(unit.body)).toEqual(shapeOf(none.body));
    const trail = await world.expect(200, 'getTrail', { as: 'south', query: { code: pack('S1') } });
    expect(trail.body).toEqual({ entries: [], complete: true });
    const readings = await world.expect(200, 'getReadings', { as: 'south', query: { code: pack('S1') } });
    expect(readings.body).toMatchObject({ readings: 0, series: [] });
  });

  it('tells the whole trail to the holder, each event with its anchor', async () => {
    const { body } = await world.expect(200, 'getTrail', { as: 'north', query: { code: pack('S1') } });
    const entries = body['entries'] as { command: string; anchor: { state: string; block: number | null } }[];
    expect(entries.map((entry) => entry.command)).toEqual([
      'registerBatch',
      'addPacks',
      'certifyBatch',
      'aggregateUnit',
      'shipUnits',
      'receiveUnits',
    ]);
    expect(entries.every((entry) => entry.anchor.state === 'anchored')).toBe(true);
  });

  it('lists the shipment with both sides', async () => {
    for (const as of ['maker', 'north'] as const) {
      const { body } = await world.expect(200, 'listShipments', { as });
      expect(body['shipments']).toMatchObject([
        { sender: 'maker', receiver: 'north', units: [{ sscc: carton(1), state: 'received', held: false }] },
      ]);
    }
    expect((await world.expect(200, 'listShipments', { as: 'south' })).body['shipments']).toEqual([]);
  });

  it('is unknown when the ledger cannot be confirmed within the bound, and ok again afterwards', async () => {
    world.custody.clock.advance(BOUND_MS);
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
    world.custody.clock.advance(1);
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown ledger-not-confirmed');
    await world.confirm();
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
  });

  it('is unknown while an event about it waits for its anchor longer than the bound', async () => {
    const { owner } = world.custody;
    await owner.query(`UPDATE custody_event SET anchor_state = 'pending', block = NULL WHERE command = 'receiveUnits'`);
    world.custody.clock.advance(BOUND_MS + 1);
    await world.confirm();
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown event-pending');
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
  });

  it('says so when the ledger refused an event about it', async () => {
    const { owner } = world.custody;
    const refuse = (code: string | null) =>
      owner.query(
        `UPDATE custody_event SET anchor_state = $1, refusal = $2, block = $3 WHERE command = 'receiveUnits'`,
        code === null ? ['anchored', null, 1] : ['refused', JSON.stringify({ code }), null],
      );
    await refuse('not-named-receiver');
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown event-refused');
    await refuse('batch-recalled');
    expect(await world.verdict(pack('S1'), 'north')).toBe('do-not-use refused-by-ledger');
    await refuse(null);
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
  });

  it('is already dispensed from the moment the dispensing is captured, and only that pack', async () => {
    step();
    await world.expect(201, 'decommissionPack', {
      as: 'north',
      role: 'dispenser',
      params: { id: `${GTIN}.S2` },
      body: { status: 'dispensed' },
    });
    expect(await world.verdict(pack('S2'), 'north')).toBe('do-not-use already-dispensed');
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
    await world.anchorAll();
    step();
    const again = await world.call('decommissionPack', {
      as: 'north',
      role: 'dispenser',
      params: { id: `01/${GTIN}/21/S2` },
      body: { status: 'dispensed' },
    });
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'pack-already-decommissioned', nextStep: expect.stringMatching(/^do not dispense/) },
    });
  });

  it('is do-not-use on expiry, even when the ledger cannot be confirmed', async () => {
    const back = world.custody.clock.now();
    world.custody.clock.advance(Date.parse('2031-01-01T00:00:00Z') - back);
    expect(await world.verdict(pack('S1'), 'north')).toBe('do-not-use expired');
    world.custody.clock.advance(back - world.custody.clock.now());
  });

  it('is recalled for every holder as soon as the recall is captured', async () => {
    step();
    await world.expect(201, 'recallBatch', {
      params: { gtin: GTIN, lot: LOT },
      body: { class: 1, depth: 'patient' },
    });
    expect(await world.verdict(pack('S1'), 'north')).toBe('do-not-use recalled');
    expect(await world.verdict(`(00)${carton(1)}`, 'north')).toBe('do-not-use recalled');
  });
});

describe('verdict of a product that needs a logger', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open();
    await world.certifiedBatch('logger');
    await world.expect(201, 'registerLogger', { role: 'device-manager', body: { serial: 'L1', intervalMs: 300_000 } });
    await world.expect(201, 'aggregateUnit', {
      role: 'shipper',
      body: { sscc: carton(2), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 5) }], logger: 'L1' },
    });
    await world.expect(201, 'aggregateUnit', {
      role: 'shipper',
      body: { sscc: carton(3), packs: [{ gtin: GTIN, lot: LOT, serials: serials(6, 9) }] },
    });
    await world.anchorAll();
  });
  afterAll(() => world.close());

  it('is ok while readings come, and unknown when they stop for longer than the profile allows', async () => {
    const { clock } = world.custody;
    await packReadingsOf(world, 'L1', 6 * HOUR_MS, 5_000);
    expect(await world.verdict(pack('S1'), 'maker')).toBe('ok no-objection');
    clock.advance(HOUR_MS + 600_000);
    await world.confirm();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown evidence-missing');
  });

  it('is unknown while nobody can say that all readings are evaluated', async () => {
    const { clock } = world.custody;
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    await world.custody.owner.query('UPDATE leg SET gap_ms = 0');
    expect(await world.verdict(pack('S1'), 'maker')).toBe('ok no-objection');
    clock.advance(BOUND_MS + 1000);
    await world.confirmLedger();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown evaluation-not-confirmed');
    await world.confirmEvaluation();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('ok no-objection');
    await world.custody.owner.query('DELETE FROM follow_checkpoint');
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown evaluation-not-confirmed');
    await world.confirmEvaluation();
  });

  it('is ok with a warning where the calibration of the logger was due, until it is told of another one', async () => {
    const calibrate = (calibrationDue: string) =>
      world.expect(200, 'registerLogger', {
        role: 'device-manager',
        body: { serial: 'L1', intervalMs: 300_000, calibrationDue },
      });
    await calibrate('2026-05-31');
    const flagged = await world.expect(200, 'getVerdict', { query: { code: pack('S1') } });
    const sentence = /since 2026-06-01 00:00 UTC it was measured by a logger whose calibration was due\.$/i;
    expect(flagged.body).toMatchObject({ answer: 'ok', warning: expect.stringMatching(sentence) });
    expect(flagged.body['nextStep']).toMatch(/^It may be used\. Tell quality that its logger must be calibrated\./);
    const claims = flagged.body['claims'] as { name: string; sentence: string }[];
    expect(claims.find(({ name }) => name === 'temperature')?.sentence).toMatch(sentence);
    const { body } = await world.expect(200, 'getReadings', { query: { code: pack('S1') } });
    expect(body['series']).toMatchObject([
      { logger: 'L1', uncalibratedSince: expect.stringMatching(/^2026-06-01T00:00:0/) },
    ]);
    await calibrate('2027-05-31');
    expect((await world.expect(200, 'getVerdict', { query: { code: pack('S1') } })).body['warning']).toBeNull();
  });

  it('warns while it is outside of its limits, and tells one warming once', async () => {
    await packReadingsOf(world, 'L1', HOUR_MS, 9_000);
    const at = world.custody.clock.now();
    await world.custody.owner.query(
      `INSERT INTO excursion (leg_id, profile, rule, opened_at, duration_ms, extreme_milli_celsius)
       SELECT g.id, $1, rule, $2, $3, 9000 FROM leg g, unnest(ARRAY['above-storage', 'above 8 °C']) AS rule
       WHERE g.ended_at IS NULL AND g.logger_id = (SELECT id FROM logger WHERE serial = 'L1')`,
      [`${GTIN}/1`, new Date(at - HOUR_MS), HOUR_MS],
    );
    const { body } = await world.expect(200, 'getVerdict', { query: { code: pack('S1') } });
    expect(body).toMatchObject({
      answer: 'ok',
      warning: expect.stringMatching(
        /^It is outside its limits now \(9\.0 °C at .* UTC\); \d+ h of the allowed \d+ h are left\.$/,
      ),
      nextStep: expect.stringMatching(/^Use it at once or bring it back into its limits;/),
    });
    const readings = await world.expect(200, 'getReadings', { query: { code: pack('S1') } });
    expect(readings.body).toMatchObject({
      excursions: [{ rule: 'above 8 °C' }, { rule: 'above-storage' }],
      episodes: [{ to: null, durationMs: HOUR_MS, coveredMs: HOUR_MS, hottestMilliCelsius: 9_000 }],
    });
    await world.custody.owner.query('DELETE FROM excursion');
  });

  it('is unknown for a unit that nothing watches', async () => {
    expect(await world.verdict(pack('S6'), 'maker')).toBe('unknown evidence-missing');
  });

  it('is do-not-use at once when what was measured exceeds the budget, before the ledger has heard of it', async () => {
    await packReadingsOf(world, 'L1', 11 * HOUR_MS, 9_000);
    expect(await world.verdict(pack('S1'), 'maker')).toBe('do-not-use temperature-exceeded');
    const { body } = await world.expect(200, 'getReadings', { query: { code: pack('S1'), points: '50' } });
    expect(body).toMatchObject({ coldestMilliCelsius: 5_000, hottestMilliCelsius: 9_000 });
    const [series] = body['series'] as { points: unknown[]; gaps: unknown[] }[];
    expect(series?.points.length).toBeLessThanOrEqual(50);
    expect(series?.gaps).toHaveLength(1);
    expect(body['limits']).toEqual([{ profile: `${GTIN}/1`, minMilliCelsius: 2_000, maxMilliCelsius: 8_000 }]);
  });

  it('keeps the flag of what was measured between two calibrations', async () => {
    const { clock } = world.custody;
    const since = async (): Promise<unknown> => {
      const { body } = await world.expect(200, 'getReadings', { query: { code: pack('S1') } });
      return (body['series'] as { uncalibratedSince: string | null }[])[0]?.uncalibratedSince;
    };
    const calibrate = (calibrationDue: string) =>
      world.expect(200, 'registerLogger', {
        role: 'device-manager',
        body: { serial: 'L1', intervalMs: 300_000, calibrationDue },
      });
    await calibrate('2026-06-01');
    expect(await since()).toBeNull();
    clock.advance(24 * HOUR_MS);
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    expect(await since()).toBe('2026-06-02T00:00:00.000Z');
    clock.advance(24 * HOUR_MS);
    await calibrate('2027-05-31');
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    expect(await since()).toBe('2026-06-02T00:00:00.000Z');
  });

  it('has no readings outside of the time asked for', async () => {
    const from = new Date(world.custody.clock.now() - DAY_MS * 400).toISOString();
    const to = new Date(world.custody.clock.now() - DAY_MS * 399).toISOString();
    const { body } = await world.expect(200, 'getReadings', { query: { code: pack('S1'), from, to } });
    expect(body).toMatchObject({ readings: 0, series: [] });
  });
});

/** What a stranger could tell apart: everything but his own question and the time of the answer. */
function shapeOf(body: Record<string, unknown>): unknown {
  const { checkedAt: _checkedAt, subject, claims, ...rest } = body;
  const { link: _link, lot: _lot, serial: _serial, sscc: _sscc, ...names } = subject as Record<string, unknown>;
  const told = (claims as Record<string, unknown>[]).map(({ asOf: _asOf, ...claim }) => claim);
  const { asOf: _at, ...answer } = rest;
  return { ...answer, names, told };
}
