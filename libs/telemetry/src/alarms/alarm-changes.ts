import { isDeepStrictEqual } from 'node:util';
import type { ExcursionAlarm } from './alarm.js';

/** An alarm as it was told; `id` names it for good. */
export interface ToldAlarm extends ExcursionAlarm {
  readonly id: number;
}

/** What became of the alarms of a leg. */
export type AlarmChange =
  | { readonly kind: 'raised'; readonly alarm: ExcursionAlarm }
  | { readonly kind: 'updated'; readonly id: number; readonly before: ExcursionAlarm; readonly alarm: ExcursionAlarm }
  | { readonly kind: 'withdrawn'; readonly id: number };

/**
 * What has to be changed so that the told alarms are those that stand now. An alarm keeps its name while it overlaps
 * what it was: a late reading that moves its beginning does not ring again. What two alarms told apart and is one now
 * stays under the earlier name; what was never an excursion after all is withdrawn.
 */
export function alarmChanges(told: readonly ToldAlarm[], standing: readonly ExcursionAlarm[]): AlarmChange[] {
  const free = new Set(told.toSorted((one, other) => one.openedAt - other.openedAt || one.id - other.id));
  const changes: AlarmChange[] = [];
  for (const alarm of standing) {
    const same = [...free].find((known) => known.side === alarm.side && overlaps(known, alarm));
    if (same === undefined) {
      changes.push({ kind: 'raised', alarm });
      continue;
    }
    free.delete(same);
    const { id, ...before } = same;
    if (!isDeepStrictEqual(before, alarm)) changes.push({ kind: 'updated', id, before, alarm });
  }
  for (const { id } of free) changes.push({ kind: 'withdrawn', id });
  return changes;
}

function overlaps(one: ExcursionAlarm, other: ExcursionAlarm): boolean {
  const [oneEnd, otherEnd] = [one.endedAt ?? Number.POSITIVE_INFINITY, other.endedAt ?? Number.POSITIVE_INFINITY];
  return one.openedAt <= otherEnd && other.openedAt <= oneEnd;
}
