import type { Brand } from '@coldchain/kernel';
import { Gs1Error } from './gs1-error.js';

/** A day without time or zone, `YYYY-MM-DD`; compares as text. */
export type LocalDate = Brand<string, 'LocalDate'>;

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
const pad = (value: number, length: number): string => String(value).padStart(length, '0');

/** @throws Gs1Error `date-invalid` unless `text` is an existing day as `YYYY-MM-DD` */
export function parseLocalDate(text: string): LocalDate {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (match === null || year < 1000 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
    throw new Gs1Error('date-invalid', 'a day is written YYYY-MM-DD and must exist', { position: 0 });
  }
  return text as LocalDate;
}

/**
 * The year that two digits mean, by the sliding window of the General Specifications §7.12: 51 to 99 years ahead of the
 * reference within its century is the century before, 50 to 99 years behind it the century after.
 */
export function fullYear(twoDigits: number, referenceYear: number): number {
  const century = referenceYear - (referenceYear % 100);
  const difference = twoDigits - (referenceYear % 100);
  if (difference >= 51) return century - 100 + twoDigits;
  if (difference <= -50) return century + 100 + twoDigits;
  return century + twoDigits;
}

/**
 * The day that `YYMMDD` means. Day 00, where it is allowed, is the last day of the month.
 * @param referenceYear the year of the reading, four digits
 * @throws Gs1Error `date-invalid` with the position of the wrong part
 */
export function dayOfYymmdd(digits: string, referenceYear: number, dayZeroAllowed = true): LocalDate {
  const year = fullYear(Number(digits.slice(0, 2)), referenceYear);
  const month = Number(digits.slice(2, 4));
  const day = Number(digits.slice(4, 6));
  if (!/^\d{6}/.test(digits) || month < 1 || month > 12) {
    throw new Gs1Error('date-invalid', 'the month does not exist', { position: 2, found: digits.slice(2, 4) });
  }
  const last = daysIn(year, month);
  if (day > last || (day === 0 && !dayZeroAllowed)) {
    throw new Gs1Error('date-invalid', 'the day does not exist', { position: 4, found: digits.slice(4, 6) });
  }
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day === 0 ? last : day, 2)}` as LocalDate;
}

/** `YYMMDD` of a day, as it stands in AI 17. */
export function yymmddOf(day: LocalDate): string {
  return day.slice(2, 4) + day.slice(5, 7) + day.slice(8, 10);
}
