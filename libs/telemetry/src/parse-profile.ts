import { DomainError } from '@coldchain/kernel';
import { ObjectReader } from './object-reader.js';
import { PLAUSIBLE_MILLI_CELSIUS } from './reading.js';
import type { ExposureRange, MktRule, ThermalProfile } from './thermal-profile.js';
import type { TraceProfile } from './trace-profile.js';

/** As many ranges as a ledger profile may have. */
const MOST_RANGES = 8;
const NAME = /^[^\p{Cc}]{1,64}$/u;
const NO_PRODUCT = '00000000000000';

/** A profile file that is not one; `details.member` is the path of the member. */
export class ProfileInvalid extends DomainError<'profile-invalid'> {
  readonly code = 'profile-invalid';
}

/**
 * Parses a profile of a file: a product profile as it is published, in which `gtin` and `version` (of no product),
 * `combine` (`independent`), `freeze`, `humidity`, `longestTransitMs` (null), `evidence` (`logger`), `gap` (none allowed)
 * and `openingMs` (zeros) may be left out. Also taken: `name`, and of older files `consecutiveRanges` (names of ranges
 * whose `activation` is `consecutive`) and `activationEnergy` (kJ/mol). No unknown member.
 * @throws ProfileInvalid
 */
export function parseProfile(value: unknown, fileName?: string): TraceProfile {
  const root = new ObjectReader(value, '', (member, problem) => {
    throw new ProfileInvalid(`${member === '' ? 'profile' : member}: ${problem}`, { member });
  });
  const thermal = thermalOf(root);
  const name = root.has('name') ? root.text('name', NAME) : (fileName ?? `${thermal.gtin}/${thermal.version}`);
  root.end();
  return { name, thermal };
}

function thermalOf(root: ObjectReader): ThermalProfile {
  const ranges = rangesOf(root);
  const openingMs = root.has('openingMs') ? root.values('openingMs', MOST_RANGES, isDuration) : ranges.map(() => 0);
  if (openingMs.length !== ranges.length) root.fail('openingMs', 'not one entry per range');
  const storage = root.object('storage', boundsOf);
  if (storage.minMilliCelsius >= storage.maxMilliCelsius) root.fail('storage', 'minimum not below maximum');
  const mkt = mktOf(root);
  const activationEnergyJoule = activationEnergyOf(root);
  const guardBand = root.has('guardBandMilliCelsius') ? root.integer('guardBandMilliCelsius', 0, 5_000) : 0;
  if (storage.minMilliCelsius + 2 * guardBand >= storage.maxMilliCelsius) {
    root.fail('guardBandMilliCelsius', 'not less than half of the storage range');
  }
  return {
    gtin: root.has('gtin') ? root.text('gtin', /^\d{14}$/) : NO_PRODUCT,
    version: root.has('version') ? root.integer('version', 1) : 1,
    storage,
    ranges,
    combine: root.has('combine') ? root.choice('combine', ['independent', 'nested', 'sum']) : 'independent',
    freeze: orNull(root, 'freeze', (freeze) => ({
      comparator: freeze.choice('comparator', ['<', '<=']),
      limitMilliCelsius: temperature(freeze, 'limitMilliCelsius'),
      // 0 would quarantine what never froze: a run of 0 ms is at least 0 ms.
      consecutiveMs: freeze.integer('consecutiveMs', 1),
    })),
    humidity: orNull(root, 'humidity', (humidity) => ({
      maxPermille: humidity.integer('maxPermille', 0, 1000),
      consecutiveMs: humidity.integer('consecutiveMs', 0),
    })),
    evidence: root.has('evidence')
      ? root.choice('evidence', ['logger', 'location-sensor', 'qualified-packaging', 'none'])
      : 'logger',
    gap: orNull(root, 'gap', gapOf) ?? { allowedMs: 0, policy: 'unknown' },
    longestTransitMs: root.has('longestTransitMs') ? root.optionalInteger('longestTransitMs', 1) : null,
    openingMs,
    ...(mkt === null ? {} : { mkt }),
    ...(activationEnergyJoule === null ? {} : { activationEnergyJoule }),
    ...(root.has('guardBandMilliCelsius') ? { guardBandMilliCelsius: guardBand } : {}),
    ...(root.has('ignoreAfterPackingMs')
      ? { ignoreAfterPackingMs: root.integer('ignoreAfterPackingMs', 0, 4 * 3_600_000) }
      : {}),
  };
}

function rangesOf(root: ObjectReader): readonly ExposureRange[] {
  const ranges = root.objects('ranges', MOST_RANGES, (range): ExposureRange => {
    const parsed: ExposureRange = {
      name: range.text('name', NAME),
      comparator: range.choice('comparator', ['>', '>=', '<', '<=']),
      limitMilliCelsius: temperature(range, 'limitMilliCelsius'),
      allowedMs: range.integer('allowedMs', 0),
      ...(range.has('activation')
        ? { activation: range.choice('activation', ['instant', 'consecutive', 'cumulative']) }
        : {}),
      ...(range.has('tripsAtAllowed') ? { tripsAtAllowed: range.flag('tripsAtAllowed') } : {}),
    };
    if (parsed.activation === 'instant' && parsed.allowedMs !== 0) range.fail('allowedMs', 'not 0 for an instant');
    if (parsed.tripsAtAllowed === true && parsed.allowedMs === 0) range.fail('allowedMs', 'not at least 1');
    return parsed;
  });
  if (!root.has('consecutiveRanges')) return ranges;
  const names = ranges.map(({ name }) => name);
  const isName = (item: unknown): item is string => typeof item === 'string' && names.includes(item);
  const consecutive = root.values('consecutiveRanges', MOST_RANGES, isName);
  return ranges.map((range) =>
    consecutive.includes(range.name) ? { ...range, activation: 'consecutive' as const } : range,
  );
}

function gapOf(gap: ObjectReader): ThermalProfile['gap'] {
  const plausible = gap.has('plausible') ? gap.object('plausible', boundsOf) : null;
  if (plausible !== null && plausible.minMilliCelsius >= plausible.maxMilliCelsius) {
    gap.fail('plausible', 'minimum not below maximum');
  }
  return {
    allowedMs: gap.integer('allowedMs', 0),
    policy: gap.has('policy') ? gap.choice('policy', ['unknown', 'last-value', 'worst-plausible']) : 'unknown',
    ...(plausible === null ? {} : { plausible }),
  };
}

function mktOf(root: ObjectReader): MktRule | null {
  return orNull(root, 'mkt', (mkt) => ({
    windowMs: mkt.integer('windowMs', 1),
    limitMilliCelsius: temperature(mkt, 'limitMilliCelsius'),
    ceilingMilliCelsius: mkt.has('ceilingMilliCelsius')
      ? mkt.optionalInteger('ceilingMilliCelsius', PLAUSIBLE_MILLI_CELSIUS.lowest)
      : null,
  }));
}

function activationEnergyOf(root: ObjectReader): number | null {
  if (root.has('activationEnergyJoule')) return root.integer('activationEnergyJoule', 1_000, 1_000_000);
  return root.has('activationEnergy') ? Math.round(root.number('activationEnergy', 1, 1000) * 1000) : null;
}

function boundsOf(reader: ObjectReader): ThermalProfile['storage'] {
  return {
    minMilliCelsius: temperature(reader, 'minMilliCelsius'),
    maxMilliCelsius: temperature(reader, 'maxMilliCelsius'),
  };
}

function orNull<Output>(root: ObjectReader, member: string, read: (reader: ObjectReader) => Output): Output | null {
  return root.has(member) ? root.optional(member, read) : null;
}

function temperature(reader: ObjectReader, member: string): number {
  return reader.integer(member, PLAUSIBLE_MILLI_CELSIUS.lowest, PLAUSIBLE_MILLI_CELSIUS.highest);
}

function isDuration(item: unknown): item is number {
  return typeof item === 'number' && Number.isSafeInteger(item) && item >= 0;
}
