import { cursorOf } from '../http/paging.js';
import { RequestProblem } from '../http/request-problem.js';
import type { PlanningKey } from './planning.queries.js';

/** Whether a product and site stand behind another in a list. */
export const isKeyAfter = (key: PlanningKey, last: PlanningKey): boolean =>
  key.product === last.product ? key.site > last.site : key.product > last.product;

/** A place in a list of products and sites. */
export const keyText = ({ product, site }: PlanningKey): string => JSON.stringify([product, site]);

/** The place of a cursor. @throws RequestProblem `query-invalid` */
export function keyCursorOf(after: string | undefined): PlanningKey | null {
  const text = cursorOf(after);
  if (text === null) return null;
  const parts = /^\["([^"\\]*)","([^"\\]*)"\]$/.exec(text);
  if (parts === null) throw new RequestProblem('query-invalid', 'after: not a cursor of this list');
  return { product: parts[1] ?? '', site: parts[2] ?? '' };
}
