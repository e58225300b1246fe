import { createHash } from 'node:crypto';

/** As many statements as are prepared; texts are constants of the source, so that there are far fewer. */
const MOST_NAMES = 500;
const names = new Map<string, string>();

/** The name under which a statement is prepared, by its text; undefined: it is not, because there are too many. */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES) return known;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 24);
  names.set(text, name);
  return name;
}
