import { decodeCompactJson } from './compact-json.js';
import { scanCompactJson, type ScannedFrame, scanPacked } from './compact-scanner.js';
import { type DecodedFrame, type DecodeOptions, type Frame, FRAME_LIMITS } from './frame.js';
import { CounterWriter, repeating, shortForm } from './kept-frame.js';
import type { DecodedPackedFrame, PackedFrame } from './packed-frame.js';
import { decodeSenmlCbor, decodeSenmlJson } from './senml/senml-frame.js';
import { splitFrame } from './series.js';
import type { Series } from './series-pack.js';

const JSON_ARRAY = 0x5b;
/** No JSON text begins with such a byte, and every CBOR array and tag does. */
const CBOR_FROM = 0x80;
const BYTE_ORDER_MARK = 0xef;

/**
 * Decodes what a gateway published on `readings`, whichever form of interfaces §3 it has: compact JSON, SenML JSON, SenML
 * CBOR, or COSE_Sign1 with SenML inside. The strict byte scanner takes compact JSON as gateways write it; whatever it does
 * not recognise, also every refusal, goes the slower way through JSON.parse, so both ways have one outcome. Bad input
 * is refused with a code, never thrown.
 */
export function decodeReadings(raw: Buffer, options: DecodeOptions): DecodedFrame {
  const scanned = scanCompactJson(raw, options);
  return scanned === null ? decodeUnscanned(raw, options) : { ok: true, frame: scanned.frame };
}

/** Of a message that the scanner does not take. */
function decodeUnscanned(raw: Buffer, options: DecodeOptions): DecodedFrame {
  if (raw.length > FRAME_LIMITS.bytes) return decodeCompactJson(raw, options);
  const first = firstByte(raw);
  if (first === JSON_ARRAY) return decodeSenmlJson(raw, options);
  if (first >= CBOR_FROM && first !== BYTE_ORDER_MARK) return decodeSenmlCbor(raw, options);
  return decodeCompactJson(raw, options);
}

/**
 * {@link decodeReadings} and packing in one. Compact JSON as gateways write it, of one logger in the order of time, is
 * packed while it is read, without an object for each reading (frames-lab §1: decoding is the largest part of accepting).
 */
export function decodePacked(raw: Buffer, options: DecodeOptions): DecodedPackedFrame {
  const packed = scanPacked(raw, options);
  if (packed !== null) return { ok: true, frame: packed };
  const scanned = scanCompactJson(raw, options);
  if (scanned !== null) {
    const frame = packFrame(scanned.frame);
    return { ok: true, frame: { ...frame, kept: shortFormOf(raw, scanned, frame.series) } };
  }
  const decoded = decodeUnscanned(raw, options);
  return decoded.ok ? { ok: true, frame: packFrame(decoded.frame) } : decoded;
}

/** Null where there is none. */
function shortFormOf(
  raw: Buffer,
  { outline, frame: { readings } }: ScannedFrame,
  series: readonly Series[],
): Buffer | null {
  if (outline === null || readings.length === 1) return null;
  const places = new Map(series.map(({ logger }, place) => [logger, place]));
  const latest = new Map<string, number>();
  const counters = new CounterWriter();
  const order: number[] = [];
  for (const { logger, at, counter } of readings) {
    // A series is in the order of time: another order could not be told from it.
    if (at < (latest.get(logger) ?? 0)) return null;
    latest.set(logger, at);
    order.push(places.get(logger) as number);
    counters.add(counter ?? -1);
  }
  return shortForm(raw, { outline, series, order: repeating(order), counters: counters.packed });
}

/** The same frame, packed. */
export function packFrame(frame: Frame): PackedFrame {
  const { readings, ...rest } = frame;
  const [first = null] = readings;
  return {
    ...rest,
    count: readings.length,
    series: splitFrame(frame),
    single: readings.length === 1 ? first : null,
    kept: null,
  };
}

/** The first byte that is no white space of JSON. */
function firstByte(raw: Buffer): number {
  let index = 0;
  let byte = raw[0] ?? 0;
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = raw[++index] ?? 0;
  return byte;
}

/** A frame as a gateway writes it: the members in the order of interfaces §3, no white space, unsigned. */
export function encodeFrame(frame: Pick<Frame, 'boot' | 'seq' | 'readings'> & Partial<Pick<Frame, 'upMs'>>): Buffer {
  const { boot, seq, upMs = null, readings } = frame;
  return Buffer.from(
    JSON.stringify({
      ...(boot === null ? {} : { boot }),
      ...(seq === null ? {} : { seq }),
      ...(upMs === null ? {} : { up: upMs }),
      r: readings.map(({ logger, at, milliCelsius, humidityPermille, counter }) => ({
        d: logger,
        t: at,
        c: milliCelsius / 1000,
        ...(humidityPermille === null ? {} : { h: humidityPermille / 10 }),
        ...(counter === null ? {} : { n: counter }),
      })),
    }),
  );
}
