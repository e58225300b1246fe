import { LoggerFileInvalid, parseOffset } from './logger-file.js';

const FORM = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** An instant that a file wrote, and whether it named its zone itself. */
export interface FileInstant {
  readonly at: number;
  readonly zoned: boolean;
}

/**
 * Parses `yyyy-MM-dd hh:mm[:ss[.SSS]][Z|±hh:mm]` (T or a space between). Without a zone the time is local to the offset.
 * @throws LoggerFileInvalid `timestamp-invalid`, also for days and hours that do not exist
 */
export function parseInstant(text: string, offsetMinutes: number, line: number): FileInstant {
  const match = FORM.exec(text);
  const offset = match?.[8] === undefined ? offsetMinutes : parseOffset(match[8]);
  if (match === null || offset === null) throw invalid(text, line);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const millisecond = Number((match[7] ?? '').padEnd(3, '0'));
  const local = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second, millisecond);
  const back = new Date(local);
  // Date.UTC rolls over what does not exist (30 February, 25:00): then the parts do not come back.
  if (
    back.getUTCMonth() + 1 !== month ||
    back.getUTCDate() !== day ||
    back.getUTCHours() !== hour ||
    (second ?? 0) > 59
  ) {
    throw invalid(text, line);
  }
  if ((minute ?? 0) > 59) throw invalid(text, line);
  return { at: local - offset * 60_000, zoned: match[8] !== undefined };
}

function invalid(text: string, line: number): LoggerFileInvalid {
  return new LoggerFileInvalid('timestamp-invalid', `not a time: ${text.slice(0, 40)}`, line);
}
