import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gtinOf, sgtinLink, type Sscc, ssccOf, parseSerial } from '@coldchain/gs1';
import { evaluateTrace, parseProfile, readLoggerFile } from '@coldchain/telemetry';
import { describeWithData } from '../support/index.js';
import { Platform } from './platform.js';

const HOUR_MS = 3_600_000;
const BOUND_MS = 10_000;
const GTIN = gtinOf('9520001', 10001);
const AURORA = 'aurora-pharma';
const POLAR = 'polar-logistics';
const NORTH = 'pharmacy-north';
const SOUTH = 'pharmacy-south';
const carton = (number: number): Sscc => ssccOf('9520001', number);
const pack = (serial: string): string => `(01)${GTIN}(10)L1(21)${serial}`;
const dispensePath = (serial: string): string =>
  `/v1/packs/${encodeURIComponent(new URL(sgtinLink(GTIN, parseSerial(serial))).pathname.slice(1))}/decommission`;

const PROFILE = {
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [{ name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 2 * HOUR_MS }],
  combine: 'independent',
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: HOUR_MS },
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: 400 * 24 * HOUR_MS, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};

let platform: Platform;

/** Packs the given serial numbers into a carton, at a time in the past. */
async function packCarton(sscc: Sscc, serials: readonly string[], eventTime: string, logger?: string): Promise<void> {
  if (logger !== undefined) {
    await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: logger, intervalMs: 300_000 });
  }
  await platform.post(AURORA, 'shipper', '/v1/units', {
    sscc,
    packs: [{ gtin: GTIN, lot: 'L1', serials }],
    ...(logger === undefined ? {} : { logger }),
    eventTime,
  });
}

async function send(from: string, to: string, ssccs: readonly Sscc[], eventTime: string): Promise<void> {
  await platform.post(from, 'shipper', '/v1/shipments', { ssccs, receiver: to, eventTime });
  await platform.post(to, 'shipper', '/v1/receipts', { ssccs, eventTime });
}

beforeAll(async () => {
  platform = await Platform.start(BOUND_MS);
  const eventTime = '2022-04-01T00:00:00Z';
  await platform.post(AURORA, 'quality', '/v1/products', { gtin: GTIN, name: 'Vaccine', version: 1, profile: PROFILE });
  const serials = Array.from({ length: 100 }, (_, index) => `S${index}`);
  const batch = { gtin: GTIN, expiry: '2031-01-31', profileVersion: 1, eventTime };
  await platform.post(AURORA, 'shipper', '/v1/batches', { ...batch, lot: 'L1', serials });
  await platform.post(AURORA, 'shipper', '/v1/batches', { ...batch, lot: 'L2', serials: ['U1'] });
  await platform.post(AURORA, 'quality', `/v1/batches/${GTIN}/L1/certification`, { eventTime });
}, 60_000);
afterAll(() => platform.stop());

describeWithData('loggers/fridgetag-2l-130500109088_202206081014.txt', 'from a logger to a verdict', (path) => {
  it('stores every reading once, finds the excursions, holds the unit on the ledger, and says do-not-use', async () => {
    await packCarton(carton(1), ['S0', 'S1'], '2022-05-02T04:00:00Z', 'FT-2L');
    await send(AURORA, POLAR, [carton(1)], '2022-05-20T00:00:00Z');
    await send(POLAR, NORTH, [carton(1)], '2022-06-07T00:00:00Z');
    const gateway = await platform.post(POLAR, 'device-manager', '/v1/gateways', { name: 'dock-1' });

    await platform.coldchain(
      [
        ...['gateway', 'replay', path, '--url', platform.mqttUrl, '--gateway', `${POLAR}/dock-1`],
        ...['--logger', 'FT-2L', '--store', 'replay.frames'],
      ],
      { CCT_GATEWAY_PASSWORD: String(gateway['password']) },
    );
    const [stored] = await platform.owner.query<{ readings: number; distinct: number }>(
      'SELECT sum(n)::bigint AS readings, count(DISTINCT (logger, t0)) AS distinct FROM reading_series',
    );
    expect(stored?.readings).toBe(10_653);

    await platform.until(async () => ((await platform.unit(carton(1)))?.holds.length ?? 0) >= 2);
    // The holds stand before the last readings are evaluated: the evaluator is done when it has confirmed what is there.
    const acknowledged = Date.now();
    await platform.until(async () => {
      const [row] = await platform.owner.query<{ confirmed_at: Date | null }>(
        `SELECT confirmed_at FROM follow_checkpoint WHERE name = 'evaluator'`,
      );
      return (row?.confirmed_at?.getTime() ?? 0) >= acknowledged;
    });
    await platform.settled();
    const unit = await platform.unit(carton(1));
    expect(unit?.holds.map((hold) => hold.reason).toSorted()).toEqual(['budget-exceeded', 'freeze-rule']);

    // what the legs add up to on the ledger is what the file says when it is evaluated as a whole
    const report = evaluateTrace(readLoggerFile(readFileSync(path)), {
      name: 'spec',
      thermal: parseProfile({ ...PROFILE, gtin: GTIN, version: 1 }).thermal,
    });
    const used = unit?.total.exposures[0]?.usedMs[0] ?? 0;
    expect(used).toBe(report.ranges.find((range) => range.name === 'above 8 °C')?.ms);

    const verdict = await platform.verdict(NORTH, pack('S0'));
    expect(verdict).toMatchObject({ answer: 'do-not-use', reason: 'on-hold' });
    expect(String(verdict['sentence'])).toMatch(/^Quarantined since 20\d\d-/);
    expect(verdict['asOf']).not.toBeNull();
    const trail = await platform.request(NORTH, 'dispenser', 'GET', `/v1/trail?code=${encodeURIComponent(pack('S0'))}`);
    const entries = trail.body['entries'] as { command: string; anchor: { state: string } }[];
    expect(entries.map((entry) => entry.command)).toEqual(
      expect.arrayContaining([
        'registerBatch',
        'certifyBatch',
        'aggregateUnit',
        'shipUnits',
        'receiveUnits',
        'recordExposure',
      ]),
    );
    expect(new Set(entries.map((entry) => entry.anchor.state))).toEqual(new Set(['anchored']));
    const readings = await platform.request(
      NORTH,
      'dispenser',
      'GET',
      `/v1/readings?code=${encodeURIComponent(pack('S0'))}`,
    );
    expect(readings.body).toMatchObject({ coldestMilliCelsius: Math.round((report.coldest ?? 0) * 1000) });
    expect(await platform.fsck()).toMatchObject({ findings: [], unchecked: [] });
  }, 120_000);

  it('lets nobody supply or dispense what is held', async () => {
    expect(await platform.refused(NORTH, 'dispenser', dispensePath('S1'), { status: 'dispensed' })).toBe(
      '409 unit-held',
    );
    expect(await platform.refused(NORTH, 'shipper', '/v1/shipments', { ssccs: [carton(1)], receiver: SOUTH })).toBe(
      '409 unit-held',
    );
    // back towards the owner of the batch is allowed, and is received into the hold
    await platform.post(NORTH, 'shipper', '/v1/shipments', { ssccs: [carton(1)], receiver: AURORA });
    await platform.post(AURORA, 'shipper', '/v1/receipts', { ssccs: [carton(1)] });
    await platform.settled();
    expect(await platform.unit(carton(1))).toMatchObject({ custodian: 'ManufacturerMSP:aurora-pharma' });
    expect((await platform.unit(carton(1)))?.holds).toHaveLength(2);
  });
});

describe('what is refused', () => {
  it('is refused with its code, and delays nothing else', async () => {
    await packCarton(carton(2), ['S10', 'S11'], new Date(Date.now() - HOUR_MS).toISOString());
    const ship = { ssccs: [carton(2)], receiver: NORTH };
    expect(await platform.refused(POLAR, 'shipper', '/v1/shipments', ship)).toBe('404 unit-unknown');
    await send(AURORA, NORTH, [carton(2)], new Date(Date.now() - 60_000).toISOString());
    expect(await platform.refused(AURORA, 'shipper', '/v1/shipments', ship)).toBe('403 not-custodian');
    const wrongDigit = `${carton(2).slice(0, -1)}${(Number(carton(2).at(-1)) + 1) % 10}`;
    expect(await platform.refused(NORTH, 'shipper', '/v1/shipments', { ...ship, ssccs: [wrongDigit] })).toBe(
      '422 check-digit-wrong',
    );
    expect(await platform.refused(NORTH, 'shipper', '/v1/receipts', { ssccs: [carton(2)] })).toMatch(
      /unit-not-in-transit/,
    );
    await platform.post(AURORA, 'shipper', '/v1/units', {
      sscc: carton(3),
      packs: [{ gtin: GTIN, lot: 'L2', serials: ['U1'] }],
    });
    expect(await platform.refused(AURORA, 'quality', dispensePath('U1'), { lot: 'L2', status: 'dispensed' })).toBe(
      '409 batch-not-certified',
    );
    await platform.post(NORTH, 'dispenser', dispensePath('S10'), { status: 'dispensed' });
    expect(await platform.refused(NORTH, 'dispenser', dispensePath('S10'), { status: 'dispensed' })).toBe(
      '409 pack-already-decommissioned',
    );
    await platform.settled();
    const [row] = await platform.owner.query<{ refused: number }>(
      `SELECT count(*) AS refused FROM custody_event WHERE anchor_state <> 'anchored'`,
    );
    expect(row?.refused).toBe(0);
    expect(await platform.verdict(NORTH, pack('S10'))).toMatchObject({
      answer: 'do-not-use',
      reason: 'already-dispensed',
    });
  });

  it('a part of a shipment may be received, and what was not announced is held', async () => {
    const past = new Date(Date.now() - 2 * HOUR_MS).toISOString();
    await packCarton(carton(4), ['S20'], past);
    await packCarton(carton(5), ['S21'], past);
    await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: [carton(4), carton(5)], receiver: NORTH });
    await platform.post(NORTH, 'shipper', '/v1/receipts', { ssccs: [carton(4)] });
    await packCarton(carton(6), ['S22'], past);
    await platform.post(SOUTH, 'shipper', '/v1/receipts', { ssccs: [carton(6)], unannounced: true });
    await platform.settled();
    expect(await platform.unit(carton(4))).toMatchObject({
      status: 'held-by-custodian',
      custodian: 'PharmacyMSP:pharmacy-north',
    });
    expect(await platform.unit(carton(5))).toMatchObject({ status: 'in-transit' });
    expect(await platform.unit(carton(6))).toMatchObject({
      custodian: 'ManufacturerMSP:aurora-pharma',
      claimedBy: 'PharmacyMSP:pharmacy-south',
      holds: [{ kind: 'discrepancy' }],
    });
    expect(await platform.verdict(NORTH, pack('S21'))).not.toMatchObject({ answer: 'ok' });
  });
});

describe('repacking', () => {
  it('cannot wash a spent budget off', async () => {
    const start = Date.now() - 12 * HOUR_MS;
    const at = (hours: number): string => new Date(start + hours * HOUR_MS).toISOString();
    await packCarton(carton(10), ['S30'], at(0));
    await packCarton(carton(11), ['S31'], at(0));
    await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: 'PALLET', intervalMs: 300_000 });
    await platform.post(AURORA, 'shipper', '/v1/units', {
      sscc: carton(12),
      children: [carton(10), carton(11)],
      logger: 'PALLET',
      eventTime: at(0),
    });
    const gateway = await platform.post(AURORA, 'device-manager', '/v1/gateways', { name: 'pallets' });
    // 108 of 120 minutes above 8 °C
    const rows = Array.from({ length: 72 }, (_, index) => {
      const minutes = index * 5;
      return `${new Date(start + minutes * 60_000).toISOString()},${minutes >= 60 && minutes < 168 ? 9 : 5}`;
    });
    const file = await platform.file('pallet.csv', ['timestamp,celsius', ...rows].join('\n'));
    await platform.coldchain(
      [
        'gateway',
        'replay',
        file,
        '--url',
        platform.mqttUrl,
        '--gateway',
        `${AURORA}/pallets`,
        '--logger',
        'PALLET',
        '--store',
        'pallet.frames',
      ],
      { CCT_GATEWAY_PASSWORD: String(gateway['password']) },
    );
    const spent = 107 * 60_000;
    await platform.until(async () => ((await platform.unit(carton(12)))?.total.exposures[0]?.usedMs[0] ?? 0) >= spent);
    await platform.post(AURORA, 'shipper', `/v1/units/${carton(12)}/disaggregation`, {
      children: [carton(10), carton(11)],
      eventTime: at(7),
    });
    await platform.post(AURORA, 'shipper', '/v1/units', {
      sscc: carton(13),
      children: [carton(10), carton(11)],
      eventTime: at(8),
    });
    await platform.settled();
    const repacked = await platform.unit(carton(13));
    expect(repacked?.total.exposures[0]?.usedMs[0]).toBeGreaterThanOrEqual(spent);
    expect(repacked?.holds).toEqual([]);
  }, 60_000);

  it('keeps the evidence of a pallet with the carton that came out of it', async () => {
    const start = Date.now() - 6 * HOUR_MS;
    const at = (hours: number): string => new Date(start + hours * HOUR_MS).toISOString();
    await packCarton(carton(30), ['S50'], at(0));
    await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: 'PALLET-2', intervalMs: 300_000 });
    const gateway = await platform.post(AURORA, 'device-manager', '/v1/gateways', { name: 'pallets-2' });
    await platform.post(AURORA, 'shipper', '/v1/units', {
      sscc: carton(31),
      children: [carton(30)],
      logger: 'PALLET-2',
      eventTime: at(0),
    });
    await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: [carton(31)], receiver: POLAR, eventTime: at(1) });
    await platform.post(POLAR, 'shipper', '/v1/receipts', { ssccs: [carton(31)], eventTime: at(2) });
    const rows = Array.from({ length: 73 }, (_, index) => `${new Date(start + index * 300_000).toISOString()},5`);
    const file = await platform.file('pallet-2.csv', ['timestamp,celsius', ...rows].join('\n'));
    const replay = ['gateway', 'replay', file, '--url', platform.mqttUrl, '--gateway', `${AURORA}/pallets-2`];
    await platform.coldchain([...replay, '--logger', 'PALLET-2', '--store', 'pallet-2.frames'], {
      CCT_GATEWAY_PASSWORD: String(gateway['password']),
    });
    const unpacking = { children: [carton(30)], eventTime: at(5.9) };
    await platform.post(POLAR, 'shipper', `/v1/units/${carton(31)}/disaggregation`, unpacking);
    await send(POLAR, NORTH, [carton(30)], at(5.95));
    await platform.settled();
    await platform.until(async () => (await platform.verdict(NORTH, pack('S50')))['answer'] === 'ok');
    const verdict = await platform.verdict(NORTH, pack('S50'));
    expect(verdict).toMatchObject({ answer: 'ok', reason: 'no-objection' });
  }, 60_000);
});

describe('without the ledger worker', () => {
  it('captures go on; an ok stands with its time for the bound, then it is unknown; all is anchored once afterwards', async () => {
    await platform.settled();
    const before = await platform.verdict(NORTH, pack('S11'));
    expect(before).toMatchObject({ reason: expect.stringMatching(/no-objection|evidence-missing/) });
    await platform.stopWorker();
    const stoppedAt = Date.now();
    const past = new Date(Date.now() - 1000).toISOString();
    await packCarton(carton(20), ['S40'], past);
    await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: [carton(20)], receiver: NORTH });
    await platform.post(NORTH, 'shipper', '/v1/receipts', { ssccs: [carton(20)] });
    expect(await platform.verdict(NORTH, pack('S40'))).not.toMatchObject({ answer: 'ok' });
    const meanwhile = await platform.verdict(NORTH, pack('S11'));
    expect(meanwhile).toMatchObject({ reason: before['reason'] });
    expect(Date.parse(String(meanwhile['asOf']))).toBeLessThanOrEqual(stoppedAt + 500);
    await platform.until(async () => Date.now() > stoppedAt + BOUND_MS + 1000);
    expect(await platform.verdict(NORTH, pack('S11'))).toMatchObject({ answer: 'unknown' });
    // what was known to be bad stays bad
    expect(await platform.verdict(NORTH, pack('S10'))).toMatchObject({ answer: 'do-not-use' });

    platform.startWorker();
    await platform.settled();
    await platform.until(async () => (await platform.verdict(NORTH, pack('S11')))['reason'] === before['reason']);
    const [twice] = await platform.owner.query<{ anchors: number; events: number }>(
      `SELECT (SELECT count(*) FROM ledger_anchor) AS anchors, (SELECT count(*) FROM custody_event) AS events`,
    );
    expect(twice?.anchors).toBe(twice?.events);
    expect(await platform.fsck()).toMatchObject({ findings: [], unchecked: [] });
  }, 60_000);
});
