import { LoggerFileInvalid, parseOffset } from './logger-file.js';

/** An instant that a file wrote, and whether it named its zone itself. */
export interface FileInstant {
  readonly at: number;
  readonly zoned: boolean;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'half' | 'zone';

/** How a file writes times: a text form and what its groups are. */
export interface TimestampForm {
  readonly pattern: RegExp;
  readonly parts: readonly Part[];
}

/** `yyyy-MM-dd hh:mm[:ss[.SSS]][Z|±hh:mm]`, T or a blank between. */
export const ISO_FORM: TimestampForm = {
  pattern: /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}:?\d{2})?$/i,
  parts: ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond', 'zone'],
};

const LETTERS: Readonly<Record<string, readonly [part: Part, digits: string]>> = {
  yyyy: ['year', '(\\d{4})'],
  MM: ['month', '(\\d{1,2})'],
  dd: ['day', '(\\d{1,2})'],
  hh: ['hour', '(\\d{1,2})'],
  HH: ['hour', '(\\d{1,2})'],
  mm: ['minute', '(\\d{2})'],
  ss: ['second', '(\\d{2})'],
  a: ['half', '([AaPp]\\.?[Mm]\\.?)'],
};

/** The form that a column heading such as `dd.MM.yyyy hh:mm` describes; null where it describes none. */
export function formOf(heading: string): TimestampForm | null {
  const parts: Part[] = [];
  const text = heading.trim().replace(/yyyy|MM|dd|HH|hh|mm|ss|\ba\b|[^\w\s]|\s+|\w+/g, (token) => {
    const known = LETTERS[token];
    if (known === undefined) return /^\s+$/.test(token) ? '\\s+' : token.replace(/[^\w]/g, '\\$&');
    parts.push(known[0]);
    return known[1];
  });
  const needed: readonly Part[] = ['year', 'month', 'day', 'hour', 'minute'];
  if (!needed.every((part) => parts.includes(part)) || new Set(parts).size !== parts.length) return null;
  return { pattern: new RegExp(`^${text}$`), parts };
}

/**
 * Parses a time as the file writes it. Without a zone of its own it is local to the offset.
 * @throws LoggerFileInvalid `timestamp-invalid`, also for days and hours that do not exist
 */
export function parseInstant(
  text: string,
  offsetMinutes: number,
  line: number,
  form: TimestampForm = ISO_FORM,
): FileInstant {
  const match = form.pattern.exec(text);
  if (match === null) throw invalid(text, line);
  const part = (name: Part): string | undefined => {
    const index = form.parts.indexOf(name);
    return index < 0 ? undefined : match[index + 1];
  };
  const number = (name: Part): number => Number(part(name) ?? 0);
  const zone = part('zone');
  const offset = zone === undefined ? offsetMinutes : parseOffset(zone);
  if (offset === null) throw invalid(text, line);
  const hour = hourOf(number('hour'), part('half'));
  const [year, month, day, minute, second] = (['year', 'month', 'day', 'minute', 'second'] as const).map(number);
  const millisecond = Number((part('millisecond') ?? '').padEnd(3, '0'));
  const local = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second, millisecond);
  const back = new Date(local);
  // Date.UTC rolls over what does not exist (30 February, 25:00): then the parts do not come back.
  const exists =
    back.getUTCMonth() + 1 === month &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    (minute ?? 0) <= 59 &&
    (second ?? 0) <= 59;
  if (!exists) throw invalid(text, line);
  return { at: local - offset * 60_000, zoned: zone !== undefined };
}

/** Of a twelve-hour clock, 12 AM is midnight; an hour that it does not have stays one that does not exist. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return -1;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}

function invalid(text: string, line: number): LoggerFileInvalid {
  return new LoggerFileInvalid('timestamp-invalid', `not a time: ${text.slice(0, 40)}`, line);
}
