import type { OperationId } from '@coldchain/api-contract';
import { definitionOf } from './operation.decorator.js';
import { Reply } from './reply.js';
import { RequestProblem } from './request-problem.js';

/** Position after which a page starts: the value that the list is ordered by. */
export function cursorOf(after: string | undefined): string | null {
  if (after === undefined) return null;
  const text = Buffer.from(after, 'base64url').toString('utf8');
  if (text.includes('\0') || Buffer.from(text, 'utf8').toString('base64url') !== after) {
    throw new RequestProblem('query-invalid', 'after: not a cursor of this list');
  }
  return text;
}

/** As {@link cursorOf}, for lists ordered by a number. */
export function numberCursorOf(after: string | undefined): number | null {
  const text = cursorOf(after);
  if (text === null) return null;
  if (!/^\d{1,15}$/.test(text)) throw new RequestProblem('query-invalid', 'after: not a cursor of this list');
  return Number(text);
}

/**
 * A page of a list. Queries ask for one row more than the limit: if it came, a `Link` to the next page is added
 * (RFC 8288) and the row is left out.
 * @param kept parameters of the list that hold for the next page as well
 */
export function pageOf<Row>(
  operation: OperationId,
  limit: number,
  rows: readonly Row[],
  position: (row: Row) => string | number,
  body: (rows: readonly Row[]) => unknown,
  kept: Readonly<Record<string, string | undefined>> = {},
): Reply {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  if (rows.length <= limit || last === undefined) return new Reply(body(shown));
  const after = Buffer.from(String(position(last)), 'utf8').toString('base64url');
  const named = Object.entries(kept).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams([['limit', String(limit)], ['after', after], ...named]);
  return new Reply(body(shown), {
    headers: { Link: `<${definitionOf(operation).path}?${query.toString()}>; rel="next"` },
  });
}
