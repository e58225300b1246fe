import { gtinOf, ssccOf } from '@coldchain/gs1';
import type { Platform } from '../contract/platform.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GTIN = gtinOf('9520001', 10003);
/** Makes the goods. */
export const AURORA = 'aurora-pharma';
/** Receives them. */
export const NORTH = 'pharmacy-north';
/** Gets some from the receiver. */
export const SOUTH = 'pharmacy-south';
/** Too warm with its receiver for longer than its budget. */
export const CARTON = ssccOf('9520001', 300);
/** On its way to the same receiver, and too warm. */
export const MOVING = ssccOf('9520001', 301);
/** Too warm where it was packed. */
export const STORED = ssccOf('9520001', 302);
/** On its way, and so warm for so long that its budget ends before it arrives. */
export const DOOMED = ssccOf('9520001', 303);
/** With a customer and back, and never warm. */
export const RETURNED = ssccOf('9520001', 304);
/** With the receiver, and warm there for half of its budget: nothing holds it. */
export const DOUBTED = ssccOf('9520001', 305);

const PROFILE = {
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [{ name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 2 * HOUR_MS }],
  combine: 'independent',
  freeze: null,
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: 30 * 24 * HOUR_MS, policy: 'unknown' },
  longestTransitMs: 50 * MINUTE_MS,
  openingMs: [0],
};

/** Live readings end at minute 940, a file has some more: now is so near that no alarm about missing data is due. */
const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 965 * MINUTE_MS;
const at = (minutes: number): string => new Date(start + minutes * MINUTE_MS).toISOString();
/** A file of readings every five minutes, both ends included; minutes of the story. */
export const csv = (from: number, to: number, celsius: (minutes: number) => number): string => {
  const lines = ['timestamp,celsius'];
  for (let minutes = from; minutes <= to; minutes += 5) lines.push(`${at(minutes)},${celsius(minutes)}`);
  return `${lines.join('\n')}\n`;
};

/** Goods in every state that the page tells apart, measured and on the ledger. */
export async function tellStory(platform: Platform): Promise<void> {
  await platform.post(AURORA, 'quality', '/v1/products', { gtin: GTIN, name: 'Vaccine', version: 1, profile: PROFILE });
  const registration = {
    gtin: GTIN,
    lot: 'E1',
    expiry: '2031-01-31',
    profileVersion: 1,
    serials: ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7'],
  };
  await platform.post(AURORA, 'shipper', '/v1/batches', { ...registration, eventTime: at(0) });
  await platform.post(AURORA, 'quality', `/v1/batches/${GTIN}/E1/certification`, { eventTime: at(0) });
  await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: 'E-1', intervalMs: 5 * MINUTE_MS });
  const gateway = await platform.post(AURORA, 'device-manager', '/v1/gateways', { name: 'dock' });
  await platform.postThen(at(0), AURORA, 'shipper', '/v1/units', {
    sscc: CARTON,
    packs: [{ gtin: GTIN, lot: 'E1', serials: ['S1', 'S2'] }],
    logger: 'E-1',
  });
  await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: [CARTON], receiver: NORTH, eventTime: at(5) });
  await platform.post(NORTH, 'shipper', '/v1/receipts', { ssccs: [CARTON], eventTime: at(60) });
  for (const [sscc, serial, logger, packed] of [
    [MOVING, 'S3', 'E-2', 900],
    [STORED, 'S4', 'E-3', 900],
    [DOOMED, 'S5', 'E-4', 870],
    [RETURNED, 'S6', 'E-5', 700],
    [DOUBTED, 'S7', 'E-6', 700],
  ] as const) {
    await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: logger, intervalMs: 5 * MINUTE_MS });
    const packs = [{ gtin: GTIN, lot: 'E1', serials: [serial] }];
    await platform.postThen(at(packed), AURORA, 'shipper', '/v1/units', { sscc, packs, logger });
  }
  await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: [MOVING], receiver: NORTH, eventTime: at(935) });
  await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: [DOOMED], receiver: NORTH, eventTime: at(955) });
  const both = [RETURNED, DOUBTED];
  await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: both, receiver: NORTH, eventTime: at(710) });
  await platform.post(NORTH, 'shipper', '/v1/receipts', { ssccs: both, eventTime: at(765) });
  await platform.post(NORTH, 'shipper', '/v1/shipments', { ssccs: [RETURNED], receiver: AURORA, eventTime: at(900) });
  await platform.post(AURORA, 'shipper', '/v1/receipts', { ssccs: [RETURNED], eventTime: at(940) });
  // Half a day with one reading at 20 °C in it, then too warm for longer than the budget allows, then cold again.
  const day = (minutes: number): number => (minutes === 400 ? 20 : minutes > 600 && minutes <= 780 ? 12 : 5);
  const file = await platform.file('readings.csv', csv(0, 940, day));
  const replay = (readings: string, logger: string): Promise<unknown> =>
    platform.coldchain(
      [
        ...['gateway', 'replay', readings, '--url', platform.mqttUrl, '--gateway', `${AURORA}/dock`],
        ...['--logger', logger, '--store', `${logger}.frames`],
      ],
      { CCT_GATEWAY_PASSWORD: String(gateway['password']) },
    );
  await replay(file, 'E-1');
  const warmFile = await platform.file(
    'warm.csv',
    csv(900, 960, () => 12),
  );
  await replay(warmFile, 'E-2');
  await replay(warmFile, 'E-3');
  const doomedFile = await platform.file(
    'doomed.csv',
    csv(870, 960, () => 12),
  );
  await replay(doomedFile, 'E-4');
  const coldFile = await platform.file(
    'cold.csv',
    csv(700, 960, () => 5),
  );
  await replay(coldFile, 'E-5');
  const doubtedFile = await platform.file(
    'doubted.csv',
    csv(700, 960, (minutes) => (minutes > 800 && minutes <= 860 ? 12 : 5)),
  );
  await replay(doubtedFile, 'E-6');
  await platform.until(async () => (await platform.unit(CARTON))?.holds.length === 1);
  await platform.settled();
}
