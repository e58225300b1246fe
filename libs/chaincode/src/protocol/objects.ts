import type { Exposure, Hex32, PartyId, ProfileId, StoredLeg, ThermalState } from './basics';

export const HOLD_KINDS = ['thermal', 'discrepancy', 'security', 'authority'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export const HOLD_REASONS = [
  'budget-exceeded',
  'freeze-rule',
  'unannounced-receipt',
  'receipt-discrepancy',
  'receipt-refused',
  'temperature-doubted',
  'discrepancy-reported',
  'falsification-suspected',
  'ordered-by-authority',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** A unit has a set of holds; with any it is quarantined. Identified by its kind and the event that placed it. */
export interface Hold {
  readonly kind: HoldKind;
  readonly reason: HoldReason;
  readonly placedBy: PartyId;
  /** Commitment of the event that caused it. */
  readonly commitment: Hex32;
  readonly placedAt: number;
  /** What owners of the unit's batches said about it, at most one per batch, the last; absent: nothing yet. */
  readonly assessments?: readonly HoldAssessment[];
}

/** Names one hold of a unit. */
export type HoldReference = Pick<Hold, 'kind' | 'reason' | 'commitment'>;

/** What the owner of a batch says: may his goods be used after what the hold is about? */
export const HOLD_CONCLUSIONS = ['usable', 'not-usable'] as const;
export type HoldConclusion = (typeof HOLD_CONCLUSIONS)[number];

/** An owner's assessment of a hold for one of his batches. */
export interface HoldAssessment {
  readonly batch: Hex32;
  readonly by: PartyId;
  readonly conclusion: HoldConclusion;
  /** What the unit had been through under the batch's profile when it was assessed: what comes on top is not covered. */
  readonly exposure: Exposure | null;
  /** Commitment of the event that says so. */
  readonly commitment: Hex32;
  readonly at: number;
}

/** A hold that was released. Kept, so that what was assessed does not place it again and children know of it. */
export interface HoldRelease extends HoldReference {
  readonly releasedBy: PartyId;
  readonly releasedAt: number;
  /** Commitment of the releasing event. */
  readonly releasedWith: Hex32;
  /** The unit's exposures at that time: only what goes beyond them places a thermal hold of this reason again. */
  readonly exposures: readonly Exposure[];
}

/** What was said so far about an unannounced claim; it ends when custodian and claimant both spoke. */
export interface ClaimResolution {
  /** The custodian who spoke and to whom he leaves the unit; void when the custodian changed since. */
  readonly custodian: { readonly party: PartyId; readonly custodyTo: PartyId } | null;
  /** The claimant who leaves the answer to the custodian. */
  readonly claimant: PartyId | null;
}

export interface BatchState {
  readonly batch: Hex32;
  readonly owner: PartyId;
  readonly profile: ProfileId;
  readonly certified: boolean;
  readonly expiry: string;
  /** One Merkle root (RFC 9162 hashing over pack keys in ascending order) per production run. */
  readonly packRoots: readonly Hex32[];
  /** The gravest recall that stands; null while none does. */
  readonly recall: Recall | null;
  readonly lastEventTime: number;
  /** Recalls of other parties that stand beside it: each ends by who made it. Absent: none. */
  readonly recallsBeside?: readonly Recall[];
}

/** A recall of a batch by one party; class 1 is the gravest. */
export interface Recall {
  readonly class: 1 | 2 | 3;
  readonly depth: 'wholesale' | 'pharmacy' | 'patient';
  /** Who may lift it: the owner, or the regulator who recalled. Absent in older states: then any regulator. */
  readonly by?: PartyId;
}

/** `dissolved`: unpacked completely; it stays readable for its last thermal state and nothing else is possible. */
export type UnitStatus = 'held-by-custodian' | 'in-transit' | 'dissolved';

export interface UnitState {
  readonly unit: Hex32;
  readonly status: UnitStatus;
  readonly custodian: PartyId;
  /** The named receiver while in transit. */
  readonly receiver: PartyId | null;
  /** A party that announced possession without being named: beside the recorded custodian until resolved. */
  readonly claimedBy: PartyId | null;
  /** While a unit has a parent, every other command on it is refused: its parent speaks for it. */
  readonly parent: Hex32 | null;
  readonly children: readonly Hex32[];
  readonly batches: readonly { readonly batch: Hex32; readonly profile: ProfileId }[];
  readonly inherited: ThermalState;
  readonly legs: readonly StoredLeg[];
  /**
   * Units that took over this unit's thermal state (packed into, fed by, or taken out of it). What a late revision of a
   * leg adds is added to all of them as well: an upper bound, because which source was the maximum is not kept.
   */
  readonly heirs: readonly Hex32[];
  /** Event time at which each heir took the state over; same order as `heirs`. */
  readonly heirTimes: readonly number[];
  /** Parties that held it before, without repetition: a leg of theirs may be recorded after the goods went on. */
  readonly previousCustodians: readonly PartyId[];
  /** Packs lie in it that are in none of its children: taking out the last child does not dissolve it. */
  readonly loosePacks: boolean;
  /** `inherited` plus the sum over the legs that are not absorbed. */
  readonly total: ThermalState;
  readonly holds: readonly Hold[];
  readonly lastEventTime: number;
  /** Absent: none. */
  readonly releases?: readonly HoldRelease[];
  /** Absent: nobody has spoken about the claim. */
  readonly resolution?: ClaimResolution;
}

export const PACK_STATES = ['dispensed', 'destroyed', 'sample', 'exported', 'stolen', 'locked'] as const;
export type PackStatus = (typeof PACK_STATES)[number];

/** A pack exists on the ledger from its first use on. `active`: that use was reverted, the next one may come. */
export interface PackState {
  readonly pack: Hex32;
  readonly batch: Hex32;
  /** The unit it came from. */
  readonly unit: Hex32;
  readonly status: PackStatus | 'active';
  readonly by: PartyId;
  readonly at: number;
  /** Time of the proposal, from which the window of reversal is counted. Absent in older states: then `at`. */
  readonly recordedAt?: number;
}

/** A measuring device of a party, under a pseudonymous key. */
export interface DeviceState {
  readonly device: Hex32;
  readonly owner: PartyId;
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER) that its frames are signed with. */
  readonly publicKey: Hex32;
  /** Last day of the calibration. */
  readonly calibrationDue: string;
  readonly state: 'registered' | 'revoked';
  /** The unit that it measures, since when (event time). */
  readonly bound: { readonly unit: Hex32; readonly since: number } | null;
}

/** Who may see the data behind an object, and until when; a grant counts while `granted` and before `until`. */
export interface AccessState {
  readonly object: ObjectReference;
  readonly grantedBy: PartyId;
  readonly party: PartyId;
  readonly until: number;
  readonly state: 'granted' | 'revoked';
}

/** Names a grant: what, by whom, to whom. */
export const accessKey = (access: Pick<AccessState, 'object' | 'grantedBy' | 'party'>): string =>
  `${access.object.type}/${access.object.key}/${access.grantedBy}/${access.party}`;

/** Merkle root (RFC 9162 §2.1.1) over the digests of the telemetry frames of one window of a log. */
export interface RootState {
  readonly log: Hex32;
  /** Counts from 0 without holes. */
  readonly index: number;
  readonly party: PartyId;
  readonly root: Hex32;
  /** Leaves under the root. */
  readonly count: number;
  /** Half-open window [from, to) in which the frames were accepted. */
  readonly window: { readonly from: number; readonly to: number };
  /** Root of the index before; null for the first. */
  readonly previous: Hex32 | null;
}

/** Names a root of a log. */
export const rootKey = (root: Pick<RootState, 'log' | 'index'>): string => `${root.log}/${root.index}`;

export type ObjectType = 'batch' | 'unit' | 'pack';
export interface ObjectReference {
  readonly type: ObjectType;
  readonly key: Hex32;
}
