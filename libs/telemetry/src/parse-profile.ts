import { DomainError } from '@coldchain/kernel';
import { ObjectReader } from './object-reader.js';
import { PLAUSIBLE_MILLI_CELSIUS } from './reading.js';
import type { ThermalProfile } from './thermal-profile.js';
import type { TraceProfile } from './trace-profile.js';

/** As many ranges as a ledger profile may have. */
const MOST_RANGES = 8;
const NAME = /^[^\p{Cc}]{1,64}$/u;

/** A profile file that is not one; `details.member` is the path of the member. */
export class ProfileInvalid extends DomainError<'profile-invalid'> {
  readonly code = 'profile-invalid';
}

/**
 * Parses a profile of a file: a product profile as the ledger has it, optionally with `name`, `consecutiveRanges`,
 * `mkt: {windowMs, limitMilliCelsius}` and `activationEnergy` (kJ/mol). Strict: no unknown or missing member.
 * @throws ProfileInvalid
 */
export function parseProfile(value: unknown): TraceProfile {
  const root = new ObjectReader(value, '', (member, problem) => {
    throw new ProfileInvalid(`${member === '' ? 'profile' : member}: ${problem}`, { member });
  });
  const thermal = thermalOf(root);
  const names = thermal.ranges.map(({ name }) => name);
  const isName = (item: unknown): item is string => typeof item === 'string' && names.includes(item);
  const profile: TraceProfile = {
    name: root.has('name') ? root.text('name', NAME) : `${thermal.gtin}/${thermal.version}`,
    thermal,
    consecutiveRanges: root.has('consecutiveRanges') ? root.values('consecutiveRanges', MOST_RANGES, isName) : [],
    mkt: root.has('mkt')
      ? root.optional('mkt', (mkt) => ({
          windowMs: mkt.integer('windowMs', 1),
          limitMilliCelsius: temperature(mkt, 'limitMilliCelsius'),
        }))
      : null,
    activationEnergy: root.has('activationEnergy') ? root.number('activationEnergy', 1, 1000) : null,
  };
  root.end();
  return profile;
}

function thermalOf(root: ObjectReader): ThermalProfile {
  const ranges = root.objects('ranges', MOST_RANGES, (range) => ({
    name: range.text('name', NAME),
    comparator: range.choice('comparator', ['>', '>=', '<', '<=']),
    limitMilliCelsius: temperature(range, 'limitMilliCelsius'),
    allowedMs: range.integer('allowedMs', 0),
  }));
  const openingMs = root.values('openingMs', MOST_RANGES, isDuration);
  if (openingMs.length !== ranges.length) root.fail('openingMs', 'not one entry per range');
  const storage = root.object('storage', (reader) => ({
    minMilliCelsius: temperature(reader, 'minMilliCelsius'),
    maxMilliCelsius: temperature(reader, 'maxMilliCelsius'),
  }));
  if (storage.minMilliCelsius > storage.maxMilliCelsius) root.fail('storage', 'minimum above maximum');
  return {
    gtin: root.text('gtin', /^\d{14}$/),
    version: root.integer('version', 1),
    storage,
    ranges,
    combine: root.choice('combine', ['independent', 'nested', 'sum']),
    freeze: root.optional('freeze', (freeze) => ({
      comparator: freeze.choice('comparator', ['<', '<=']),
      limitMilliCelsius: temperature(freeze, 'limitMilliCelsius'),
      consecutiveMs: freeze.integer('consecutiveMs', 0),
    })),
    humidity: root.optional('humidity', (humidity) => ({
      maxPermille: humidity.integer('maxPermille', 0, 1000),
      consecutiveMs: humidity.integer('consecutiveMs', 0),
    })),
    evidence: root.choice('evidence', ['logger', 'location-sensor', 'qualified-packaging', 'none']),
    gap: root.object('gap', (gap) => ({
      allowedMs: gap.integer('allowedMs', 0),
      policy: gap.choice('policy', ['unknown', 'last-value', 'worst-plausible']),
    })),
    longestTransitMs: root.optionalInteger('longestTransitMs', 0),
    openingMs,
  };
}

function temperature(reader: ObjectReader, member: string): number {
  return reader.integer(member, PLAUSIBLE_MILLI_CELSIUS.lowest, PLAUSIBLE_MILLI_CELSIUS.highest);
}

function isDuration(item: unknown): item is number {
  return typeof item === 'number' && Number.isSafeInteger(item) && item >= 0;
}
