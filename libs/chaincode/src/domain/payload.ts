import {
  ACTIVATIONS,
  type BatchState,
  COMPARATORS,
  type CommandPayloads,
  type Command,
  type Exposure,
  type ExposureRange,
  HOLD_CONCLUSIONS,
  HOLD_KINDS,
  HOLD_REASONS,
  type HoldReference,
  type LegRecord,
  MAX_OBJECTS,
  MAX_RANGES,
  type MktRule,
  type ObjectReference,
  PACK_STATES,
  PARTY_ROLES,
  type ProductProfile,
} from '../protocol';
import { Refused } from './refused';
import { boolean, type Check, integer, invalid, list, nullable, object, oneOf, text } from './shape';

/** Durations and sums of them stay far below 2^53: one value is at most 10^13 ms (317 years). */
const MAX_DURATION_MS = 10_000_000_000_000;
/** The last instant of the year 9999. */
const MAX_INSTANT = 253_402_300_799_999;

const hex32 = text(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
const party = text(
  /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}:[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
  'MSP id, colon, enrolment name',
);
const profileKey = text(/^[0-9]{14}\/[1-9][0-9]{0,8}$/, 'GTIN-14/version');
const prefix = text(/^[0-9]{4,12}$/, 'GS1 company prefix of 4 to 12 digits');
const name = text(/^[A-Za-z0-9][A-Za-z0-9 .°<>=_-]{0,39}$/, 'name of up to 40 letters, digits or . ° < > = _ -');
const instant = integer(0, MAX_INSTANT);
const duration = integer(0, MAX_DURATION_MS);
/** From absolute zero to 1,000 °C. */
const milliCelsius = integer(-273_150, 1_000_000);

const day: Check<string> = (value, pointer) => {
  const form = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(typeof value === 'string' ? value : '');
  if (form === null) return invalid(pointer, 'day YYYY-MM-DD');
  const [year, month, date] = [Number(form[1]), Number(form[2]), Number(form[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return date >= 1 && date <= (lengths[month - 1] ?? 0) ? form[0] : invalid(pointer, 'day that exists');
};

/** GTIN-14 with a right check digit (GS1 General Specifications §7.9: weights 3 and 1 from the right). */
const gtin: Check<string> = (value, pointer) => {
  const digits = text(/^[0-9]{14}$/, 'GTIN-14')(value, pointer);
  let sum = 0;
  for (let index = 0; index < 13; index++) sum += Number(digits[index]) * (index % 2 === 0 ? 3 : 1);
  return (sum + Number(digits[13])) % 10 === 0 ? digits : invalid(pointer, 'right check digit');
};

const unique = <Value>(check: Check<readonly Value[]>, key: (value: Value) => unknown): Check<readonly Value[]> => {
  return (value, pointer) => {
    const parsed = check(value, pointer);
    return new Set(parsed.map(key)).size === parsed.length ? parsed : invalid(pointer, 'no repetition');
  };
};

const rangeMembers = object<ExposureRange>(
  {
    name,
    comparator: oneOf(COMPARATORS),
    limitMilliCelsius: milliCelsius,
    allowedMs: duration,
    activation: oneOf(ACTIVATIONS),
    tripsAtAllowed: boolean,
  },
  ['activation', 'tripsAtAllowed'],
);

const range: Check<ExposureRange> = (value, pointer) => {
  const parsed = rangeMembers(value, pointer);
  if (parsed.activation === 'instant' && parsed.allowedMs !== 0) invalid(`${pointer}/allowedMs`, '0 for an instant');
  // Nothing at all would reach 0 ms: what never came near the limit would be quarantined.
  if (parsed.tripsAtAllowed === true && parsed.allowedMs === 0) invalid(`${pointer}/allowedMs`, 'at least 1');
  return parsed;
};

const storage: Check<ProductProfile['storage']> = (value, pointer) => {
  const parsed = object<ProductProfile['storage']>({ minMilliCelsius: milliCelsius, maxMilliCelsius: milliCelsius })(
    value,
    pointer,
  );
  return parsed.minMilliCelsius < parsed.maxMilliCelsius ? parsed : invalid(pointer, 'min below max');
};

/** A guard band that leaves nothing between the bounds, or a longer adaptation, would be a rule nobody meant. */
const MAX_GUARD_BAND = 5_000;
const MAX_IGNORE_MS = 4 * 3_600_000;

const profileMembers = object<ProductProfile>(
  {
    gtin,
    version: integer(1, 999_999_999),
    storage,
    ranges: unique(list(range, 0, MAX_RANGES), (one) => one.name),
    combine: oneOf(['independent', 'nested', 'sum']),
    freeze: nullable(
      object({
        comparator: oneOf(['<', '<=']),
        limitMilliCelsius: milliCelsius,
        // 0 would quarantine what never froze: a run of 0 ms is at least 0 ms.
        consecutiveMs: integer(1, MAX_DURATION_MS),
      }),
    ),
    humidity: nullable(object({ maxPermille: integer(0, 1000), consecutiveMs: duration })),
    evidence: oneOf(['logger', 'location-sensor', 'qualified-packaging', 'none']),
    gap: object<ProductProfile['gap']>(
      { allowedMs: duration, policy: oneOf(['unknown', 'last-value', 'worst-plausible']), plausible: storage },
      ['plausible'],
    ),
    longestTransitMs: nullable(integer(1, MAX_DURATION_MS)),
    openingMs: list(duration, 0, MAX_RANGES),
    mkt: object<MktRule>({
      windowMs: integer(1, MAX_DURATION_MS),
      limitMilliCelsius: milliCelsius,
      ceilingMilliCelsius: nullable(milliCelsius),
    }),
    activationEnergyJoule: integer(1_000, 1_000_000),
    guardBandMilliCelsius: integer(0, MAX_GUARD_BAND),
    ignoreAfterPackingMs: integer(0, MAX_IGNORE_MS),
  },
  ['mkt', 'activationEnergyJoule', 'guardBandMilliCelsius', 'ignoreAfterPackingMs'],
);

const profile: Check<ProductProfile> = (value, pointer) => {
  const parsed = profileMembers(value, pointer);
  const guarded = 2 * (parsed.guardBandMilliCelsius ?? 0);
  if (parsed.storage.minMilliCelsius + guarded >= parsed.storage.maxMilliCelsius) {
    invalid(`${pointer}/guardBandMilliCelsius`, 'less than half of the storage range');
  }
  if (parsed.openingMs.length !== parsed.ranges.length) invalid(`${pointer}/openingMs`, 'one entry per range');
  return parsed;
};

const exposure = object<Exposure>(
  {
    profile: profileKey,
    usedMs: list(duration, 0, MAX_RANGES),
    freezeRunMs: duration,
    longestMs: list(duration, 0, MAX_RANGES),
  },
  ['longestMs'],
);

const legMembers = object<LegRecord>(
  {
    leg: hex32,
    revision: integer(1, 2_147_483_647),
    custodian: party,
    durationMs: duration,
    gapMs: duration,
    coldestMilliCelsius: nullable(milliCelsius),
    hottestMilliCelsius: nullable(milliCelsius),
    exposures: unique(list(exposure, 0, MAX_OBJECTS), (one) => one.profile),
    histogram: hex32,
    startedAt: instant,
  },
  ['startedAt'],
);

const legRecord: Check<LegRecord> = (value, pointer) => {
  const parsed = legMembers(value, pointer);
  const { coldestMilliCelsius: coldest, hottestMilliCelsius: hottest } = parsed;
  if ((coldest === null) !== (hottest === null)) invalid(pointer, 'both extremes or none');
  if (coldest !== null && hottest !== null && coldest > hottest) invalid(pointer, 'coldest not above hottest');
  return { ...parsed, exposures: [...parsed.exposures].sort((a, b) => (a.profile < b.profile ? -1 : 1)) };
};

const event = { commitment: hex32, eventTime: instant };
const keys: Check<readonly string[]> = (value, pointer) => {
  if (Array.isArray(value) && value.length > MAX_OBJECTS) {
    throw new Refused('too-many-objects', { pointer, most: MAX_OBJECTS });
  }
  return list(hex32, 0, MAX_OBJECTS)(value, pointer);
};
const someKeys: Check<readonly string[]> = (value, pointer) => {
  const parsed = keys(value, pointer);
  return parsed.length > 0 ? parsed : invalid(pointer, 'at least one key');
};
const recallClass = oneOf([1, 2, 3]);
const recallDepth = oneOf<NonNullable<BatchState['recall']>['depth']>(['wholesale', 'pharmacy', 'patient']);

const hold = object<HoldReference>({ kind: oneOf(HOLD_KINDS), reason: oneOf(HOLD_REASONS), commitment: hex32 });
/** Access is given to what a batch or a unit holds; a single pack has no data of its own. */
const accessObject = object<ObjectReference>({ type: oneOf(['batch', 'unit']), key: hex32 });

/** The check of each command's payload. */
const CHECKS: { readonly [Name in Command]: Check<CommandPayloads[Name]> } = {
  registerParty: object({
    party,
    roles: unique(list(oneOf(PARTY_ROLES), 1, PARTY_ROLES.length), (role) => role),
    prefixes: unique(list(prefix, 0, MAX_OBJECTS), (one) => one),
  }),
  suspendParty: object({ party }),
  publishProfile: object({ profile }),
  registerBatch: object({ ...event, batch: hex32, profile: profileKey, expiry: day }),
  certifyBatch: object({ ...event, batch: hex32 }),
  addPacks: object({ ...event, batch: hex32, root: hex32 }),
  recallBatch: object({ ...event, batch: hex32, class: recallClass, depth: recallDepth }),
  liftRecall: object({ ...event, batch: hex32 }),
  aggregateUnit: object({ ...event, unit: hex32, children: keys, sources: keys, batches: keys }),
  disaggregateUnit: object({ ...event, unit: hex32, children: someKeys }),
  shipUnits: object({ ...event, units: someKeys, receiver: party }),
  cancelShipment: object({ ...event, units: someKeys }),
  receiveUnits: object({ ...event, units: someKeys, discrepancy: nullable(hex32) }),
  refuseReceipt: object({ ...event, units: someKeys, discrepancy: hex32 }),
  receiveUnannounced: object({ ...event, units: someKeys }),
  resolveDiscrepancy: object({ ...event, units: someKeys, custodyTo: nullable(party) }),
  recordObservation: object({ ...event, units: someKeys }),
  recordExposure: object({ ...event, unit: hex32, record: legRecord }),
  placeHold: object({ ...event, units: someKeys, kind: oneOf(HOLD_KINDS) }),
  assessHold: object({ ...event, units: someKeys, hold, conclusion: oneOf(HOLD_CONCLUSIONS) }),
  releaseHold: object({ ...event, units: someKeys, hold }),
  decommissionPack: object({
    ...event,
    pack: hex32,
    batch: hex32,
    unit: hex32,
    status: oneOf(PACK_STATES),
    proof: object({
      run: integer(0, 9_999),
      index: integer(0, 2_147_483_647),
      size: integer(1, 2_147_483_647),
      path: list(hex32, 0, 31),
    }),
  }),
  revertDecommission: object({ ...event, pack: hex32 }),
  registerDevice: object({ device: hex32, publicKey: hex32, calibrationDue: day }),
  bindDevice: object({ ...event, device: hex32, unit: hex32, action: oneOf(['bind', 'unbind']) }),
  revokeDevice: object({ device: hex32 }),
  grantAccess: object({ object: accessObject, party, until: instant }),
  revokeAccess: object({ object: accessObject, party }),
  anchorRoot: object({
    log: hex32,
    index: integer(0, 2_147_483_647),
    root: hex32,
    count: integer(1, 2_147_483_647),
    window: object({ from: instant, to: instant }),
    previous: nullable(hex32),
  }),
};

/**
 * Checks a command's payload and rebuilds it in the declared order.
 * @throws Refused `payload-invalid` (with the JSON pointer) or `too-many-objects`.
 */
export function parsePayload<Name extends Command>(command: Name, payload: unknown): CommandPayloads[Name] {
  return CHECKS[command](payload, '');
}

/** Checks the id of a party, as a certificate gives it. */
export function parseParty(value: unknown): string {
  return party(value, '/party');
}
