import { createReadStream } from 'node:fs';
import { CliError } from '../cli-error.js';
import type { Terminal } from '../command.js';

/** A row of a CSV file with its line, the header being line 1. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Longer than any row of ours: a file without line ends is no CSV, and must not fill the memory. */
const LONGEST_LINE = 1_000_000;

/**
 * The rows of a CSV FILE (RFC 4180; a quoted field may not hold a line end), one after another: memory does not grow with
 * the file. Empty lines are left out. @throws CliError `file-unreadable`, `csv-invalid`
 */
export async function* csvRows(file: string, terminal: Terminal): AsyncGenerator<CsvRow, void> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let line = 0;
  for await (const chunk of chunksOf(file, terminal)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      throw new CliError('csv-invalid', `line ${line + 1} has more than a million characters`, 'name a CSV file');
    }
    for (const text of lines) {
      line++;
      const row = rowOf(text, line);
      if (row !== null) yield row;
    }
  }
  const last = rowOf(rest + decoder.decode(), line + 1);
  if (last !== null) yield last;
}

async function* chunksOf(file: string, terminal: Terminal): AsyncGenerator<Uint8Array, void> {
  if (file === '-') {
    yield* terminal.input;
    return;
  }
  try {
    yield* createReadStream(file, { highWaterMark: 1 << 18 });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    const nextStep = 'name an existing file, or - for standard input';
    throw new CliError('file-unreadable', `cannot read '${file}' (${reason})`, nextStep);
  }
}

function rowOf(text: string, line: number): CsvRow | null {
  const clean = (line === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '');
  if (clean.trim() === '') return null;
  return {
    line,
    fields: clean.includes('"') ? quotedFields(clean, line) : clean.split(',').map((field) => field.trim()),
  };
}

function quotedFields(text: string, line: number): string[] {
  const fields: string[] = [];
  // Blanks have one place where they can be matched: two in a row are tried in every division between them.
  const field = /(?:\s*"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (match === null) throw new CliError('csv-invalid', `line ${line}: a quote is not closed`, 'correct the file');
    fields.push(match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
  }
}

/** A field as CSV writes it. */
export function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Where the named columns are. @throws CliError `csv-columns` when one that is needed is missing */
export function columnsOf<Name extends string>(
  header: CsvRow | undefined,
  file: string,
  needed: readonly Name[],
  optional: readonly Name[] = [],
): Readonly<Record<Name, number>> {
  const names = header?.fields.map((name) => name.toLowerCase()) ?? [];
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const text = `'${file}' has no column ${missing.join(', ')} in its first line`;
    const wanted = `write a header with ${[...needed, ...optional].join(',')}`;
    const [only = ''] = header?.fields ?? [];
    const separated = header?.fields.length === 1 && /[;\t]/.test(only);
    throw new CliError(
      'csv-columns',
      text,
      separated ? `${wanted}, and commas between the fields of every row` : wanted,
    );
  }
  const entries = [...needed, ...optional].map((name) => [name, names.indexOf(name)] as const);
  return Object.fromEntries(entries) as Record<Name, number>;
}
