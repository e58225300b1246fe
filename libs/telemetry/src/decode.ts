import { decodeCompactJson } from './compact-json.js';
import { scanCompactJson } from './compact-scanner.js';
import type { DecodedFrame, DecodeOptions, Frame } from './frame.js';

/**
 * Decodes what a gateway published on `readings`. The strict byte scanner takes the form that gateways write; whatever it
 * does not recognise, also every refusal, goes the slower way through JSON.parse, so both ways have one outcome.
 */
export function decodeReadings(raw: Buffer, options: DecodeOptions): DecodedFrame {
  const frame = scanCompactJson(raw, options);
  return frame === null ? decodeCompactJson(raw, options) : { ok: true, frame };
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
