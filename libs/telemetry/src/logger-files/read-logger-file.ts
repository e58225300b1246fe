import { csvHeader, readCsv } from './csv.js';
import { readFridgeTag } from './fridge-tag.js';
import { LoggerFileInvalid } from './logger-file.js';
import type { LoggerFile, ReadOptions } from './logger-file.js';
import { readQTag } from './q-tag.js';

/** The most bytes that a logger file may have. A year of five-minute readings of a FridgeTag is below 3 MB. */
export const MOST_LOGGER_FILE_BYTES = 16_000_000;

/**
 * Reads a logger export by its content: Berlinger FridgeTag 2, 2 E, 2 L, UL and Q-tag text, or CSV
 * `timestamp,celsius[,humidity]`. Of what is measured nothing is guessed: a row that does not fit ends the reading. What
 * else cannot be read is left out and named in `problems` with code and line.
 * @throws LoggerFileInvalid with the number of the line
 */
export function readLoggerFile(content: Buffer | string, options: ReadOptions = {}): LoggerFile {
  const text = (typeof content === 'string' ? content : textOf(content)).replace(/^\uFEFF/, '');
  if (text.trim() === '') throw new LoggerFileInvalid('file-empty', 'nothing in it', 1);
  const lines = text.split(/\r\n|\n|\r/);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  const header = csvHeader(first);
  if (header !== null) return readCsv(lines, header, options);
  // A FridgeTag calls itself "Q-tag Fridge-tag …", so it is asked for first.
  if (/^Device ?:.*Fridge-?tag/i.test(first)) return readFridgeTag(lines, options);
  if (/^Device ?:.*Q-?tag/i.test(first)) return readQTag(lines, options);
  const line = lines.indexOf(first) + 1;
  throw new LoggerFileInvalid('format-unknown', 'neither a Berlinger export nor "timestamp,celsius[,humidity]"', line);
}

/** UTF-8, UTF-16 (its first letter is an ASCII one), or an export of a device whose user texts are in an older encoding. */
function textOf(content: Buffer): string {
  const [one, other] = content;
  const isLittle = (one === 0xff && other === 0xfe) || (one !== 0 && other === 0);
  const isBig = (one === 0xfe && other === 0xff) || (one === 0 && other !== 0);
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    // Only user texts can have other letters than ASCII there, and nothing is read from them.
    if (content.subarray(0, 7).toString('latin1') === 'Device:') return content.toString('latin1');
    throw new LoggerFileInvalid('file-not-text', 'not UTF-8 text', 1);
  }
}
