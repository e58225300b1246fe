import type {
  AccessState,
  AnchorRecord,
  Command,
  DeviceState,
  LedgerEvent,
  PartyId,
  PartyState,
  ProductProfile,
  RefusalMessage,
  RootState,
} from '../protocol';

/** Kinds of state, and with them the first part of a state key. */
export type StateType = 'party' | 'profile' | 'batch' | 'unit' | 'pack' | 'device' | 'access' | 'root' | 'anchor';

/** What a command without an event leaves and answers with. */
export type StandingState = PartyState | ProductProfile | DeviceState | AccessState | RootState;

/** One call of a command, as the ledger sees it. */
export interface Call {
  readonly command: Command;
  /** Parsed JSON, not yet checked. */
  readonly payload: unknown;
  readonly caller: PartyId;
  /** The proposal's own time, ms; the endorsers bound it, the rules only compare with it. */
  readonly proposalTime: number;
  readonly transactionId: string;
}

/** Names one state. */
export interface StateReference {
  readonly type: StateType;
  readonly key: string;
}

/**
 * Reads committed states in one go, for each reference the parsed one or undefined where there is none. What it returns
 * was written by a {@link Decision}.
 */
export type StateReader = (references: readonly StateReference[]) => Promise<readonly unknown[]>;

/** One state to write. */
export interface StateWrite {
  readonly type: StateType;
  readonly key: string;
  readonly state: object;
}

/**
 * What the rules say to a call. `replay`: the same act was committed before; its record is the result, nothing is written
 * and no event is emitted.
 */
export type Decision =
  | {
      readonly ok: true;
      readonly replay: boolean;
      readonly writes: readonly StateWrite[];
      readonly event: LedgerEvent | null;
      readonly result: AnchorRecord | StandingState;
    }
  | { readonly ok: false; readonly refusal: RefusalMessage };
