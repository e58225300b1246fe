/** A row of a CSV file; the first line is 1. */
export interface CsvRow {
  readonly line: number;
  /** null: a quote is not closed, or the line is longer than any row may be. */
  readonly fields: readonly string[] | null;
}

/** A file without line ends is no CSV, and must not fill the memory. */
const LONGEST_LINE = 10_000;

/** The rows of a CSV (RFC 4180; a quoted field may not hold a line end), one after another. Empty lines are left out. */
export async function* csvRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow, void> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let line = 0;
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      const row = rowOf(text, ++line);
      if (row !== null) yield row;
    }
    if (rest.length > LONGEST_LINE) {
      yield { line: line + 1, fields: null };
      return;
    }
  }
  const last = rowOf(rest + decoder.decode(), line + 1);
  if (last !== null) yield last;
}

function rowOf(text: string, line: number): CsvRow | null {
  const clean = (line === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '');
  if (clean.trim() === '') return null;
  if (clean.length > LONGEST_LINE) return { line, fields: null };
  return { line, fields: clean.includes('"') ? quotedFields(clean) : clean.split(',').map((field) => field.trim()) };
}

function quotedFields(text: string): string[] | null {
  const fields: string[] = [];
  // Blanks have one place where they can be matched: two in a row are tried in every division between them.
  const field = /(?:\s*"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (match === null) return null;
    fields.push(match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
  }
}
