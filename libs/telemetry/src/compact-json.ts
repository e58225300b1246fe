import { FRAME_LIMITS, isSignatureText } from './frame.js';
import type { DecodedFrame, DecodeOptions, Frame, FrameRefusal } from './frame.js';
import {
  checkSize,
  humidityPermilleOf,
  isCount,
  isName,
  milliCelsiusOf,
  parseJson,
  type RefusalDetails,
  Refused,
  sequenceOf,
  spanOf,
  textOf,
  writtenMembers,
} from './frame-checks.js';
import type { FrameReading } from './reading.js';

const FRAME_MEMBERS = new Set(['boot', 'seq', 'up', 'r', 'sig']);
const READING_MEMBERS = new Set(['d', 't', 'c', 'h', 'n']);
const SINGLE_MEMBERS = new Set(['d', 't', 'c', 'h', 'n', 'boot', 'seq', 'up', 'sig']);

type Members = Readonly<Record<string, unknown>>;

/**
 * Decodes a message of a gateway in compact JSON (interfaces §3 b): a frame `{boot, seq, up?, r:[{d,t,c,h?,n?}], sig?}` or
 * one reading `{d,t,c,h?,n?,boot,seq,up?,sig?}`. Strict: no unknown, missing or repeated member, no other type. A
 * temperature is kept in milli-degrees: up to three decimals exactly, more are rounded to the nearest, half away from
 * zero; humidity likewise in per mille. Nothing is thrown for bad input.
 */
export function decodeCompactJson(raw: Buffer, options: DecodeOptions): DecodedFrame {
  let parsed: unknown;
  try {
    checkSize(raw);
    const text = textOf(raw);
    parsed = parseJson(text);
    return { ok: true, frame: frameOf(members(parsed), text, raw, options) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, code: error.code, details: error.details, ...numberOf(parsed, raw, error.code) };
  }
}

function frameOf(message: Members, text: string, raw: Buffer, options: DecodeOptions): Frame {
  const single = 'd' in message;
  onlyKnown(message, single ? SINGLE_MEMBERS : FRAME_MEMBERS);
  const items = single ? [message] : message['r'];
  if (items === undefined) throw new Refused('member-missing', { member: 'r' });
  if (!Array.isArray(items)) throw new Refused('member-invalid', { member: 'r' });
  if (items.length > FRAME_LIMITS.readings) throw new Refused('too-many-readings', { readings: items.length });
  const readings = items.map((item: unknown, index) => readingOf(item, index, single));
  onceEach(text, message, single ? [] : items);
  const [firstAt, lastAt] = spanOf(readings, options);
  const { boot, seq } = message as Readonly<Record<'boot' | 'seq', unknown>>;
  const sequence = sequenceOf(boot, seq, options);
  return {
    ...sequence,
    upMs: optionalCount(message, 'up'),
    readings,
    firstAt,
    lastAt,
    signature: signatureOf(message, raw),
  };
}

function members(value: unknown, index?: number): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refused('shape-invalid', index === undefined ? {} : { index });
  }
  return value as Members;
}

function onlyKnown(value: Members, known: ReadonlySet<string>, index?: number): void {
  for (const member of Object.keys(value)) {
    // A stranger's text is cut short: it goes into a table and an acknowledgement.
    if (!known.has(member)) throw new Refused('member-unknown', at(member.slice(0, 32), index));
  }
}

function readingOf(item: unknown, index: number, single: boolean): FrameReading {
  const value = members(item, index);
  if (!single) onlyKnown(value, READING_MEMBERS, index);
  const { d: logger, t: time, c: celsius, h: humidity } = value as Readonly<Record<'d' | 't' | 'c' | 'h', unknown>>;
  for (const member of ['d', 't', 'c']) {
    if (value[member] === undefined) throw new Refused('member-missing', at(member, index));
  }
  if (!isName(logger)) throw new Refused('member-invalid', at('d', index));
  if (!isCount(time)) throw new Refused('member-invalid', at('t', index));
  if (typeof celsius !== 'number' || !Number.isFinite(celsius)) throw new Refused('member-invalid', at('c', index));
  const milliCelsius = milliCelsiusOf(celsius, { index });
  const counter = optionalCount(value, 'n', index);
  return { logger, at: time, milliCelsius, humidityPermille: humidityOf(humidity, index), counter };
}

function humidityOf(humidity: unknown, index: number): number | null {
  if (humidity === undefined) return null;
  if (typeof humidity !== 'number' || !Number.isFinite(humidity)) throw new Refused('member-invalid', at('h', index));
  return humidityPermilleOf(humidity, { index });
}

function optionalCount(value: Members, member: string, index?: number): number | null {
  const count = value[member];
  if (count === undefined) return null;
  if (!isCount(count)) throw new Refused('member-invalid', at(member, index));
  return count;
}

function at(member: string, index: number | undefined): RefusalDetails {
  return index === undefined ? { member } : { member, index };
}

/** @throws Refused `member-repeated` */
function onceEach(text: string, message: Members, items: readonly object[]): void {
  const count = items.reduce((sum, item) => sum + Object.keys(item).length, Object.keys(message).length);
  if (writtenMembers(text) !== count) throw new Refused('member-repeated');
}

/** `sig` is the last member, and the exact bytes before `,"sig":` are signed. */
function signatureOf(message: Members, raw: Buffer): Frame['signature'] {
  const { sig } = message as Readonly<Record<'sig', unknown>>;
  if (sig === undefined) return null;
  const signedBytes = raw.lastIndexOf(',"sig":"');
  if (typeof sig !== 'string' || !isSignatureText(sig) || Object.keys(message).at(-1) !== 'sig' || signedBytes < 0) {
    throw new Refused('signature-malformed');
  }
  return { form: 'trailing', text: sig, signedBytes };
}

/**
 * The number of a refused message: from what was parsed, or from the beginning as gateways write it. Not where members
 * are repeated, because then it is not clear which number was meant.
 */
function numberOf(parsed: unknown, raw: Buffer, code: FrameRefusal): { boot: string | null; seq: number | null } {
  if (code === 'member-repeated') return { boot: null, seq: null };
  if (typeof parsed === 'object' && parsed !== null) {
    const { boot, seq } = parsed as Readonly<Record<'boot' | 'seq', unknown>>;
    return isName(boot) && isCount(seq) ? { boot, seq } : { boot: null, seq: null };
  }
  const head = /^\{"boot":"([!#-[\]-~]{1,64})","seq":(\d{1,15})[,}]/.exec(raw.toString('latin1', 0, 128));
  return { boot: head?.[1] ?? null, seq: head?.[2] === undefined ? null : Number(head[2]) };
}
