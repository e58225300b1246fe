import type { ThermalProfile, TraceProfile } from '@coldchain/telemetry';
import { CliError } from '../cli-error.js';

type Members = Readonly<Record<string, unknown>>;

const COMPARATORS = ['>', '>=', '<', '<='] as const;
const COLD_COMPARATORS = ['<', '<='] as const;
const COMBINATIONS = ['independent', 'nested', 'sum'] as const;
const POLICIES = ['unknown', 'last-value', 'worst-plausible'] as const;
const EVIDENCE = ['logger', 'location-sensor', 'qualified-packaging', 'none'] as const;
const PROFILE_MEMBERS = [
  ...['gtin', 'version', 'storage', 'ranges', 'combine', 'freeze', 'humidity', 'evidence', 'gap', 'longestTransitMs'],
  ...['openingMs', 'name', 'consecutiveRanges', 'mkt', 'activationEnergy'],
];

/**
 * A profile from a JSON file: a product profile as the ledger keeps it, where `gtin`, `version`, `freeze`, `humidity`,
 * `evidence`, `gap`, `longestTransitMs` and `openingMs` may be left out, and for a trace also `name`, `consecutiveRanges`,
 * `mkt {windowMs, limitMilliCelsius}` and `activationEnergy` (kJ/mol).
 * @throws CliError `profile-invalid` with the JSON pointer of what is wrong
 */
export function parseTraceProfile(json: unknown, file: string): TraceProfile {
  const profile = object(json, '');
  for (const member of Object.keys(profile)) {
    if (!PROFILE_MEMBERS.includes(member)) throw invalid(`/${member}`, 'is not known');
  }
  const storage = object(profile['storage'], '/storage');
  const ranges = list(profile['ranges'], '/ranges').map((entry, index) =>
    range(object(entry, `/ranges/${index}`), `/ranges/${index}`),
  );
  const opening = profile['openingMs'];
  const thermal: ThermalProfile = {
    gtin: profile['gtin'] === undefined ? '00000000000000' : text(profile['gtin'], '/gtin'),
    version: profile['version'] === undefined ? 1 : integer(profile['version'], '/version', 1),
    storage: {
      minMilliCelsius: integer(storage['minMilliCelsius'], '/storage/minMilliCelsius'),
      maxMilliCelsius: integer(storage['maxMilliCelsius'], '/storage/maxMilliCelsius'),
    },
    ranges,
    combine: oneOf(COMBINATIONS, profile['combine'] ?? 'independent', '/combine'),
    freeze: nullable(profile['freeze'], '/freeze', (freeze, at) => ({
      comparator: oneOf(COLD_COMPARATORS, freeze['comparator'], `${at}/comparator`),
      limitMilliCelsius: integer(freeze['limitMilliCelsius'], `${at}/limitMilliCelsius`),
      consecutiveMs: integer(freeze['consecutiveMs'], `${at}/consecutiveMs`, 0),
    })),
    humidity: nullable(profile['humidity'], '/humidity', (humidity, at) => ({
      maxPermille: integer(humidity['maxPermille'], `${at}/maxPermille`, 0),
      consecutiveMs: integer(humidity['consecutiveMs'], `${at}/consecutiveMs`, 0),
    })),
    evidence: oneOf(EVIDENCE, profile['evidence'] ?? 'logger', '/evidence'),
    gap: nullable(profile['gap'], '/gap', (gap, at) => ({
      allowedMs: integer(gap['allowedMs'], `${at}/allowedMs`, 0),
      policy: oneOf(POLICIES, gap['policy'] ?? 'unknown', `${at}/policy`),
    })) ?? { allowedMs: 0, policy: 'unknown' },
    longestTransitMs:
      profile['longestTransitMs'] == null ? null : integer(profile['longestTransitMs'], '/longestTransitMs', 0),
    openingMs:
      opening === undefined
        ? ranges.map(() => 0)
        : list(opening, '/openingMs').map((ms, index) => integer(ms, `/openingMs/${index}`, 0)),
  };
  if (thermal.openingMs.length !== ranges.length) throw invalid('/openingMs', 'must have one entry per range');
  return {
    name: profile['name'] === undefined ? file : text(profile['name'], '/name'),
    thermal,
    consecutiveRanges: consecutive(profile['consecutiveRanges'], ranges),
    mkt: nullable(profile['mkt'], '/mkt', (mkt, at) => ({
      windowMs: integer(mkt['windowMs'], `${at}/windowMs`, 1),
      limitMilliCelsius: integer(mkt['limitMilliCelsius'], `${at}/limitMilliCelsius`),
    })),
    activationEnergy:
      profile['activationEnergy'] == null ? null : positive(profile['activationEnergy'], '/activationEnergy'),
  };
}

function range(entry: Members, at: string): ThermalProfile['ranges'][number] {
  return {
    name: text(entry['name'], `${at}/name`),
    comparator: oneOf(COMPARATORS, entry['comparator'], `${at}/comparator`),
    limitMilliCelsius: integer(entry['limitMilliCelsius'], `${at}/limitMilliCelsius`),
    allowedMs: integer(entry['allowedMs'], `${at}/allowedMs`, 0),
  };
}

function consecutive(value: unknown, ranges: ThermalProfile['ranges']): string[] {
  if (value === undefined) return [];
  return list(value, '/consecutiveRanges').map((name, index) => {
    const found = ranges.find((known) => known.name === name);
    if (found === undefined) throw invalid(`/consecutiveRanges/${index}`, 'must name one of the ranges');
    return found.name;
  });
}

function nullable<Value>(value: unknown, at: string, read: (members: Members, at: string) => Value): Value | null {
  return value === undefined || value === null ? null : read(object(value, at), at);
}

function object(value: unknown, at: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(at, 'must be an object');
  return value as Members;
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(at, 'must be a list');
  return value;
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(at, 'must be text');
  return value;
}

function integer(value: unknown, at: string, smallest = -1_000_000): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < smallest) {
    throw invalid(at, `must be a whole number of at least ${smallest}`);
  }
  return value;
}

function positive(value: unknown, at: string): number {
  if (typeof value !== 'number' || !(value > 0)) throw invalid(at, 'must be a positive number');
  return value;
}

function oneOf<Value extends string>(allowed: readonly Value[], value: unknown, at: string): Value {
  const found = allowed.find((entry) => entry === value);
  if (found === undefined) throw invalid(at, `must be one of ${allowed.join(', ')}`);
  return found;
}

function invalid(pointer: string, text_: string): CliError {
  return new CliError(
    'profile-invalid',
    `${pointer === '' ? 'the profile' : pointer} ${text_}`,
    'correct the profile file',
  );
}
