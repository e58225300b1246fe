import type { DecodedFrame, DecodeOptions, Frame, FrameRefusal } from '../frame.js';
import {
  checkSize,
  humidityPermilleOf,
  isCount,
  isName,
  milliCelsiusOf,
  Refused,
  sequenceOf,
  spanOf,
} from '../frame-checks.js';
import { CborInvalid, type CborValue, readCbor } from '../cbor/cbor-reader.js';
import { type CoseSign1, readCoseSign1 } from '../cbor/cose-sign1.js';
import type { FrameReading } from '../reading.js';
import { recordsOfCbor, recordsOfJson, type SenmlRecord } from './senml-record.js';
import { type ResolvedRecord, resolveSenml } from './senml-resolve.js';

/** RFC 8428 §4.5.3: a time below is relative to the receiver's clock. */
const ABSOLUTE_FROM_S = 2 ** 28;

/** What the last component of a record's name says that the record is. */
const QUANTITIES = ['temperature', 'humidity', 'counter', 'boot', 'sequence', 'uptime'] as const;
type Quantity = (typeof QUANTITIES)[number];

/** A name, taken apart: `urn:dev:ow:10e2073a01080063:humidity` is the humidity of logger `urn:dev:ow:10e2073a01080063`. */
const COMPONENTS = new RegExp(`^(?:(.*?)[-:./_])?(${QUANTITIES.join('|')})$`);

/**
 * Decodes a message of a gateway in SenML (RFC 8428) in JSON: one pack is one frame. A record with the unit `Cel` is a
 * temperature, `%RH` a humidity; records whose names end in `boot`, `sequence`, `uptime` (seconds) and `counter` say
 * what the members of compact JSON say. Other quantities (a battery's) stay in the received bytes only.
 */
export function decodeSenmlJson(raw: Buffer, options: DecodeOptions): DecodedFrame {
  return decode(raw, options, () => ({ records: recordsOfJson(raw), signature: null }));
}

/** The same in CBOR, or as a COSE_Sign1 (RFC 9052) whose payload is a pack in JSON or CBOR. */
export function decodeSenmlCbor(raw: Buffer, options: DecodeOptions): DecodedFrame {
  return decode(raw, options, () => {
    const item = cborOf(raw);
    if (Array.isArray(item)) return { records: recordsOfCbor(item), signature: null };
    const message = messageOf(item);
    if (message === null) throw new Refused('signature-malformed');
    const { payload } = message;
    const records = payload[0] === JSON_ARRAY ? recordsOfJson(payload) : recordsOfCbor(cborOf(payload));
    return { records, signature: { form: 'cose', ...message } };
  });
}

const JSON_ARRAY = 0x5b;

interface Pack {
  readonly records: readonly SenmlRecord[];
  readonly signature: Frame['signature'];
}

/** Numbers as far as they were read, so that a refusal can name the frame. */
interface FrameNumber {
  boot?: string;
  seq?: number;
  upMs?: number;
}

function decode(raw: Buffer, options: DecodeOptions, packOf: () => Pack): DecodedFrame {
  const number: FrameNumber = {};
  try {
    checkSize(raw);
    const pack = packOf();
    return { ok: true, frame: frameOf(pack, number, options) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const known = error.code !== ('member-repeated' satisfies FrameRefusal) && number.seq !== undefined;
    const boot = known ? (number.boot ?? null) : null;
    return {
      ok: false,
      code: error.code,
      details: error.details,
      boot,
      seq: boot === null ? null : (number.seq ?? null),
    };
  }
}

function cborOf(bytes: Buffer): CborValue {
  try {
    return readCbor(bytes);
  } catch (error) {
    throw cborRefusal(error);
  }
}

function messageOf(item: CborValue): CoseSign1 | null {
  try {
    return readCoseSign1(item);
  } catch (error) {
    throw cborRefusal(error);
  }
}

function cborRefusal(error: unknown): unknown {
  if (!(error instanceof CborInvalid)) return error;
  switch (error.problem) {
    case 'text-invalid':
      return new Refused('utf8-invalid', { at: error.at });
    case 'key-repeated':
      return new Refused('member-repeated', { at: error.at });
    default:
      return new Refused('cbor-invalid', { problem: error.problem, at: error.at });
  }
}

function frameOf({ records, signature }: Pack, number: FrameNumber, options: DecodeOptions): Frame {
  const resolved = [...resolveSenml(records)].map((record) => ({ record, ...partsOf(record) }));
  // First, so that whatever else is wrong can be told with the frame's number.
  for (const { record, quantity } of resolved) takeNumber(record, quantity, number);
  const readings = new Readings();
  for (const { record, logger, quantity } of resolved) readings.take(record, logger, quantity);
  const complete = readings.complete();
  const [firstAt, lastAt] = spanOf(complete, options);
  const { boot, seq } = sequenceOf(number.boot, number.seq, options);
  return { boot, seq, upMs: number.upMs ?? null, readings: complete, firstAt, lastAt, signature };
}

interface NameParts {
  readonly logger: string;
  readonly quantity: Quantity | null;
}

function partsOf({ name, unit }: ResolvedRecord): NameParts {
  const [, logger = '', named] = COMPONENTS.exec(name) ?? [];
  if (named !== undefined) return { logger, quantity: named as Quantity };
  if (unit === 'Cel') return { logger: name, quantity: 'temperature' };
  return { logger: name, quantity: unit === '%RH' ? 'humidity' : null };
}

function takeNumber(record: ResolvedRecord, quantity: Quantity | null, number: FrameNumber): void {
  const { index } = record;
  switch (quantity) {
    case 'boot':
      if (number.boot !== undefined) throw new Refused('member-repeated', { member: 'boot', index });
      if (!isName(record.text)) throw new Refused('member-invalid', { member: 'boot', index });
      number.boot = record.text;
      break;
    case 'sequence':
      if (number.seq !== undefined) throw new Refused('member-repeated', { member: 'sequence', index });
      if (!isCount(record.value)) throw new Refused('member-invalid', { member: 'sequence', index });
      number.seq = record.value;
      break;
    case 'uptime':
      if (number.upMs !== undefined) throw new Refused('member-repeated', { member: 'uptime', index });
      number.upMs = milliseconds(record.value, 'uptime', index);
      break;
    case 'temperature':
    case 'humidity':
    case 'counter':
    case null:
  }
}

function milliseconds(seconds: number | null, member: string, index: number): number {
  const ms = seconds === null ? NaN : Math.round(seconds * 1000);
  if (!isCount(ms)) throw new Refused('member-invalid', { member, index });
  return ms;
}

interface Draft {
  readonly logger: string;
  readonly at: number;
  readonly index: number;
  milliCelsius: number | null;
  humidityPermille: number | null;
  counter: number | null;
}

type Measured = 'milliCelsius' | 'humidityPermille' | 'counter';

/** Puts records of one logger and one time together; a quantity that comes again begins the next reading. */
class Readings {
  private readonly drafts: Draft[] = [];
  private readonly latest = new Map<string, Draft>();

  take(record: ResolvedRecord, logger: string, quantity: Quantity | null): void {
    const { index, value } = record;
    switch (quantity) {
      case 'temperature':
        if (record.unit !== 'Cel') throw new Refused('unit-invalid', { unit: record.unit ?? '', index });
        this.put(record, logger, 'milliCelsius', milliCelsiusOf(measured(value, index), { index }));
        break;
      case 'humidity':
        if (record.unit !== '%RH') throw new Refused('unit-invalid', { unit: record.unit ?? '', index });
        this.put(record, logger, 'humidityPermille', humidityPermilleOf(measured(value, index), { index }));
        break;
      case 'counter':
        if (!isCount(value)) throw new Refused('member-invalid', { member: 'counter', index });
        this.put(record, logger, 'counter', value);
        break;
      case 'boot':
      case 'sequence':
      case 'uptime':
      case null:
    }
  }

  complete(): FrameReading[] {
    return this.drafts.map(({ logger, at, index, milliCelsius, humidityPermille, counter }) => {
      if (milliCelsius === null) throw new Refused('member-missing', { member: 'temperature', index });
      return { logger, at, milliCelsius, humidityPermille, counter };
    });
  }

  private put({ time, index }: ResolvedRecord, logger: string, measuredAs: Measured, value: number): void {
    if (!isName(logger)) throw new Refused('member-invalid', { member: 'n', index });
    // A frame that is sent again must say the same times: what is relative to the receiver's clock cannot.
    if (Number.isFinite(time) && time < ABSOLUTE_FROM_S) throw new Refused('time-relative', { index });
    const at = milliseconds(time, 't', index);
    const key = `${at} ${logger}`;
    let draft = this.latest.get(key);
    if (draft === undefined || draft[measuredAs] !== null) {
      draft = { logger, at, index, milliCelsius: null, humidityPermille: null, counter: null };
      this.latest.set(key, draft);
      this.drafts.push(draft);
    }
    draft[measuredAs] = value;
  }
}

function measured(value: number | null, index: number): number {
  if (value === null || !Number.isFinite(value)) throw new Refused('member-invalid', { member: 'v', index });
  return value;
}
