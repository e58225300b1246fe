import { type Hex32, MAX_LATE_FOR_EXPIRY_MS, type ObjectReference, type PartyId, type PartyState } from '../protocol';
import type { Draft } from './draft';
import { Refused } from './refused';

/** What a rule of an anchored command has at hand beside its payload. */
export interface Context {
  readonly draft: Draft;
  /** Registered and authorised. */
  readonly caller: PartyState;
  readonly commitment: Hex32;
  readonly eventTime: number;
  readonly proposalTime: number;
}

/** The time at which expiry is judged: the event's, unless it lies further back than late capture explains. */
export function expiryTime({ eventTime, proposalTime }: Context): number {
  return Math.max(eventTime, proposalTime - MAX_LATE_FOR_EXPIRY_MS);
}

/** @throws Refused `event-before-previous`: the object has a later event already. Equal times are in order. */
export function notBeforePrevious(
  object: ObjectReference,
  state: { readonly lastEventTime: number },
  eventTime: number,
): void {
  if (eventTime < state.lastEventTime) {
    throw new Refused('event-before-previous', {
      type: object.type,
      key: object.key,
      previous: state.lastEventTime,
      eventTime,
    });
  }
}

/** Dated ahead, what others say about a unit would keep its custodian from acting until then. @throws Refused `event-in-future`. */
export function notAhead({ eventTime, proposalTime }: Context): void {
  if (eventTime > proposalTime) throw new Refused('event-in-future', { eventTime, proposalTime });
}

/** @throws Refused `role-missing`. */
export function needsRole(caller: PartyState, role: PartyState['roles'][number]): void {
  if (!caller.roles.includes(role)) throw new Refused('role-missing', { party: caller.party, role });
}

/** Appends what is not yet in the list, and keeps its order. */
export function withParty(parties: readonly PartyId[], ...added: readonly PartyId[]): PartyId[] {
  return [...new Set([...parties, ...added])];
}
