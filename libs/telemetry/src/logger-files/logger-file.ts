import { DomainError } from '@coldchain/kernel';
import type { Reading } from '../reading.js';

/** An alarm rule that the device was configured with, and when it rang. */
export interface DeviceAlarm {
  readonly number: number;
  readonly side: 'above' | 'below';
  readonly activation: 'consecutive' | 'cumulative';
  /** Of these devices both limits are inside: seen in the counters of the exports, which agree with > and <. */
  readonly comparator: '>' | '<';
  readonly limitMilliCelsius: number;
  /** Time beyond the limit after which it rings. */
  readonly afterMs: number;
  readonly rang: readonly DeviceAlarmEvent[];
}

/** One ringing: of a day (FridgeTag) or of an episode (Q-tag). */
export interface DeviceAlarmEvent {
  readonly triggeredAt: number;
  /** The device's own count of time beyond the limit, in the day or episode. */
  readonly accumulatedMs: number;
  /** First and last instant of the episode and its extreme, where the device tells them (Q-tag). */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly extremeMilliCelsius: number | null;
}

/** What the device printed about the whole run; null where it did not. Averages are cut to a tenth, not rounded. */
export interface DeviceStatistics {
  readonly lowestMilliCelsius: number | null;
  readonly lowestAt: number | null;
  readonly highestMilliCelsius: number | null;
  readonly highestAt: number | null;
  readonly averageMilliCelsius: number | null;
}

/** The device's certificate and signature as they stand. Nobody has checked them: the algorithm is not published. */
export interface DeviceCertificate {
  readonly verification: 'unverified';
  readonly issuer: string | null;
  readonly owner: string | null;
  readonly lot: string | null;
  /** As written. */
  readonly validFrom: string | null;
  readonly publicKey: string | null;
  readonly signatureOfCertificate: string | null;
  readonly signature: string | null;
}

/** Something that could not be read and was left out, or that had to be made up for. Readings are never left out so. */
export interface FileProblem {
  readonly code: LoggerFileProblem;
  readonly line: number;
  readonly message: string;
}

/** What a FridgeTag keeps of one day (of the device's zone). Measured every minute, so finer than the log. */
export interface DailySummary {
  readonly day: string;
  readonly lowestMilliCelsius: number | null;
  readonly highestMilliCelsius: number | null;
  readonly averageMilliCelsius: number | null;
  /** Time beyond the limit per alarm, by the alarm's number. */
  readonly beyond: readonly { readonly alarm: number; readonly accumulatedMs: number }[];
  /** Time for which a sensor did not answer: the longest of the sensors' counts. */
  readonly sensorTimeoutMs: number;
}

/** A logger's export as read. Times are ms since 1970 UTC. */
export interface LoggerFile {
  readonly format: 'fridge-tag' | 'q-tag' | 'csv';
  /** As the file names it, for example `Q-tag Fridge-tag 2 L`. */
  readonly device: string;
  readonly serial: string | null;
  /** Declared interval; where none is, the most frequent step. Null where there are no readings to have one. */
  readonly intervalMs: number | null;
  /** `assumed`: neither the file nor the caller named a zone and UTC was taken. */
  readonly zone: { readonly offsetMinutes: number; readonly assumed: boolean };
  /** Where the file's evidence begins: its first row, with or without a value, or the first day it summarises. */
  readonly startedAt: number | null;
  /** When recording ended, or was read out, by the device's own words. */
  readonly endedAt: number | null;
  /** Ascending by time. Rows without a value (probe removed, sensor timeout) are left out and so become gaps. */
  readonly readings: readonly Reading[];
  readonly rowsWithoutValue: number;
  readonly dailySummaries: readonly DailySummary[];
  readonly deviceAlarms: readonly DeviceAlarm[];
  /** Alarms that the device has and that cannot be read: what it rings for is not all known. */
  readonly alarmsUnread: number;
  readonly statistics: DeviceStatistics | null;
  readonly certificate: DeviceCertificate | null;
  readonly problems: readonly FileProblem[];
  /** The mean kinetic temperature that the device printed, and with which activation energy. */
  readonly mktPrinted: { readonly celsius: number; readonly activationEnergy: number } | null;
}

/** Why a file cannot be read. */
export type LoggerFileProblem =
  | 'file-empty'
  | 'file-not-text'
  | 'format-unknown'
  | 'line-invalid'
  | 'timestamp-invalid'
  | 'temperature-invalid'
  | 'humidity-invalid'
  | 'zone-invalid'
  | 'unit-unsupported'
  | 'unit-missing'
  | 'clock-set-back'
  | 'interval-missing'
  | 'section-missing';

/** A file that is not what it should be; `details.line` is the line's number, from 1. */
export class LoggerFileInvalid extends DomainError<LoggerFileProblem> {
  constructor(
    readonly code: LoggerFileProblem,
    message: string,
    readonly line: number,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`line ${line}: ${message}`, { ...details, line });
  }
}

/** How to read what a file leaves open. */
export interface ReadOptions {
  /** Offset of local times from UTC; goes before the file's own zone. */
  readonly offsetMinutes?: number;
}

/** Parses an offset as people write it: `Z`, `UTC`, `+02:00`, `-5`, `+0530`. Null for anything else. */
export function parseOffset(text: string): number | null {
  if (/^(z|utc|gmt)$/i.test(text)) return 0;
  const match = /^([+-])(\d{1,2})(?::?([0-5]\d))?$/.exec(text);
  if (match === null || Number(match[2]) > 14) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' && minutes !== 0 ? -minutes : minutes;
}

/** The step that occurs most often between readings; of equally frequent ones the shortest, so that no gap is hidden. */
export function mostFrequentStep(readings: readonly Reading[]): number | null {
  const counts = new Map<number, number>();
  readings.forEach(({ at }, index) => {
    const step = at - (readings[index - 1]?.at ?? at);
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  });
  let best: number | null = null;
  for (const [step, count] of counts) {
    const most = best === null ? 0 : (counts.get(best) ?? 0);
    if (count > most || (count === most && best !== null && step < best)) best = step;
  }
  return best;
}
