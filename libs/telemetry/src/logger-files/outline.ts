import { LoggerFileInvalid } from './logger-file.js';

/** A line of Berlinger's indented text: `key: value`, its children being the lines that are indented further. */
export interface Outline {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  readonly children: readonly Outline[];
}

/** A row under `Data:`, cells as they stand. */
export interface DataRow {
  readonly line: number;
  readonly cells: readonly string[];
}

interface OpenOutline extends Outline {
  readonly children: OpenOutline[];
  readonly depth: number;
}

/**
 * Parses the text form of Berlinger exports: one blank of indentation per level, `key: value[, key: value]`, and tab
 * separated rows under `Data:` (those under other headings, such as markers, are not readings).
 * @throws LoggerFileInvalid `line-invalid`
 */
export function parseOutline(lines: readonly string[]): { readonly root: Outline; readonly rows: readonly DataRow[] } {
  const root: OpenOutline = { key: '', value: '', line: 0, children: [], depth: -1 };
  const path: OpenOutline[] = [root];
  const rows: DataRow[] = [];
  lines.forEach((text, index) => {
    const line = index + 1;
    if (text.trim() === '') return;
    if (text.startsWith('\t')) {
      if (path[1]?.key === 'Data')
        rows.push({
          line,
          cells: text
            .slice(1)
            .split('\t')
            .map((cell) => cell.trim()),
        });
      return;
    }
    const match = /^( *)([^:]+):(?: (.*)|)$/.exec(text.trimEnd());
    if (match === null) throw new LoggerFileInvalid('line-invalid', 'not of the form "key: value"', line);
    const depth = (match[1] ?? '').length;
    const node: OpenOutline = { key: match[2] ?? '', value: match[3] ?? '', line, children: [], depth };
    while ((path.at(-1)?.depth ?? -1) >= depth) path.pop();
    path.at(-1)?.children.push(node);
    path.push(node);
  });
  return { root, rows };
}

/** The child at a path of keys, or null. */
export function find(outline: Outline, ...keys: readonly string[]): Outline | null {
  let node: Outline | null = outline;
  for (const key of keys) node = node?.children.find((child) => child.key === key) ?? null;
  return node;
}

/** A field of a line that carries several: `T AL: -0.5, t AL: 60`. Null where it is absent or empty. */
export function field(outline: Outline | null, name: string): string | null {
  if (outline === null) return null;
  for (const part of `${outline.key}: ${outline.value}`.split(',')) {
    const colon = part.indexOf(':');
    if (colon > 0 && part.slice(0, colon).trim() === name) return part.slice(colon + 1).trim() || null;
  }
  return null;
}

/** The first child (or the node's own line) that carries a field. */
export function lineWith(outline: Outline | null, name: string): Outline | null {
  return outline?.children.find((child) => field(child, name) !== null) ?? null;
}
