import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bracketedElementString,
  type Gtin,
  parseLocalDate,
  parseLot,
  parseSerial,
  sgtinLink,
  type Sscc,
  yymmddOf,
} from '@coldchain/gs1';
import { ApiClient } from './api-client.js';
import { carton, type DemonstrationProduct, FROZEN, TABLET, VACCINE } from './catalogue.js';
import { tellDemand } from './demand.js';
import { Demonstration, type DemonstrationContext, type SampleCode } from './demonstration.js';
import { LOGGER_INTERVAL_MS, type SimulatedLogger, simulatedLoggers } from './simulated-loggers.js';

const DAY_MS = 24 * 3_600_000;

const AURORA = 'aurora-pharma';
const POLAR = 'polar-logistics';
const NORTH = 'pharmacy-north';
const SOUTH = 'pharmacy-south';

/** A carton of one lot on its way from the manufacturer over the distributor to a pharmacy. */
interface Journey {
  readonly sscc: Sscc;
  readonly product: DemonstrationProduct;
  readonly lot: string;
  /** Days (or parts) ago at which each step happened; a missing last step means that the carton is still on its way. */
  readonly packedAgo: number;
  readonly shippedAgo: number;
  readonly takenOverAgo: number;
  readonly forwardedAgo: number;
  readonly pharmacy: string;
  readonly receivedAgo: number | null;
  readonly logger: string | null;
}

const RECALLED_LOT = 'TB2603';

const BATCHES = [
  { product: VACCINE, lot: 'AV2611', expiryIn: 300, madeAgo: 20 },
  { product: TABLET, lot: 'TB2610', expiryIn: 500, madeAgo: 40 },
  { product: TABLET, lot: RECALLED_LOT, expiryIn: 200, madeAgo: 200 },
  { product: TABLET, lot: 'TB2411', expiryIn: -1, madeAgo: 700 },
  { product: FROZEN, lot: 'AC2612', expiryIn: 120, madeAgo: 10 },
] as const;

/**
 * Four shipments: vaccine that is fine, vaccine in a fridge that fails while one watches (with a carton that has failed
 * already), tablets without a logger, and a frozen product that is still on its way.
 */
export class Story extends Demonstration {
  async seed(context: DemonstrationContext): Promise<readonly SampleCode[]> {
    const api = new ApiClient(context);
    const now = await toldAt(context.dataDir);
    await publishProducts(api);
    await registerBatches(api, now);
    const loggers = simulatedLoggers(now);
    await enrolLoggers(api, context, loggers);
    for (const journey of journeys()) await travel(context, api, journey, now);
    await api.post(
      NORTH,
      'dispenser',
      `/v1/packs/${encodeURIComponent(packPath(VACCINE.gtin, 'AV2611-1002'))}/decommission`,
      {
        status: 'dispensed',
      },
    );
    await api.post(AURORA, 'quality', `/v1/batches/${TABLET.gtin}/${RECALLED_LOT}/recall`, {
      class: 2,
      depth: 'pharmacy',
    });
    await tellDemand(api, [NORTH, SOUTH], now);
    const samples = sampleCodes(now);
    await writeSamples(context, api, samples);
    return samples;
  }

  async startGateways(context: DemonstrationContext): Promise<void> {
    const loggers = JSON.parse(await readFile(loggersFile(context.dataDir), 'utf8')) as readonly SimulatedLogger[];
    await mkdir(join(context.dataDir, 'gateways'), { recursive: true });
    for (const logger of loggers) {
      context.launchColdchain(
        `gateway-${logger.gateway}`,
        [
          'gateway',
          'simulate',
          ...['--url', context.mqttUrl, '--gateway', `${logger.organisation}/${logger.gateway}`],
          ...['--logger', logger.logger, '--profile', logger.kind, '--seed', logger.logger],
          ...['--interval', String(LOGGER_INTERVAL_MS), '--from', new Date(logger.from).toISOString()],
          ...(logger.failsAt === null ? [] : ['--fails-at', new Date(logger.failsAt).toISOString()]),
          ...['--store', join(context.dataDir, 'gateways', logger.gateway)],
        ],
        { CCT_GATEWAY_PASSWORD: logger.password },
      );
    }
  }
}

/** The present of the story: kept, so that a story that was interrupted is told again with the same times. */
async function toldAt(dataDir: string): Promise<number> {
  const file = join(dataDir, 'demo-told-at');
  try {
    return Number(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const now = Date.now();
  await writeFile(file, String(now));
  return now;
}

const loggersFile = (dataDir: string): string => join(dataDir, 'demo-gateways.json');

async function publishProducts(api: ApiClient): Promise<void> {
  for (const { gtin, name, profile } of [VACCINE, TABLET, FROZEN]) {
    await api.post(AURORA, 'quality', '/v1/products', { gtin, name, version: 1, profile });
  }
}

async function registerBatches(api: ApiClient, now: number): Promise<void> {
  for (const { product, lot, expiryIn, madeAgo } of BATCHES) {
    const eventTime = ago(now, madeAgo);
    await api.post(AURORA, 'shipper', '/v1/batches', {
      gtin: product.gtin,
      lot,
      expiry: dayFromNow(now, expiryIn),
      profileVersion: 1,
      serials: serialsOf(lot, 60),
      eventTime,
    });
    await api.post(AURORA, 'quality', `/v1/batches/${product.gtin}/${lot}/certification`, { eventTime });
  }
}

async function enrolLoggers(
  api: ApiClient,
  context: DemonstrationContext,
  loggers: readonly Omit<SimulatedLogger, 'password'>[],
): Promise<void> {
  const enrolled: SimulatedLogger[] = [];
  for (const logger of loggers) {
    await api.post(AURORA, 'device-manager', '/v1/loggers', {
      serial: logger.logger,
      intervalMs: 2 * LOGGER_INTERVAL_MS,
    });
    const gateway = await api.post<{ password: string | null }>(logger.organisation, 'device-manager', '/v1/gateways', {
      name: logger.gateway,
    });
    // A password is told once. After an interruption the file below may have it from the first time.
    const password = gateway.password ?? (await earlierPassword(context.dataDir, logger.gateway));
    enrolled.push({ ...logger, password });
    await writeFile(loggersFile(context.dataDir), `${JSON.stringify(enrolled, null, 2)}\n`, { mode: 0o600 });
  }
}

async function earlierPassword(dataDir: string, gateway: string): Promise<string> {
  const earlier = JSON.parse(await readFile(loggersFile(dataDir), 'utf8')) as readonly SimulatedLogger[];
  const password = earlier.find((entry) => entry.gateway === gateway)?.password;
  if (password === undefined) {
    throw new Error(`demonstration: the password of ${gateway} was lost; delete the data folder and start again`);
  }
  return password;
}

function journeys(): Journey[] {
  const cold = { packedAgo: 0.85, shippedAgo: 0.8, takenOverAgo: 0.7, forwardedAgo: 0.6, receivedAgo: 0.55 };
  const warm = { packedAgo: 30, shippedAgo: 29, takenOverAgo: 28, forwardedAgo: 27, receivedAgo: 26, logger: null };
  const tablet = { ...warm, product: TABLET, pharmacy: NORTH };
  return [
    { ...cold, sscc: carton(1), product: VACCINE, lot: 'AV2611', pharmacy: NORTH, logger: 'AUR-LOG-0001' },
    { ...cold, sscc: carton(2), product: VACCINE, lot: 'AV2611', pharmacy: SOUTH, logger: 'AUR-LOG-0002' },
    { ...cold, sscc: carton(3), product: VACCINE, lot: 'AV2611', pharmacy: SOUTH, logger: 'AUR-LOG-0003' },
    { ...tablet, sscc: carton(4), lot: 'TB2610' },
    { ...tablet, sscc: carton(5), lot: RECALLED_LOT },
    { ...tablet, sscc: carton(6), lot: 'TB2411' },
    {
      ...cold,
      sscc: carton(7),
      product: FROZEN,
      lot: 'AC2612',
      pharmacy: SOUTH,
      receivedAgo: null,
      logger: 'AUR-LOG-0004',
    },
  ];
}

async function travel(context: DemonstrationContext, api: ApiClient, journey: Journey, now: number): Promise<void> {
  const { sscc, product, lot, pharmacy } = journey;
  const first = firstSerial(journey);
  const unit = {
    sscc,
    children: [],
    packs: [
      {
        gtin: product.gtin,
        lot: parseLot(lot),
        serials: serialsOf(lot, 60)
          .slice(first, first + 10)
          .map(parseSerial),
      },
    ],
    ...(journey.logger === null ? {} : { logger: journey.logger }),
  };
  await context.packInThePast(AURORA, unit, timeAgo(now, journey.packedAgo));
  const ssccs = [sscc];
  await api.post(AURORA, 'shipper', '/v1/shipments', {
    ssccs,
    receiver: POLAR,
    eventTime: ago(now, journey.shippedAgo),
  });
  await api.post(POLAR, 'shipper', '/v1/receipts', { ssccs, eventTime: ago(now, journey.takenOverAgo) });
  await api.post(POLAR, 'shipper', '/v1/shipments', {
    ssccs,
    receiver: pharmacy,
    eventTime: ago(now, journey.forwardedAgo),
  });
  if (journey.receivedAgo === null) return;
  const receipt = { ssccs, eventTime: ago(now, journey.receivedAgo) };
  // Recalls overtake what waits for the ledger, and what they stop is refused: this journey ended before.
  if (lot === RECALLED_LOT) await api.postAnchored(pharmacy, 'shipper', '/v1/receipts', receipt);
  else await api.post(pharmacy, 'shipper', '/v1/receipts', receipt);
}

/** Cartons of one lot take ten packs each, in the order of their numbers. */
function firstSerial(journey: Journey): number {
  const ofLot = journeys().filter((other) => other.lot === journey.lot);
  return 10 * ofLot.findIndex((other) => other.sscc === journey.sscc);
}

const serialsOf = (lot: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${lot}-${1001 + index}`);

const timeAgo = (now: number, days: number): number => Math.round(now - days * DAY_MS);
const ago = (now: number, days: number): string => new Date(timeAgo(now, days)).toISOString();
const dayFromNow = (now: number, days: number): string => new Date(now + days * DAY_MS).toISOString().slice(0, 10);

/** Path of a pack's canonical Digital Link, as `/v1/packs/{id}` takes it. */
const packPath = (gtin: Gtin, serial: string): string =>
  new URL(sgtinLink(gtin, parseSerial(serial))).pathname.slice(1);

function sampleCodes(now: number): SampleCode[] {
  const code = (product: DemonstrationProduct, lot: string, serial: string): string => {
    const batch = BATCHES.find((entry) => entry.lot === lot);
    const expiry = yymmddOf(parseLocalDate(dayFromNow(now, batch?.expiryIn ?? 300)));
    return bracketedElementString({ '01': product.gtin, '17': expiry, '10': lot, '21': serial });
  };
  return [
    { label: 'ok', organisation: NORTH, code: code(VACCINE, 'AV2611', 'AV2611-1001') },
    { label: 'going bad while you watch', organisation: SOUTH, code: code(VACCINE, 'AV2611', 'AV2611-1011') },
    { label: 'held', organisation: SOUTH, code: code(VACCINE, 'AV2611', 'AV2611-1021') },
    { label: 'recalled', organisation: NORTH, code: code(TABLET, RECALLED_LOT, `${RECALLED_LOT}-1001`) },
    { label: 'expired', organisation: NORTH, code: code(TABLET, 'TB2411', 'TB2411-1001') },
    { label: 'already dispensed', organisation: NORTH, code: code(VACCINE, 'AV2611', 'AV2611-1002') },
    { label: 'unregistered', organisation: NORTH, code: code(VACCINE, 'AV2611', 'AV2611-9999') },
  ];
}

/** What the page offers. The file exists in the demonstration only, and so do the keys in it. */
async function writeSamples(
  context: DemonstrationContext,
  api: ApiClient,
  samples: readonly SampleCode[],
): Promise<void> {
  const withKeys = samples.map((sample) => ({
    label: sample.label,
    code: sample.code,
    account: { organisation: sample.organisation, apiKey: api.keyOf(sample.organisation, 'dispenser') },
  }));
  await writeFile(join(context.dataDir, 'demo-samples.json'), `${JSON.stringify(withKeys, null, 2)}\n`, {
    mode: 0o600,
  });
}
