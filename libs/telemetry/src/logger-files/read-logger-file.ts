import { isCsvHeader, readCsv } from './csv.js';
import { readFridgeTag } from './fridge-tag.js';
import { LoggerFileInvalid } from './logger-file.js';
import type { LoggerFile, ReadOptions } from './logger-file.js';
import { readQTag } from './q-tag.js';

/**
 * Reads a logger export by its content: Berlinger FridgeTag 2, 2 L, UL and Q-tag text, or CSV
 * `timestamp,celsius[,humidity]`. Nothing is guessed: a line that does not fit ends the reading.
 * @throws LoggerFileInvalid with the number of the line
 */
export function readLoggerFile(content: Buffer | string, options: ReadOptions = {}): LoggerFile {
  const text = (typeof content === 'string' ? content : textOf(content)).replace(/^\uFEFF/, '');
  if (text.trim() === '') throw new LoggerFileInvalid('file-empty', 'nothing in it', 1);
  const lines = text.split(/\r\n|\n|\r/);
  const first = lines[0] ?? '';
  if (isCsvHeader(first)) return readCsv(lines, options);
  // A FridgeTag calls itself "Q-tag Fridge-tag …", so it is asked for first.
  if (/^Device: .*Fridge-tag/i.test(first)) return readFridgeTag(lines, options);
  if (/^Device: Q-tag/i.test(first)) return readQTag(lines, options);
  throw new LoggerFileInvalid('format-unknown', 'neither a Berlinger export nor "timestamp,celsius[,humidity]"', 1);
}

function textOf(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new LoggerFileInvalid('file-not-text', 'not UTF-8 text', 1);
  }
}
