import type {
  BatchState,
  Exposure,
  Hex32,
  PackState,
  PartyId,
  PartyState,
  ProductProfile,
  ProfileId,
  UnitState,
} from '@coldchain/chaincode/protocol';
import type { Transit } from '../evidence/transits.js';

/**
 * Everything that a verdict is computed from, collected under the asker's row-level security. Instants are ms since
 * 1970 UTC. `ledger` is the confirmed state, `expected` what it will be once everything captured here is committed
 * (null: nothing is captured beyond the ledger).
 */
export interface VerdictFacts {
  readonly now: number;
  /** How long an earlier ok stands when it cannot be confirmed. */
  readonly boundMs: number;
  readonly asker: PartyId;
  /** How the asker's own organisation stands. */
  readonly party: { readonly ledger: PartyState | null; readonly expected: PartyState | null };
  /** When the projection was last known to be at the ledger's height. */
  readonly ledgerConfirmedAt: number | null;
  /** All readings that were accepted before this are in the evaluations of legs; null: nothing has been evaluated. */
  readonly evaluationConfirmedAt: number | null;
  readonly found: Found;
}

/** What the code led to. */
export type Found =
  | { readonly state: 'product-not-found' }
  | { readonly state: 'data-not-received' }
  | { readonly state: 'pack-not-registered' }
  | { readonly state: 'lot-mismatch' }
  | { readonly state: 'found'; readonly object: ObjectFacts };

/** A pack, a batch or a unit that the asker may see. */
export interface ObjectFacts {
  readonly kind: 'pack' | 'batch' | 'unit';
  /** Of a pack and a batch exactly one. */
  readonly batches: readonly BatchFacts[];
  /** Of packs only. */
  readonly pack: PackFacts | null;
  /**
   * From the unit that the object lies in to its outermost parent. A pack and a unit have at most one chain; a batch has
   * one for each unit of it in the asker's custody.
   */
  readonly chains: readonly (readonly UnitFacts[])[];
  /** More units than one answer judges. */
  readonly moreUnits: boolean;
  readonly profiles: ReadonlyMap<ProfileId, ProductProfile>;
  /** Its ways from one organisation to another, where a profile limits them; none of a batch. */
  readonly transits: readonly Transit[];
  /** Expiry day as scanned (AI 17). */
  readonly scannedExpiry: string | null;
  readonly events: EventFacts;
}

export interface BatchFacts {
  readonly key: Hex32;
  /** As registered here; null where only the ledger knows the batch. */
  readonly expiry: string | null;
  readonly ledger: BatchState | null;
  readonly expected: BatchState | null;
}

export interface PackFacts {
  /** Production run whose root commits to it. */
  readonly run: number;
  readonly ledger: PackState | null;
  readonly expected: PackState | null;
}

export interface UnitFacts {
  readonly key: Hex32;
  readonly ledger: UnitState | null;
  readonly expected: UnitState | null;
  /** When it was packed; null where that is not visible. */
  readonly since: number | null;
  /** Goods in it were rejected after a deviation, in it or in a unit that they came out of. */
  readonly rejected: boolean;
  /** Its own, and those of units that it came out of or was filled from, up to then: all that may have harmed it. */
  readonly legs: readonly LegFacts[];
  /** Of `legs` its own and those of units that it lay in: what was measured beside its contents is no evidence of them. */
  readonly own: readonly LegFacts[];
  /** The units that its contents came from, up to then, each with evidence of its own. */
  readonly past: readonly PastFacts[];
}

/** The time that contents of a unit spent in another one before. */
export interface PastFacts {
  /** When that one was packed; null where that is not visible. */
  readonly since: number | null;
  readonly until: number;
  readonly legs: readonly LegFacts[];
}

/** A leg as evaluated here; newer than what the ledger has been told. */
export interface LegFacts {
  readonly key: Hex32;
  /** Names unit and custodian: legs that share it share the time without evidence that a profile allows. */
  readonly custody: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Time of the newest reading. */
  readonly readingAt: number | null;
  /** Up to when what was read last holds; null: nothing was. */
  readonly holdsUntil: number | null;
  /** Up to when `exposures` has what goes on for certain: the newest reading, or what it holds up to now. */
  readonly countedTo: number | null;
  /** Time in which qualified packaging vouches where nothing was measured, [from, to) each. */
  readonly vouched: readonly (readonly [number, number])[];
  readonly gapMs: number;
  /** Of the gap the first and the last time that nothing was measured, [from, to) each; all of them where a part is doubted. */
  readonly gaps: readonly (readonly [number, number])[];
  /** Of the gap what was measured although nothing vouches for it, [from, to) each, ascending. */
  readonly doubted: readonly (readonly [number, number])[];
  /** Its end has been evaluated. */
  readonly final: boolean;
  /** Up to now, as gap policies charge the silence. */
  readonly exposures: readonly Exposure[];
  /** What the record of the leg says, on the ledger and as expected; empty without one. */
  readonly recorded: { readonly ledger: readonly Exposure[]; readonly expected: readonly Exposure[] };
  /** Storage bounds that its newest reading breaks. */
  readonly breaches: readonly BreachFacts[];
  /** From then on its logger measured beyond its calibration; null: it did not, or no calibration is known. */
  readonly uncalibratedSince: number | null;
}

/** A broken bound of a profile's storage range. */
export interface BreachFacts {
  readonly profile: ProfileId;
  /** The newest reading. */
  readonly milliCelsius: number;
}

/** Events about the object whose anchors are missing, among those that the asker may see. */
export interface EventFacts {
  readonly oldestPendingAt: number | null;
  readonly refusals: readonly { readonly code: string; readonly at: number }[];
}
