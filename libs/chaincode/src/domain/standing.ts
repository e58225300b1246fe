import type { PartyId } from '../protocol';
import type { Draft } from './draft';

/** What a rule of a command without an event has at hand beside its payload. */
export interface StandingContext {
  readonly draft: Draft;
  /** Not yet known to be registered. */
  readonly caller: PartyId;
  readonly proposalTime: number;
}

/** What such a rule found: the state, and whether it stood there before. */
export interface Registered<State> {
  readonly state: State;
  readonly replay: boolean;
}
