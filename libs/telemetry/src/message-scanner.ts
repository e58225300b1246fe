import { TextCache } from '@coldchain/kernel';
import { FRAME_LIMITS, isSignatureText } from './frame.js';
import type { Frame } from './frame.js';
import type { PlainOutline } from './kept-frame.js';
import { PLAUSIBLE_MILLI_CELSIUS } from './reading.js';
import type { FrameReading } from './reading.js';

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE = 0x7d;
const END_OF_LIST = 0x5d;
const [C, D, H, N, T] = [0x63, 0x64, 0x68, 0x6e, 0x74];
/** Anything that the scanner does not read itself; a member that is not there. */
export const NOT_READ = -1;

/** Boots and loggers. */
const NAMES = new TextCache();

/** Times are read in two parts, so that both are small integers: V8 makes an object of every larger one. */
export const LOW_MS = 1_000_000;
const TIME_DIGITS = 13;
const HIGH_DIGITS = 7;

const NOTHING = Buffer.alloc(0);

/** Reads a message from its first byte to its last: `begin`, `next` and `more` by turns, `end`. Then the next one. */
export class MessageScanner {
  /** Where it is in the bytes. */
  private place = 0;
  /** The one reading is the message itself, with boot and number behind it. */
  private alone = false;
  private nameStart = 0;
  private nameEnd = 0;
  private headEnd = 0;
  private tailStart = 0;
  /** Whether all numbers so far are written in the only way in which `JSON.stringify` writes them. */
  private isPlain = true;

  boot = '';
  seq = NOT_READ;
  upMs = NOT_READ;
  /** The reading that `next` read; humidity and counter `NOT_READ` where there is none. Its time in ms is high × 10⁶ + low. */
  logger = '';
  high = 0;
  low = 0;
  milliCelsius = 0;
  humidityPermille = NOT_READ;
  counter = NOT_READ;

  private raw: Buffer = NOTHING;

  /** Up to the first reading of a message. */
  begin(raw: Buffer): boolean {
    this.raw = raw;
    this.place = 0;
    this.nameStart = 0;
    this.nameEnd = 0;
    this.upMs = NOT_READ;
    this.isPlain = true;
    if (this.raw.length > FRAME_LIMITS.bytes) return false;
    this.alone = this.raw[2] === D;
    const has = this.alone || (this.take('{"boot":"') && this.numbered() && this.take(',"r":['));
    this.headEnd = this.place;
    return has;
  }

  /** Of a message that was read to its end; null for one whose readings cannot be written again from their values alone. */
  get outline(): PlainOutline | null {
    const { headEnd, tailStart } = this;
    return this.isPlain && !this.alone ? { headEnd, tailStart } : null;
  }

  /** One reading. */
  next(): boolean {
    if (!this.name() || !this.member(T) || !this.time() || !this.member(C)) return false;
    const milliCelsius = this.decimal(3);
    const { lowest, highest } = PLAUSIBLE_MILLI_CELSIUS;
    if (milliCelsius === null || milliCelsius < lowest || milliCelsius > highest) return false;
    this.milliCelsius = milliCelsius;
    this.humidityPermille = NOT_READ;
    if (this.member(H)) {
      const humidity = this.decimal(1);
      if (humidity === null || humidity < 0 || humidity > 1000) return false;
      this.humidityPermille = humidity;
    }
    this.counter = NOT_READ;
    if (this.member(N) && (this.counter = this.count()) === NOT_READ) return false;
    return this.alone || this.takeByte(CLOSE);
  }

  /** Whether another reading follows. */
  more(): boolean {
    return !this.alone && this.takeByte(COMMA);
  }

  /** The rest; its signature, null where there is none, undefined where the rest has another form. */
  end(): Frame['signature'] | undefined {
    this.tailStart = this.place;
    if (!(this.alone ? this.take(',"boot":"') && this.numbered() : this.takeByte(END_OF_LIST))) return undefined;
    const signature = this.signature();
    return this.takeByte(CLOSE) && this.place === this.raw.length ? signature : undefined;
  }

  /** A new object for the reading that `next` read. */
  reading(): FrameReading {
    const { logger, high, low, milliCelsius, humidityPermille, counter } = this;
    return {
      logger,
      at: high * LOW_MS + low,
      milliCelsius,
      humidityPermille: humidityPermille === NOT_READ ? null : humidityPermille,
      counter: counter === NOT_READ ? null : counter,
    };
  }

  /** The rest of a boot, its number and the time since it began. */
  private numbered(): boolean {
    const end = this.endOfText(this.place);
    if (end === NOT_READ) return false;
    this.boot = NAMES.of(this.raw, this.place, end);
    this.place = end + 1;
    if (!this.take(',"seq":')) return false;
    this.seq = this.count();
    if (this.seq === NOT_READ) return false;
    if (!this.take(',"up":')) return true;
    this.upMs = this.count();
    return this.upMs !== NOT_READ;
  }

  /** Null where the frame is unsigned, undefined where its signature has another form. */
  private signature(): Frame['signature'] | undefined {
    const signedBytes = this.place;
    if (!this.take(',"sig":"')) return null;
    const end = this.raw.indexOf(QUOTE, this.place);
    const text = end < 0 ? '' : this.raw.toString('latin1', this.place, end);
    this.place = end + 1;
    return isSignatureText(text) ? { form: 'trailing', text, signedBytes } : undefined;
  }

  /** Moves past `,"x":`, or stays: a loop over five bytes costs more than the bytes. */
  private member(letter: number): boolean {
    const { raw, place } = this;
    const there =
      raw[place] === COMMA &&
      raw[place + 2] === letter &&
      raw[place + 1] === QUOTE &&
      raw[place + 3] === QUOTE &&
      raw[place + 4] === COLON;
    if (there) this.place = place + 5;
    return there;
  }

  private takeByte(byte: number): boolean {
    const there = this.raw[this.place] === byte;
    if (there) this.place++;
    return there;
  }

  /** Moves past an expected text, or stays. */
  private take(expected: string): boolean {
    const { raw, place } = this;
    for (let index = 0; index < expected.length; index++) {
      if (raw[place + index] !== expected.charCodeAt(index)) return false;
    }
    this.place = place + expected.length;
    return true;
  }

  /** The beginning of a reading up to the end of its logger; most are the same as the one before, which is compared first. */
  private name(): boolean {
    const { raw, place, nameStart, nameEnd } = this;
    const length = nameEnd - nameStart;
    if (length > 0 && same(raw, nameStart, place, length)) {
      this.place = place + length;
      return true;
    }
    if (!this.take('{"d":"')) return false;
    const end = this.endOfText(this.place);
    if (end === NOT_READ) return false;
    this.logger = NAMES.of(raw, this.place, end);
    this.nameStart = place;
    this.nameEnd = end + 1;
    this.place = end + 1;
    return true;
  }

  /** Where the quotation mark behind a name is. */
  private endOfText(start: number): number {
    const { raw } = this;
    let end = start;
    for (;;) {
      const byte = raw[end];
      if (byte === QUOTE) break;
      if (byte === undefined || byte <= 0x20 || byte >= 0x7f || byte === 0x5c || end - start === 64) return NOT_READ;
      end++;
    }
    return end === start ? NOT_READ : end;
  }

  /** A time of 13 digits, from 2001 to 2286; others are refused or read the general way. */
  private time(): boolean {
    const { raw, place } = this;
    let [high, low] = [0, 0];
    for (let at = place; at < place + TIME_DIGITS; at++) {
      const digit = (raw[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) return false;
      if (at < place + HIGH_DIGITS) high = high * 10 + digit;
      else low = low * 10 + digit;
    }
    this.high = high;
    this.low = low;
    this.place = place + TIME_DIGITS;
    return high >= 10 ** (HIGH_DIGITS - 1);
  }

  /** A whole number without sign, at most 15 digits (all of them safe integers). */
  private count(): number {
    const { raw } = this;
    const start = this.place;
    let place = start;
    let value = 0;
    let digit = (raw[place] ?? 0) - ZERO;
    // Nine digits are a small integer; only what is behind them needs a number of 64 bits.
    while (digit >= 0 && digit <= 9 && place - start < 9) {
      value = value * 10 + digit;
      digit = (raw[++place] ?? 0) - ZERO;
    }
    if (digit >= 0 && digit <= 9) {
      let [rest, scale] = [0, 1];
      while (digit >= 0 && digit <= 9 && place - start < 16) {
        rest = rest * 10 + digit;
        scale *= 10;
        digit = (raw[++place] ?? 0) - ZERO;
      }
      value = value * scale + rest;
    }
    this.place = place;
    const digits = place - start;
    return digits === 0 || digits > 15 || (digits > 1 && raw[start] === ZERO) ? NOT_READ : value;
  }

  /** A decimal with at most `places` places, times 10^places, as an exact integer; null for any other form. */
  private decimal(places: number): number | null {
    const { raw } = this;
    const negative = raw[this.place] === MINUS;
    if (negative) this.place++;
    let value = this.count();
    if (value === NOT_READ || value > 1_000_000) return null;
    let left = places;
    if (raw[this.place] === POINT) {
      let place = this.place + 1;
      const start = place;
      let digit = (raw[place] ?? 0) - ZERO;
      while (digit >= 0 && digit <= 9) {
        if (left-- === 0) return null;
        value = value * 10 + digit;
        digit = (raw[++place] ?? 0) - ZERO;
      }
      if (place === start) return null;
      if (raw[place - 1] === ZERO) this.isPlain = false;
      this.place = place;
    }
    for (; left > 0; left--) value *= 10;
    if (!negative) return value;
    if (value !== 0) return -value;
    this.isPlain = false;
    return 0;
  }
}

/** Whether two stretches of the bytes are equal; names are short, so that a call out of JavaScript would cost more. */
function same(raw: Buffer, one: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (raw[one + index] !== raw[other + index]) return false;
  return true;
}
