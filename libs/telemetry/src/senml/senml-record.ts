import { CborTag, type CborValue } from '../cbor/cbor-reader.js';
import { parseJson, Refused, textOf, writtenMembers } from '../frame-checks.js';

/** A SenML record with the labels of its JSON form, not resolved yet (RFC 8428 §4). */
export type SenmlRecord = ReadonlyMap<string, unknown>;

/** Labels of the CBOR form (RFC 8428 table 6). */
export const CBOR_LABELS: ReadonlyMap<number, string> = new Map([
  [-1, 'bver'],
  [-2, 'bn'],
  [-3, 'bt'],
  [-4, 'bu'],
  [-5, 'bv'],
  [-6, 'bs'],
  [0, 'n'],
  [1, 'u'],
  [2, 'v'],
  [3, 'vs'],
  [4, 'vb'],
  [5, 's'],
  [6, 't'],
  [7, 'ut'],
  [8, 'vd'],
]);
const DECIMAL_FRACTION = 4;

/** Three records a reading, and some for the frame itself. */
const MOST_RECORDS = 4_000;

/**
 * The records of a pack in JSON.
 * @throws Refused
 */
export function recordsOfJson(raw: Buffer): readonly SenmlRecord[] {
  const text = textOf(raw);
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) throw new Refused('shape-invalid');
  checkCount(parsed.length);
  const records = parsed.map((item: unknown, index) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw new Refused('shape-invalid', { index });
    for (const [label, value] of Object.entries(item)) {
      if (typeof value === 'object') throw new Refused('member-invalid', { member: label.slice(0, 32), index });
    }
    return new Map<string, unknown>(Object.entries(item));
  });
  if (writtenMembers(text) !== records.reduce((sum, { size }) => sum + size, 0)) throw new Refused('member-repeated');
  return records;
}

/**
 * The records of a pack in CBOR.
 * @throws Refused
 */
export function recordsOfCbor(pack: CborValue): readonly SenmlRecord[] {
  if (!Array.isArray(pack)) throw new Refused('shape-invalid');
  const items = pack as readonly CborValue[];
  checkCount(items.length);
  return items.map((item, index) => {
    if (!(item instanceof Map)) throw new Refused('shape-invalid', { index });
    const record = new Map<string, unknown>();
    for (const [key, value] of item as ReadonlyMap<CborValue, CborValue>) {
      const label = typeof key === 'number' ? (CBOR_LABELS.get(key) ?? `label ${key}`) : key;
      if (typeof label !== 'string') throw new Refused('shape-invalid', { index });
      if (record.has(label)) throw new Refused('member-repeated', { member: label.slice(0, 32), index });
      record.set(label, scalarOf(value));
    }
    return record;
  });
}

function checkCount(count: number): void {
  if (count === 0) throw new Refused('frame-empty');
  if (count > MOST_RECORDS) throw new Refused('too-many-readings', { records: count });
}

/** A decimal fraction is the number it stands for (RFC 8428 §6); anything else that is no scalar is left for the check of its label. */
function scalarOf(value: CborValue): unknown {
  if (!(value instanceof CborTag) || value.tag !== DECIMAL_FRACTION || !Array.isArray(value.content)) return value;
  const [exponent, mantissa, ...more] = value.content as readonly CborValue[];
  if (typeof exponent !== 'number' || typeof mantissa !== 'number' || more.length > 0) return value;
  if (!Number.isSafeInteger(exponent) || Math.abs(exponent) > 400) return value;
  // By the decimal text: mantissa × 10^exponent in doubles would be off in the last place.
  return Number(`${mantissa}e${exponent}`);
}
