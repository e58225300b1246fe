import { sglnLink } from '@coldchain/gs1';
import type { Gln } from '@coldchain/gs1';
import { EpcisError } from '../epcis-error.js';
import type { JsonObject, JsonValue } from '../json.js';
import { parseEvent } from '../parse-event.js';
import type { EpcisEvent } from '../parse-event.js';

/** When and where an act happened. */
export interface Circumstances {
  /** Milliseconds since 1970 UTC, whole. */
  readonly eventTimeMs: number;
  /** Offset of the place, `±hh:mm`. */
  readonly eventTimeZoneOffset: string;
  /** Where it was observed. */
  readonly readPoint?: Gln;
  /** Where the objects are afterwards. */
  readonly bizLocation?: Gln | { readonly gln: Gln; readonly extension?: string };
  /** Orders, despatch advices and the like, as URIs. */
  readonly bizTransactions?: readonly { readonly type: string; readonly bizTransaction: string }[];
}

/**
 * ISO 8601 in UTC with three decimals.
 * @throws EpcisError `event-invalid` where the number is no instant that has four digits of year
 */
export function isoInstant(timeMs: number): string {
  const iso = Number.isSafeInteger(timeMs) && Math.abs(timeMs) < 8.64e15 ? new Date(timeMs).toISOString() : '';
  if (!/^\d{4}-/.test(iso)) throw new EpcisError('event-invalid', 'the time is no instant', { timeMs });
  return iso;
}

function placeLink(place: NonNullable<Circumstances['bizLocation']>): string {
  return typeof place === 'string' ? sglnLink(place) : sglnLink(place.gln, place.extension);
}

type Members = Readonly<Record<string, JsonValue | undefined>>;

/** An object without the members that are undefined or empty lists. */
export function present(members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}

/**
 * One event of the given type: common members, then what the act adds, without eventID (its hash identifies it).
 * @throws EpcisError `event-invalid` where the act does not make a valid event (no objects, wrong offset)
 */
export function eventOf(type: string, circumstances: Circumstances, members: Members): EpcisEvent {
  const { eventTimeMs, eventTimeZoneOffset, readPoint, bizLocation, bizTransactions } = circumstances;
  return parseEvent(
    present({
      type,
      eventTime: isoInstant(eventTimeMs),
      eventTimeZoneOffset,
      ...members,
      readPoint: readPoint === undefined ? undefined : { id: sglnLink(readPoint) },
      bizLocation: bizLocation === undefined ? undefined : { id: placeLink(bizLocation) },
      bizTransactionList: bizTransactions?.map(({ type: kind, bizTransaction }) => ({ type: kind, bizTransaction })),
    }),
  );
}
