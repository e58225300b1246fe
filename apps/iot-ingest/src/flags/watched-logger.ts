import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  type AnomalyCause,
  type AnomalyDetector,
  anomalyDetector,
  DETECTOR_NAMES,
  detectorFrom,
  detectorState,
} from '@coldchain/forecast';
import type { Reading } from '@coldchain/telemetry';

/** Loggers measure the temperature of stores and transports. */
const SETTING = 'cold-chain';
export const DETECTOR = DETECTOR_NAMES[SETTING];

/** Nothing is said before so long: what is usual is not known yet. */
const LEARNING_MS = 86_400_000;

/** What is kept of a logger between two looks. */
export interface KeptWatch {
  readonly detector: string;
  readonly state: Buffer;
  /** Time of the first reading, ms since 1970 UTC. */
  readonly seenSince: number;
  /** Time of the newest one. */
  readonly seenUntil: number;
}

/** A flag that a reading raised. */
export interface RaisedFlag {
  readonly cause: AnomalyCause;
  readonly at: number;
  readonly score: number;
  readonly milliCelsius: number;
  readonly humidityPermille: number | null;
}

/** What a logger's new readings came to. */
export interface WatchedReadings {
  readonly kept: KeptWatch;
  readonly flags: readonly RaisedFlag[];
  readonly readings: number;
  /** Not after those seen before: redelivered, heard by a second gateway, or late. They change nothing. */
  readonly late: number;
}

/** Hands new readings, ascending by time, to a logger's detector. Each instant counts once. */
export function watchReadings(kept: KeptWatch | null, readings: readonly Reading[]): WatchedReadings {
  const detector = detectorOf(kept) ?? anomalyDetector(SETTING);
  let seenSince = kept?.detector === DETECTOR ? kept.seenSince : Number.NaN;
  let seenUntil = kept?.seenUntil ?? Number.NEGATIVE_INFINITY;
  let late = 0;
  const flags: RaisedFlag[] = [];
  for (const { at, milliCelsius, humidityPermille } of readings) {
    if (at <= seenUntil) {
      late++;
      continue;
    }
    seenUntil = at;
    if (Number.isNaN(seenSince)) seenSince = at;
    const humidityPercent = humidityPermille === null ? null : humidityPermille / 10;
    const { begins, score } = detector.next({ at, value: milliCelsius / 1000, humidityPercent });
    if (at - seenSince < LEARNING_MS) continue;
    for (const cause of begins) flags.push({ cause, at, score, milliCelsius, humidityPermille });
  }
  return {
    kept: { detector: DETECTOR, state: packed(detector), seenSince, seenUntil },
    flags,
    readings: readings.length - late,
    late,
  };
}

/** null: there is none, or it is of another version, and what is usual is learned anew. */
function detectorOf(kept: KeptWatch | null): AnomalyDetector | null {
  if (kept?.detector !== DETECTOR) return null;
  const bytes = inflateRawSync(kept.state);
  return detectorFrom(SETTING, new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
}

/** Most of the numbers are zeros: of some 110 kB a few are left. */
function packed(detector: AnomalyDetector): Buffer {
  const state = detectorState(detector);
  return deflateRawSync(Buffer.from(state.buffer, state.byteOffset, state.byteLength), { level: 1 });
}
