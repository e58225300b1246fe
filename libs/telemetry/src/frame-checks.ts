import { FRAME_LIMITS } from './frame.js';
import type { DecodeOptions, FrameRefusal, RefusedFrame } from './frame.js';
import { type FrameReading, PLAUSIBLE_MILLI_CELSIUS } from './reading.js';

/** Names of loggers and boots: printable ASCII without space, quotation mark and backslash, at most 64 characters. */
const NAME = /^[!#-[\]-~]{1,64}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export type RefusalDetails = RefusedFrame['details'];

/** One problem of one message. It never leaves a decoder, which turns it into a refusal. */
export class Refused extends Error {
  constructor(
    readonly code: FrameRefusal,
    readonly details: RefusalDetails = {},
  ) {
    super(code);
  }
}

/** @throws Refused `frame-too-large` */
export function checkSize(raw: Buffer): void {
  if (raw.length > FRAME_LIMITS.bytes) throw new Refused('frame-too-large', { bytes: raw.length });
}

/** @throws Refused `utf8-invalid` */
export function textOf(raw: Uint8Array): string {
  try {
    return utf8.decode(raw);
  } catch {
    throw new Refused('utf8-invalid');
  }
}

/** @throws Refused `json-invalid` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused('json-invalid');
  }
}

/**
 * Members that a JSON text writes: each has one colon outside of strings. JSON.parse keeps the last of repeated members
 * silently, so a message whose objects have fewer members than its text writes repeats one.
 */
export function writtenMembers(text: string): number {
  let colons = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index++;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x3a) colons++;
  }
  return colons;
}

/** Whether a text can name a logger or a boot. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Nearest integer of value × factor, half away from zero, never −0. */
export function scaled(value: number, factor: number): number {
  const magnitude = Math.round(Math.abs(value) * factor);
  return value < 0 && magnitude !== 0 ? -magnitude : magnitude;
}

/**
 * Milli-degrees of a finite number of degrees Celsius.
 * @throws Refused `temperature-implausible`
 */
export function milliCelsiusOf(celsius: number, details: RefusalDetails): number {
  const milliCelsius = scaled(celsius, 1000);
  if (milliCelsius < PLAUSIBLE_MILLI_CELSIUS.lowest || milliCelsius > PLAUSIBLE_MILLI_CELSIUS.highest) {
    throw new Refused('temperature-implausible', { ...details, celsius });
  }
  return milliCelsius;
}

/**
 * Per mille of a finite percentage of relative humidity.
 * @throws Refused `humidity-implausible`
 */
export function humidityPermilleOf(humidity: number, details: RefusalDetails): number {
  if (humidity < 0 || humidity > 100) throw new Refused('humidity-implausible', { ...details, humidity });
  return scaled(humidity, 10);
}

/**
 * The number of a frame as far as it was sent, or nulls where messages without numbers are taken.
 * @throws Refused `sequence-missing`, `member-invalid`
 */
export function sequenceOf(
  boot: unknown,
  seq: unknown,
  options: DecodeOptions,
): { readonly boot: string | null; readonly seq: number | null } {
  if (boot === undefined && seq === undefined) {
    if (options.unsequenced === 'accept') return { boot: null, seq: null };
    throw new Refused('sequence-missing');
  }
  if (boot === undefined || seq === undefined) throw new Refused('sequence-missing');
  if (!isName(boot)) throw new Refused('member-invalid', { member: 'boot' });
  if (!isCount(seq)) throw new Refused('member-invalid', { member: 'seq' });
  return { boot, seq };
}

/**
 * First and last time of the readings.
 * @throws Refused `frame-empty`, `too-many-readings`, `time-in-future`, `time-too-old`, `span-too-long`
 */
export function spanOf(readings: readonly FrameReading[], { now, oldest }: DecodeOptions): [number, number] {
  if (readings.length === 0) throw new Refused('frame-empty');
  if (readings.length > FRAME_LIMITS.readings) throw new Refused('too-many-readings', { readings: readings.length });
  let firstAt = Infinity;
  let lastAt = -Infinity;
  for (const reading of readings) {
    firstAt = Math.min(firstAt, reading.at);
    lastAt = Math.max(lastAt, reading.at);
  }
  if (lastAt > now + FRAME_LIMITS.futureMs) throw new Refused('time-in-future', { at: lastAt, now });
  if (firstAt < oldest) throw new Refused('time-too-old', { at: firstAt, oldest });
  if (lastAt - firstAt > FRAME_LIMITS.spanMs) throw new Refused('span-too-long', { spanMs: lastAt - firstAt });
  return [firstAt, lastAt];
}
