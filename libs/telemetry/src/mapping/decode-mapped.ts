import type { DecodedFrame, DecodeOptions, Frame } from '../frame.js';
import {
  checkSize,
  humidityPermilleOf,
  isCount,
  isName,
  milliCelsiusOf,
  parseJson,
  Refused,
  spanOf,
  textOf,
} from '../frame-checks.js';
import type { FrameReading } from '../reading.js';
import type { GatewayModel } from './gateway-model.js';
import { type JsonPointer, valueAt } from './json-pointer.js';

/**
 * Decodes a JSON message of a model of gateways as a frame of one reading without numbers. What the model does not name
 * is not looked at; what it names must be there in the right type (humidity and counter may be missing). Nothing is
 * thrown for bad input.
 */
export function decodeMapped(raw: Buffer, model: GatewayModel, options: DecodeOptions): DecodedFrame {
  try {
    checkSize(raw);
    return { ok: true, frame: frameOf(parseJson(textOf(raw)), model, options) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, code: error.code, details: error.details, boot: null, seq: null };
  }
}

function frameOf(message: unknown, model: GatewayModel, options: DecodeOptions): Frame {
  const logger = needed(message, model.logger);
  if (!isName(logger)) throw invalid(model.logger);
  const counter = model.counter === null ? undefined : valueAt(message, model.counter);
  if (counter !== undefined && !isCount(counter)) throw invalid(model.counter);
  const reading: FrameReading = {
    logger,
    at: timeOf(needed(message, model.time), model),
    milliCelsius: milliCelsiusOf(numberOf(needed(message, model.celsius), model.celsius) * model.celsiusScale, {}),
    humidityPermille: humidityOf(message, model),
    counter: counter ?? null,
  };
  const [firstAt, lastAt] = spanOf([reading], options);
  return { boot: null, seq: null, upMs: null, readings: [reading], firstAt, lastAt, signature: null };
}

function humidityOf(message: unknown, { humidity, humidityScale }: GatewayModel): number | null {
  const value = humidity === null ? undefined : valueAt(message, humidity);
  if (humidity === null || value === undefined || value === null) return null;
  return humidityPermilleOf(numberOf(value, humidity) * humidityScale, {});
}

/** ISO 8601 date and time with a zone, as RFC 3339 writes it; decimals of a second beyond the third are cut. */
const ISO = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

function timeOf(value: unknown, { time, timeForm }: GatewayModel): number {
  const at = timeForm === 'iso' ? isoTime(value) : Math.round(numberOf(value, time) * (timeForm === 's' ? 1000 : 1));
  if (!isCount(at)) throw invalid(time);
  return at;
}

function isoTime(value: unknown): number {
  const [, date, clock, fraction = '', zone = ''] = (typeof value === 'string' ? ISO.exec(value) : null) ?? [];
  if (date === undefined) return NaN;
  return Date.parse(`${date}T${clock}.${fraction.padEnd(3, '0').slice(0, 3)}${zone.toUpperCase()}`);
}

function needed(message: unknown, pointer: JsonPointer): unknown {
  const value = valueAt(message, pointer);
  if (value === undefined || value === null) throw new Refused('member-missing', { member: memberOf(pointer) });
  return value;
}

function numberOf(value: unknown, pointer: JsonPointer): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(pointer);
  return value;
}

function invalid(pointer: JsonPointer | null): Refused {
  return new Refused('member-invalid', { member: memberOf(pointer ?? []) });
}

function memberOf(pointer: JsonPointer): string {
  return `/${pointer.join('/')}`;
}
