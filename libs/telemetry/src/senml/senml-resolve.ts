import { Refused } from '../frame-checks.js';
import type { SenmlRecord } from './senml-record.js';

/** A record with its base values put in (RFC 8428 §4.6). */
export interface ResolvedRecord {
  /** Place in the pack. */
  readonly index: number;
  readonly name: string;
  readonly unit: string | null;
  /** Seconds since 1970, or relative to the receiver's clock when below 2^28. */
  readonly time: number;
  readonly value: number | null;
  readonly text: string | null;
}

/** RFC 8428 §4.4: the version that it defines. */
const VERSION = 10;
/** RFC 8428 §4.5.1: what a name consists of. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/;
const LONGEST_NAME = 128;

/**
 * Resolves a pack, record by record; base values hold from the record that gives them on.
 * @throws Refused
 */
export function* resolveSenml(records: readonly SenmlRecord[]): Generator<ResolvedRecord> {
  let baseName = '';
  let baseTime = 0;
  let baseUnit: string | null = null;
  let baseValue = 0;
  for (const [index, record] of records.entries()) {
    checkVersion(record, index);
    baseName = textOf(record, 'bn', index) ?? baseName;
    baseTime = numberOf(record, 'bt', index) ?? baseTime;
    baseUnit = textOf(record, 'bu', index) ?? baseUnit;
    baseValue = numberOf(record, 'bv', index) ?? baseValue;
    // A record of base values only gives no measurement.
    if (![...record.keys()].some((label) => !label.startsWith('b'))) continue;
    const name = baseName + (textOf(record, 'n', index) ?? '');
    if (name.length > LONGEST_NAME || !NAME.test(name)) throw new Refused('member-invalid', { member: 'n', index });
    yield {
      index,
      name,
      unit: textOf(record, 'u', index) ?? baseUnit,
      time: baseTime + (numberOf(record, 't', index) ?? 0),
      value: valueOf(record, baseValue, index),
      text: textOf(record, 'vs', index),
    };
  }
}

const OTHER_VALUES = ['vs', 'vb', 'vd', 's'];

/** A base value is added, and stands alone for a record that has no value at all (RFC 8428 §4.6). */
function valueOf(record: SenmlRecord, baseValue: number, index: number): number | null {
  const value = numberOf(record, 'v', index);
  if (value !== null) return baseValue + value;
  return baseValue === 0 || OTHER_VALUES.some((label) => record.has(label)) ? null : baseValue;
}

/** @throws Refused for a version that is newer, and for a label that must be understood (RFC 8428 §4.4) */
function checkVersion(record: SenmlRecord, index: number): void {
  const version = numberOf(record, 'bver', index);
  if (version !== null && version > VERSION) throw new Refused('member-invalid', { member: 'bver', index });
  for (const label of record.keys()) {
    if (label.endsWith('_')) throw new Refused('member-unknown', { member: label.slice(0, 32), index });
  }
}

function textOf(record: SenmlRecord, label: string, index: number): string | null {
  const value = record.get(label);
  if (value === undefined) return null;
  if (typeof value !== 'string') throw new Refused('member-invalid', { member: label, index });
  return value;
}

function numberOf(record: SenmlRecord, label: string, index: number): number | null {
  const value = record.get(label);
  if (value === undefined) return null;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Refused('member-invalid', { member: label, index });
  return value;
}
