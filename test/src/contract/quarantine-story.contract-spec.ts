import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gtinOf, type Sscc, ssccOf } from '@coldchain/gs1';
import { Platform } from './platform.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BOUND_MS = 60_000;
const GTIN = gtinOf('9520001', 10002);
const AURORA = 'aurora-pharma';
const POLAR = 'polar-logistics';
const NORTH = 'pharmacy-north';
const SOUTH = 'pharmacy-south';
const AUTHORITY = 'medicines-authority';
const carton = (number: number): Sscc => ssccOf('9520001', 100 + number);
const pack = (serial: string): string => `(01)${GTIN}(10)Q1(21)${serial}`;
const packPath = (serial: string, act: string): string => `/v1/packs/${GTIN}.${serial}/${act}`;
const BATCH = `/v1/batches/${GTIN}/Q1`;

const PROFILE = {
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [{ name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 2 * HOUR_MS }],
  combine: 'independent',
  freeze: null,
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: 30 * 24 * HOUR_MS, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};

let platform: Platform;
/** When the goods were packed: the day before yesterday. */
const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 48 * HOUR_MS;
const at = (minutes: number): string => new Date(start + minutes * MINUTE_MS).toISOString();

const packed = (number: number, ...serials: readonly string[]) =>
  platform.post(AURORA, 'shipper', '/v1/units', {
    sscc: carton(number),
    packs: [{ gtin: GTIN, lot: 'Q1', serials }],
    eventTime: at(0),
  });
const sent = async (to: string, number: number, minutes: number): Promise<string> => {
  const body = { ssccs: [carton(number)], receiver: to, eventTime: at(minutes) };
  const { events } = await platform.post(AURORA, 'shipper', '/v1/shipments', body);
  return (events as { commitment: string }[])[0]?.commitment ?? '';
};
const received = (by: string, number: number, minutes: number) =>
  platform.post(by, 'shipper', '/v1/receipts', { ssccs: [carton(number)], eventTime: at(minutes) });
const heard = async (organisation: string, serial: string): Promise<string> => {
  const { answer, reason } = await platform.verdict(organisation, pack(serial));
  return `${String(answer)} ${String(reason)}`;
};

let gateway: Record<string, unknown>;
let frames = 0;
/** Publishes readings of the logger of carton 1, one every five minutes. */
async function measured(fromMinutes: number, toMinutes: number, celsius: number): Promise<void> {
  const lines = ['timestamp,celsius'];
  for (let minutes = fromMinutes; minutes <= toMinutes; minutes += 5) lines.push(`${at(minutes)},${celsius}`);
  const file = await platform.file(`readings-${frames}.csv`, `${lines.join('\n')}\n`);
  await platform.coldchain(
    [
      ...['gateway', 'replay', file, '--url', platform.mqttUrl, '--gateway', `${AURORA}/dock`],
      ...['--logger', 'Q-1', '--store', `readings-${frames++}.frames`],
    ],
    { CCT_GATEWAY_PASSWORD: String(gateway['password']) },
  );
}

beforeAll(async () => {
  platform = await Platform.start(BOUND_MS);
  await platform.post(AURORA, 'quality', '/v1/products', { gtin: GTIN, name: 'Vaccine', version: 1, profile: PROFILE });
  const serials = Array.from({ length: 20 }, (_, index) => `S${index}`);
  const eventTime = at(0);
  const registration = { gtin: GTIN, lot: 'Q1', expiry: '2031-01-31', profileVersion: 1, serials, eventTime };
  await platform.post(AURORA, 'shipper', '/v1/batches', registration);
  await platform.post(AURORA, 'quality', `${BATCH}/certification`, { eventTime });
  await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: 'Q-1', intervalMs: 5 * MINUTE_MS });
  gateway = await platform.post(AURORA, 'device-manager', '/v1/gateways', { name: 'dock' });
  // The readings end two days ago: that they do would open the case again, sooner or later in this story.
  const setting = { minimumMs: 300_000, rejoinMs: 900_000, missingMs: 7 * 24 * HOUR_MS };
  await platform.post(NORTH, 'quality', '/v1/alarms/setting', setting);
}, 120_000);
afterAll(() => platform.stop());

describe('a carton that became too warm', () => {
  const holdOf = async (organisation: string): Promise<string> => {
    const { body } = await platform.request(organisation, 'quality', 'GET', '/v1/holds');
    const units = body['units'] as { sscc: string; holds: { id: string }[] }[];
    return units.find(({ sscc }) => sscc === carton(1))?.holds[0]?.id ?? '';
  };
  const heldWith = (holds: number) => async (): Promise<boolean> =>
    (await platform.unit(carton(1)))?.holds.length === holds;

  it('is held by what was measured, and nobody uses it', async () => {
    await packed(1, 'S0', 'S1', 'S2');
    await platform.post(AURORA, 'device-manager', `/v1/units/${carton(1)}/logger`, { logger: 'Q-1', eventTime: at(0) });
    await sent(NORTH, 1, 5);
    await received(NORTH, 1, 10);
    await measured(15, 200, 12);
    await platform.until(heldWith(1));
    await platform.settled();
    expect(await heard(NORTH, 'S0')).toBe('do-not-use on-hold');
    expect(await platform.refused(NORTH, 'dispenser', packPath('S0', 'decommission'), { status: 'dispensed' })).toBe(
      '409 unit-held',
    );
  }, 120_000);

  it('is released by its custodian after the owner of the batch found it usable, and is ok again', async () => {
    await measured(205, 260, 5);
    // back within its limits, it has told the ledger all that it has been through
    await platform.until(
      async () => ((await platform.unit(carton(1)))?.total.exposures[0]?.usedMs[0] ?? 0) >= 190 * MINUTE_MS,
    );
    await platform.settled();
    const hold = await holdOf(AURORA);
    expect(hold).toMatch(/\.budget-exceeded$/);
    expect(await holdOf(NORTH)).toBe(hold);
    const release = `/v1/holds/${hold}/release`;
    expect(await platform.refused(NORTH, 'quality', release, {})).toBe('409 case-not-released');
    expect(await platform.refused(POLAR, 'quality', release, {})).toBe('404 hold-unknown');
    const { body } = await platform.request(NORTH, 'quality', 'GET', '/v1/cases');
    const path = `/v1/cases/${(body['cases'] as { id: number }[])[0]?.id}`;
    await platform.post(NORTH, 'quality', `${path}/acknowledgement`, { reason: 'seen' });
    await platform.post(NORTH, 'quality', `${path}/cause`, { cause: 'equipment-failure', reason: 'fridge' });
    const decision = async (): Promise<Record<string, unknown>> => ({
      ...{ decision: 'release', reason: 'stability data of the manufacturer' },
      shown: (await platform.request(NORTH, 'quality', 'GET', path)).body['digest'],
      password: platform.account(NORTH, 'responsible-person').password,
    });
    const decide = [NORTH, 'responsible-person', `${path}/decision`] as const;
    expect(await platform.refused(...decide, await decision())).toBe('409 hold-not-assessed');
    await platform.post(AURORA, 'quality', `/v1/holds/${hold}/assessment`, { conclusion: 'usable' });
    const listed = await platform.coldchain(['hold', 'list', '--as', NORTH], platform.environment);
    expect(listed).toContain(`${carton(1)}  ${NORTH}  budget-exceeded`);
    expect(listed).toContain(`${AURORA}: usable  ${hold}`);
    await platform.post(...decide, await decision());
    await platform.until(heldWith(0));
    await platform.settled();
    expect(await heard(NORTH, 'S0')).toBe('ok no-objection');
    const verdict = await platform.verdict(NORTH, pack('S0'));
    const claims = verdict['claims'] as { name: string; sentence: string }[];
    expect(claims.find(({ name }) => name === 'temperature')?.sentence).toContain('found it usable');
    expect(verdict['warning']).toContain('any more of it holds the goods again');
    await platform.post(NORTH, 'dispenser', packPath('S0', 'decommission'), { status: 'dispensed' });
  }, 120_000);

  it('is held again by what comes on top of what was assessed', async () => {
    await measured(265, 280, 12);
    await platform.until(heldWith(1));
    await platform.settled();
    expect(await heard(NORTH, 'S1')).toBe('do-not-use on-hold');
    expect(await platform.refused(NORTH, 'dispenser', packPath('S1', 'decommission'), { status: 'dispensed' })).toBe(
      '409 unit-held',
    );
    expect((await platform.unit(carton(1)))?.releases).toHaveLength(1);
  }, 120_000);
});

describe('a recall', () => {
  it('stops dispensing until it is lifted', async () => {
    await packed(2, 'S3', 'S4');
    await platform.coldchain(
      ['batch', 'recall', '--gtin', GTIN, '--lot', 'Q1', '--class', '2', '--depth', 'pharmacy', '--as', AURORA],
      platform.environment,
    );
    await platform.settled();
    expect(await heard(AURORA, 'S3')).toBe('do-not-use recalled');
    const use = packPath('S3', 'decommission');
    expect(await platform.refused(AURORA, 'quality', use, { status: 'dispensed' })).toBe('409 batch-recalled');
    await platform.post(AUTHORITY, 'quality', `${BATCH}/recall`, { class: 1, depth: 'patient' });
    await platform.post(AURORA, 'quality', `${BATCH}/recall/lift`, {});
    await platform.settled();
    expect(await heard(AURORA, 'S3')).toBe('do-not-use recalled');
    await platform.post(AUTHORITY, 'quality', `${BATCH}/recall/lift`, {});
    await platform.settled();
    await platform.post(AURORA, 'quality', use, { status: 'dispensed' });
    await platform.post(AURORA, 'quality', packPath('S3', 'revert'), {});
    await platform.settled();
    const trail = await platform.request(AURORA, 'quality', 'GET', `/v1/trail?code=${encodeURIComponent(pack('S3'))}`);
    expect((trail.body['entries'] as { sentence: string }[]).at(-1)?.sentence).toBe('Put back into the supply chain');
  }, 120_000);
});

describe('every other act that may be needed', () => {
  it('reaches the ledger, and the ledger and the database agree', async () => {
    await packed(3, 'S5');
    const called = await sent(NORTH, 3, 5);
    await platform.coldchain(
      ['shipment', 'cancel', called, '--event-time', at(6), '--as', AURORA],
      platform.environment,
    );
    const refused = await sent(SOUTH, 3, 7);
    await platform.post(SOUTH, 'dispenser', `/v1/shipments/${refused}/refusal`, {
      discrepancy: 'wet',
      eventTime: at(8),
    });

    await packed(4, 'S6');
    await platform.post(POLAR, 'shipper', '/v1/receipts', { ssccs: [carton(4)], unannounced: true, eventTime: at(5) });
    const settlement = { ssccs: [carton(4)], eventTime: at(6) };
    await platform.post(AURORA, 'quality', '/v1/receipts/resolution', { ...settlement, custodyTo: POLAR });
    await platform.post(POLAR, 'quality', '/v1/receipts/resolution', settlement);
    await platform.post(POLAR, 'shipper', '/v1/observations', { ssccs: [carton(4)], bizStep: 'storing' });
    const { holds } = await platform.post(POLAR, 'shipper', '/v1/holds', { ssccs: [carton(4)], kind: 'security' });
    await platform.post(POLAR, 'quality', `/v1/holds/${String((holds as string[])[0])}/release`, {});

    const { publicKey } = generateKeyPairSync('ed25519');
    await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: 'Q-2', intervalMs: 5 * MINUTE_MS });
    await platform.post(AURORA, 'device-manager', '/v1/devices', {
      serial: 'Q-2',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
      calibrationDue: '2031-01-31',
    });
    await platform.post(AURORA, 'device-manager', `/v1/units/${carton(2)}/logger`, { logger: 'Q-2' });
    await platform.post(AURORA, 'device-manager', '/v1/devices/Q-2/revocation', undefined);

    const laboratory = {
      slug: 'laboratory',
      name: 'Laboratory',
      party: 'RegulatorMSP:laboratory',
      gln: '9506000134352',
    };
    await platform.post(AUTHORITY, 'quality', '/v1/organisations', { ...laboratory, roles: ['laboratory'] });
    const grant = await platform.post(AURORA, 'quality', '/v1/access-grants', {
      object: { sscc: carton(2) },
      receiver: 'laboratory',
      until: new Date(Date.now() + HOUR_MS).toISOString(),
    });
    await platform.post(AURORA, 'quality', `/v1/access-grants/${String(grant['id'])}/revocation`, undefined);
    await platform.post(AUTHORITY, 'quality', `/v1/organisations/${SOUTH}/suspension`, undefined);
    await platform.settled();
    expect(await platform.refused(SOUTH, 'shipper', '/v1/receipts', { ssccs: [carton(1)] })).toMatch(/^(403|404) /);
    await platform.post(AUTHORITY, 'quality', `/v1/organisations/${SOUTH}/reinstatement`, undefined);
    await platform.settled();

    const rows = await platform.owner.query<{ command: string; state: string }>(
      `SELECT DISTINCT command, state FROM outbox ORDER BY 1`,
    );
    expect(rows.filter(({ state }) => state !== 'committed')).toEqual([]);
    expect(rows.map(({ command }) => command)).toEqual(
      expect.arrayContaining([
        ...[
          'assessHold',
          'bindDevice',
          'cancelShipment',
          'grantAccess',
          'liftRecall',
          'placeHold',
          'recordObservation',
        ],
        ...[
          'refuseReceipt',
          'registerDevice',
          'registerParty',
          'releaseHold',
          'resolveDiscrepancy',
          'revertDecommission',
        ],
        ...['revokeAccess', 'revokeDevice', 'suspendParty'],
      ]),
    );
    const kinds = await platform.owner.query<{ object_type: string }>(
      'SELECT DISTINCT object_type FROM ledger_object ORDER BY 1',
    );
    expect(kinds.map((kind) => kind.object_type)).toEqual(
      expect.arrayContaining(['access', 'batch', 'device', 'pack', 'party', 'profile', 'unit']),
    );
    // what is expected is what the ledger has, of every kind
    await platform.until(async () => {
      const differing = await platform.owner.query(
        `SELECT 1 FROM expected_object e LEFT JOIN ledger_object l USING (object_type, object_key)
         WHERE e.state IS DISTINCT FROM l.state`,
      );
      return differing.length === 0;
    });
    expect(await platform.fsck()).toMatchObject({ findings: [], unchecked: [] });
  }, 180_000);
});
