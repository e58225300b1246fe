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

/** A line that is neither. */
export interface StrayLine {
  readonly line: number;
  readonly text: string;
}

/** A file of Berlinger's text form. */
export interface ParsedOutline {
  readonly root: Outline;
  readonly rows: readonly DataRow[];
  readonly stray: readonly StrayLine[];
}

interface OpenOutline extends Outline {
  readonly children: OpenOutline[];
  readonly depth: number;
}

/**
 * Parses the text form of Berlinger exports: indentation by blanks, `key: value[, key: value]`, and rows under `Data:`
 * (those under `Marker:` are not readings). Rows are set in and separated by tabs; where a program made blanks of the tabs,
 * two or more of them separate. What is neither comes back as stray.
 */
export function parseOutline(lines: readonly string[]): ParsedOutline {
  const root: OpenOutline = { key: '', value: '', line: 0, children: [], depth: -1 };
  const path: OpenOutline[] = [root];
  const rows: DataRow[] = [];
  const stray: StrayLine[] = [];
  lines.forEach((text, index) => {
    const line = index + 1;
    if (text.trim() === '') return;
    const section = path[1]?.key;
    const match = /^( *)([^:]+?) *:(?:\s(.*)|)$/.exec(text.trimEnd());
    if (text.startsWith('\t') || match === null || (section === 'Data' && match[1] !== '')) {
      // In the log everything is a row, so that none is passed over; markers are rows of no interest.
      if (section === 'Data')
        rows.push({
          line,
          cells: text
            .trim()
            .split(/\t| {2,}/)
            .map((cell) => cell.trim()),
        });
      else if (section !== 'Marker') stray.push({ line, text });
      return;
    }
    const depth = (match[1] ?? '').length;
    const node: OpenOutline = { key: match[2] ?? '', value: (match[3] ?? '').trim(), line, children: [], depth };
    while ((path.at(-1)?.depth ?? -1) >= depth) path.pop();
    path.at(-1)?.children.push(node);
    path.push(node);
  });
  return { root, rows, stray };
}

/** The child at a path of keys, or null. */
export function find(outline: Outline, ...keys: readonly string[]): Outline | null {
  let node: Outline | null = outline;
  for (const key of keys) node = node?.children.find((child) => child.key === key) ?? null;
  return node;
}

/**
 * A field of a line that carries several: `T AL: -0.5, t AL: 60`. A comma without a blank after it is a decimal comma.
 * Null where it is absent or empty.
 */
export function field(outline: Outline | null, name: string): string | null {
  if (outline === null) return null;
  for (const part of `${outline.key}: ${outline.value}`.split(/,(?:\s+|$)/)) {
    const colon = part.indexOf(':');
    if (colon > 0 && part.slice(0, colon).trim() === name) return part.slice(colon + 1).trim() || null;
  }
  return null;
}

/** The first child (or the node's own line) that carries a field. */
export function lineWith(outline: Outline | null, name: string): Outline | null {
  return outline?.children.find((child) => field(child, name) !== null) ?? null;
}
