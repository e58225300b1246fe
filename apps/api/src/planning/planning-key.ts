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
  const [product, site] = partsOf(text);
  if (typeof product !== 'string' || typeof site !== 'string') {
    throw new RequestProblem('query-invalid', 'after: not a cursor of this list');
  }
  return { product, site };
}

function partsOf(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
