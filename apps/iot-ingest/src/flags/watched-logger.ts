import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  type AnomalyCause,
  type AnomalyDetector,
  anomalyDetector,
  DETECTOR_NAMES,
  detectorFrom,
  detectorState,
  FORESIGHT_GOES_ON_FROM,
  FORESIGHT_NAME,
  type ForesightCause,
  stateLength,
  stateOf,
  StoreForesight,
  takeUp,
} from '@coldchain/forecast';
import type { Reading } from '@coldchain/telemetry';

/** Loggers measure the temperature of stores and transports. */
const SETTING = 'cold-chain';
const DETECTOR = DETECTOR_NAMES[SETTING];
/** What wrote a state: the detector's numbers, and behind them those of what is foreseen. */
const WRITTEN_BY = `${DETECTOR} ${FORESIGHT_NAME}`;

/** Nothing is said before so long: what is usual is not known yet. */
const LEARNING_MS = 86_400_000;
/** Many times what a state has: more can only come from damage. */
const MOST_STATE_BYTES = 2 ** 20;

/** Everything that a logger is watched by. */
interface Watch {
  readonly detector: AnomalyDetector;
  readonly foresight: StoreForesight;
  /** It goes on from what was learned before. */
  readonly knows: boolean;
}

/** What is kept of a logger between two looks. */
export interface KeptWatch {
  /** Names and versions of what wrote the state. */
  readonly detector: string;
  readonly state: Buffer;
  /** Time of the first reading, ms since 1970 UTC. */
  readonly seenSince: number;
  /** Time of the newest one. */
  readonly seenUntil: number;
}

/** A flag that a reading raised. */
export interface RaisedFlag {
  readonly cause: AnomalyCause | ForesightCause;
  readonly at: number;
  /** In [0, 1]; of what is foreseen its probability, or the share of the day in which the compressor runs. */
  readonly score: number;
  /** When what is foreseen will be, ms since 1970 UTC; null for what is so now, and where it is not known. */
  readonly expectedAt: number | null;
  /** Name and version of what raised it. */
  readonly detector: string;
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

/** Hands new readings, ascending by time, to what watches a logger. Each instant counts once. */
export function watchReadings(kept: KeptWatch | null, readings: readonly Reading[]): WatchedReadings {
  const watch = watchOf(kept);
  let seenSince = watch.knows && kept !== null ? kept.seenSince : Number.NaN;
  let seenUntil = kept?.seenUntil ?? Number.NEGATIVE_INFINITY;
  let late = 0;
  const flags: RaisedFlag[] = [];
  for (const reading of readings) {
    const { at } = reading;
    if (at <= seenUntil) {
      late++;
      continue;
    }
    seenUntil = at;
    if (Number.isNaN(seenSince)) seenSince = at;
    const raised = look(watch, reading);
    if (at - seenSince >= LEARNING_MS) flags.push(...raised);
  }
  // What another version has left has no time of a first reading here: it stays as it is while nothing is learned.
  if (kept !== null && late === readings.length) return { kept, flags, readings: 0, late };
  return {
    kept: { detector: WRITTEN_BY, state: packed(watch), seenSince, seenUntil },
    flags,
    readings: readings.length - late,
    late,
  };
}

function look({ detector, foresight }: Watch, { at, milliCelsius, humidityPermille }: Reading): RaisedFlag[] {
  const humidityPercent = humidityPermille === null ? null : humidityPermille / 10;
  const { begins, score } = detector.next({ at, value: milliCelsius / 1000, humidityPercent });
  const reading = { at, milliCelsius, humidityPermille };
  const unusual = begins.map((cause): RaisedFlag => ({
    ...reading,
    cause,
    score,
    expectedAt: null,
    detector: DETECTOR,
  }));
  const ahead = foresight.next(at, milliCelsius / 1000).map(({ cause, score: likely, aheadMs }): RaisedFlag => {
    const expectedAt = aheadMs === null ? null : Math.round(at + aheadMs);
    return { ...reading, cause, score: likely, expectedAt, detector: FORESIGHT_NAME };
  });
  return [...unusual, ...ahead];
}

/**
 * What was kept, where it can be read: a detector of another version goes on where it remembers the same, and so does what
 * is foreseen, which else begins anew. What no detector can read is all learned anew.
 */
function watchOf(kept: KeptWatch | null): Watch {
  const foresight = new StoreForesight();
  const [written = '', foreseenBy = ''] = kept?.detector.split(' ') ?? [];
  const size = stateLength(SETTING, written);
  const values = kept === null || size === null ? null : numbersOf(kept.state);
  if (values !== null && size !== null) {
    const detector = detectorFrom(SETTING, values.slice(0, size), written);
    if (FORESIGHT_GOES_ON_FROM.includes(foreseenBy)) takeUp(foresight, values.slice(size));
    if (detector !== null) return { detector, foresight, knows: true };
  }
  return { detector: anomalyDetector(SETTING), foresight, knows: false };
}

/** Numbers of a state; null of a damaged one: no other logger's flags may wait for it. */
function numbersOf(state: Buffer): Float64Array | null {
  try {
    const bytes = inflateRawSync(state, { maxOutputLength: MOST_STATE_BYTES });
    if (bytes.length % Float64Array.BYTES_PER_ELEMENT !== 0) return null;
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  } catch (error) {
    if (['Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR_BUFFER_TOO_LARGE'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return null;
    throw error;
  }
}

/** Most of the numbers are zeros: of some 110 kB a few are left. */
function packed({ detector, foresight }: Watch): Buffer {
  const [usual, ahead] = [detectorState(detector), stateOf(foresight)];
  const state = new Float64Array(usual.length + ahead.length);
  state.set(usual);
  state.set(ahead, usual.length);
  return deflateRawSync(Buffer.from(state.buffer, state.byteOffset, state.byteLength), { level: 1 });
}
