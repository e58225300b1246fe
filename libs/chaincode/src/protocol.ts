/**
 * The one source of the names and shapes that the ledger and its callers share: commands, states, events, refusals.
 * Nothing is imported here, so that every process can name a command without loading a contract.
 *
 * Conventions: keys, digests and commitments are 64 lower-case hex digits; instants are ms since 1970 UTC; temperatures
 * are milli-degrees Celsius; durations ms; days `YYYY-MM-DD`. All numbers are safe integers. A command takes one string
 * argument, the JSON of its payload, and answers with the JSON of its {@link AnchorRecord} (or the state it wrote).
 */

/** Name of the chaincode on the channel and of the channel itself. */
export const CHAINCODE_NAME = 'coldchain';
export const CHANNEL_NAME = 'coldchain';
/** The organisation whose party is the first on the ledger and registers all others. */
export const REGULATOR_MSP = 'RegulatorMSP';
/**
 * Transaction that puts the regulator's own party on an empty ledger, once; its argument is an empty JSON object. It
 * anchors nothing and is not a {@link Command}: whoever deploys the chaincode sends it, signed by the regulator.
 */
export const SEED_FUNCTION = 'seedRegulator';

/** A party is one identity of an organisation: `MSP id` + `:` + enrolment name (the certificate's common name). */
export type PartyId = string;
/** 64 lower-case hex digits: a pseudonymous key, a digest or a commitment. */
export type Hex32 = string;

/** One transaction carries one event and at most this many distinct objects (units, batches or packs). */
export const MAX_OBJECTS = 50;
/** An event may lie at most this far in the future of the proposal. */
export const MAX_FUTURE_MS = 15 * 60_000;
/**
 * Whether a batch has expired is judged at the event's time, but at most this long before the proposal: a party that was
 * offline loses nothing, and nobody dispenses what expired months ago by dating the act back.
 */
export const MAX_LATE_FOR_EXPIRY_MS = 7 * 24 * 3_600_000;
/** Exposure ranges that a profile may declare. */
export const MAX_RANGES = 8;

// ─── Parties ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PARTY_ROLES = ['manufacturer', 'distributor', 'pharmacy', 'regulator', 'laboratory', 'destroyer'] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

/** What the regulator registered about a party. */
export interface PartyState {
  readonly party: PartyId;
  readonly roles: readonly PartyRole[];
  /** GS1 company prefixes, digits. A GTIN can only be profiled by the party whose prefix it carries. */
  readonly prefixes: readonly string[];
  readonly state: 'authorised' | 'suspended';
}

// ─── Product profiles (public by nature: in full on the ledger) ──────────────────────────────────────────────────────

/** How a temperature is compared with a limit. Devices differ: LogTag alarms at ≥, FridgeTag at >. */
export const COMPARATORS = ['>', '>=', '<', '<='] as const;
export type Comparator = (typeof COMPARATORS)[number];

/** Time beyond a limit that the product may accumulate over its whole life. */
export interface ExposureRange {
  readonly name: string;
  readonly comparator: Comparator;
  readonly limitMilliCelsius: number;
  readonly allowedMs: number;
}

/**
 * `nested`: a moment counts in every range that it breaks. `independent`: it counts only in the most extreme range that
 * it breaks on its side (hot or cold). `sum`: counted as independent, and Σ used/allowed must stay ≤ 1.
 */
export type BudgetCombination = 'independent' | 'nested' | 'sum';

/** What a product may take and what evidence it asks for; versioned per GTIN and never changed after publication. */
export interface ProductProfile {
  readonly gtin: string;
  readonly version: number;
  /** Closed range: a reading equal to a bound is inside. Outside of it an excursion is open. */
  readonly storage: { readonly minMilliCelsius: number; readonly maxMilliCelsius: number };
  readonly ranges: readonly ExposureRange[];
  readonly combine: BudgetCombination;
  /** Consecutive time at which the product counts as frozen; no average excuses it. */
  readonly freeze: {
    readonly comparator: '<' | '<=';
    readonly limitMilliCelsius: number;
    readonly consecutiveMs: number;
  } | null;
  /** Off (null) for sealed products. */
  readonly humidity: { readonly maxPermille: number; readonly consecutiveMs: number } | null;
  readonly evidence: 'logger' | 'location-sensor' | 'qualified-packaging' | 'none';
  /** Time without evidence that a leg may have before the thermal answer is unknown. */
  readonly gap: { readonly allowedMs: number; readonly policy: 'unknown' | 'last-value' | 'worst-plausible' };
  readonly longestTransitMs: number | null;
  /** Time per range that every pack has already spent when it is registered. Same length as `ranges`. */
  readonly openingMs: readonly number[];
}

/** Names a published profile: `gtin/version`. */
export type ProfileId = string;
export const profileId = (profile: { readonly gtin: string; readonly version: number }): ProfileId =>
  `${profile.gtin}/${profile.version}`;

// ─── Thermal state ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Exposure under one profile; `usedMs` has one entry per range of that profile, in its order. */
export interface Exposure {
  readonly profile: ProfileId;
  readonly usedMs: readonly number[];
  /** Longest consecutive time at or beyond the freeze limit. */
  readonly freezeRunMs: number;
}

/** Absolute totals of one leg: a custody interval of a unit with its evidence. A higher revision replaces a lower one. */
export interface LegRecord {
  readonly leg: Hex32;
  readonly revision: number;
  readonly custodian: PartyId;
  readonly durationMs: number;
  readonly gapMs: number;
  readonly coldestMilliCelsius: number | null;
  readonly hottestMilliCelsius: number | null;
  readonly exposures: readonly Exposure[];
  /** Commitment of the 0.1 °C dwell histogram of the leg. */
  readonly histogram: Hex32;
  /**
   * When the leg began. Decides which heirs a later revision reaches: units that took over this unit's thermal state
   * before the leg began are not touched. Absent: assumed to be older than every packing, so all heirs are charged.
   */
  readonly startedAt?: number;
}

/**
 * A leg record on a unit. `absorbed`: its exposure is already inside `inherited`, because the unit was packed into a
 * parent and taken out again with the parent's thermal state; it is kept so that a later revision is still judged.
 */
export interface StoredLeg extends LegRecord {
  readonly absorbed: boolean;
}

/** What a unit has been through: inherited at packing (maximum over the sources) plus the sum of its own legs. */
export interface ThermalState {
  readonly exposures: readonly Exposure[];
  readonly gapMs: number;
  readonly coldestMilliCelsius: number | null;
  readonly hottestMilliCelsius: number | null;
}

// ─── Objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const HOLD_KINDS = ['thermal', 'discrepancy', 'security', 'authority'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export const HOLD_REASONS = ['budget-exceeded', 'freeze-rule', 'unannounced-receipt', 'receipt-discrepancy'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** A unit has a set of holds; with any it is quarantined. Identified by its kind and the event that placed it. */
export interface Hold {
  readonly kind: HoldKind;
  readonly reason: HoldReason;
  readonly placedBy: PartyId;
  /** Commitment of the event that caused it. */
  readonly commitment: Hex32;
  readonly placedAt: number;
}

export interface BatchState {
  readonly batch: Hex32;
  readonly owner: PartyId;
  readonly profile: ProfileId;
  readonly certified: boolean;
  readonly expiry: string;
  /** One Merkle root (RFC 9162 hashing over pack keys in ascending order) per production run. */
  readonly packRoots: readonly Hex32[];
  readonly recall: { readonly class: 1 | 2 | 3; readonly depth: 'wholesale' | 'pharmacy' | 'patient' } | null;
  readonly lastEventTime: number;
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
}

export const PACK_STATES = ['dispensed', 'destroyed', 'sample', 'exported', 'stolen', 'locked'] as const;
export type PackStatus = (typeof PACK_STATES)[number];

/** A pack exists on the ledger from its first use on. */
export interface PackState {
  readonly pack: Hex32;
  readonly batch: Hex32;
  /** The unit it came from. */
  readonly unit: Hex32;
  readonly status: PackStatus;
  readonly by: PartyId;
  readonly at: number;
}

export type ObjectType = 'batch' | 'unit' | 'pack';
export interface ObjectReference {
  readonly type: ObjectType;
  readonly key: Hex32;
}

/** What the ledger keeps about an event: that this party committed to it, when, and about which objects. */
export interface AnchorRecord {
  readonly commitment: Hex32;
  readonly command: Command;
  readonly party: PartyId;
  readonly objects: readonly ObjectReference[];
  readonly eventTime: number;
  /** Time of the proposal, and how much later it is than the event (0 when earlier). */
  readonly proposalTime: number;
  readonly lateByMs: number;
  readonly transactionId: string;
  /** SHA-256 of the payload: the same commitment with other content is refused. */
  readonly contentDigest: Hex32;
}

// ─── Commands and their payloads ─────────────────────────────────────────────────────────────────────────────────────

/** Common to every command that anchors an EPCIS event. */
export interface EventPayload {
  readonly commitment: Hex32;
  /** The event's own time. */
  readonly eventTime: number;
}

export interface RegisterPartyPayload {
  readonly party: PartyId;
  readonly roles: readonly PartyRole[];
  readonly prefixes: readonly string[];
}
export interface PublishProfilePayload {
  readonly profile: ProductProfile;
}
export interface RegisterBatchPayload extends EventPayload {
  readonly batch: Hex32;
  readonly profile: ProfileId;
  readonly expiry: string;
}
export interface CertifyBatchPayload extends EventPayload {
  readonly batch: Hex32;
}
export interface AddPacksPayload extends EventPayload {
  readonly batch: Hex32;
  readonly root: Hex32;
}
export interface RecallBatchPayload extends EventPayload {
  readonly batch: Hex32;
  readonly class: 1 | 2 | 3;
  readonly depth: 'wholesale' | 'pharmacy' | 'patient';
}
export interface AggregateUnitPayload extends EventPayload {
  /** A new unit. */
  readonly unit: Hex32;
  /** Units packed whole into it: they become its children. */
  readonly children: readonly Hex32[];
  /** Units that loose packs were taken from: their thermal state and holds are inherited too. */
  readonly sources: readonly Hex32[];
  /** Batches of packs that were in no unit before (straight from production; caller must own them). */
  readonly batches: readonly Hex32[];
}
export interface DisaggregateUnitPayload extends EventPayload {
  readonly unit: Hex32;
  /** Children taken out; all of them dissolves the unit. */
  readonly children: readonly Hex32[];
}
export interface ShipUnitsPayload extends EventPayload {
  readonly units: readonly Hex32[];
  readonly receiver: PartyId;
}
export interface ReceiveUnitsPayload extends EventPayload {
  readonly units: readonly Hex32[];
  /** Commitment of the discrepancy that the receiver saw: places a discrepancy hold. */
  readonly discrepancy: Hex32 | null;
}
export interface ReceiveUnannouncedPayload extends EventPayload {
  readonly units: readonly Hex32[];
}
export interface RecordObservationPayload extends EventPayload {
  readonly units: readonly Hex32[];
}
export interface RecordExposurePayload extends EventPayload {
  readonly unit: Hex32;
  readonly record: LegRecord;
}
export interface DecommissionPackPayload extends EventPayload {
  readonly pack: Hex32;
  readonly batch: Hex32;
  readonly unit: Hex32;
  readonly status: PackStatus;
  /** RFC 9162 inclusion proof of the pack key against `batch.packRoots[run]`. */
  readonly proof: {
    readonly run: number;
    readonly index: number;
    readonly size: number;
    readonly path: readonly Hex32[];
  };
}

/** Every command with its payload. */
export interface CommandPayloads {
  readonly registerParty: RegisterPartyPayload;
  readonly publishProfile: PublishProfilePayload;
  readonly registerBatch: RegisterBatchPayload;
  readonly certifyBatch: CertifyBatchPayload;
  readonly addPacks: AddPacksPayload;
  readonly recallBatch: RecallBatchPayload;
  readonly aggregateUnit: AggregateUnitPayload;
  readonly disaggregateUnit: DisaggregateUnitPayload;
  readonly shipUnits: ShipUnitsPayload;
  readonly receiveUnits: ReceiveUnitsPayload;
  readonly receiveUnannounced: ReceiveUnannouncedPayload;
  readonly recordObservation: RecordObservationPayload;
  readonly recordExposure: RecordExposurePayload;
  readonly decommissionPack: DecommissionPackPayload;
}
export type Command = keyof CommandPayloads;

/** The event that a committed command emits: exactly one, past tense, with the full new state of all it touched. */
export const EVENT_NAMES = {
  registerParty: 'PartyRegistered',
  publishProfile: 'ProfilePublished',
  registerBatch: 'BatchRegistered',
  certifyBatch: 'BatchCertified',
  addPacks: 'PacksAdded',
  recallBatch: 'BatchRecalled',
  aggregateUnit: 'UnitAggregated',
  disaggregateUnit: 'UnitDisaggregated',
  shipUnits: 'UnitsShipped',
  receiveUnits: 'UnitsReceived',
  receiveUnannounced: 'UnitsReceivedUnannounced',
  recordObservation: 'ObservationRecorded',
  recordExposure: 'ExposureRecorded',
  decommissionPack: 'PackDecommissioned',
} as const satisfies Record<Command, string>;
export type EventName = (typeof EVENT_NAMES)[Command];

/** All commands, in the order of the README's table. */
export const COMMANDS = Object.keys(EVENT_NAMES) as readonly Command[];

/** Queries: read one object by its key; the answer is its JSON, or an empty string where there is none. */
export const QUERIES = ['getParty', 'getProfile', 'getBatch', 'getUnit', 'getPack', 'getAnchor'] as const;
export type Query = (typeof QUERIES)[number];

/** Payload of a ledger event. Lists hold the full new state, so that a projector needs no read. */
export interface LedgerEvent {
  readonly name: EventName;
  readonly anchor: AnchorRecord | null;
  readonly parties: readonly PartyState[];
  readonly profiles: readonly ProductProfile[];
  readonly batches: readonly BatchState[];
  readonly units: readonly UnitState[];
  readonly packs: readonly PackState[];
}

// ─── Refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Why a contract refuses. Literals: they travel as JSON `{code, details}` in the error message. */
export const REFUSALS = [
  'payload-invalid',
  'too-many-objects',
  'object-repeated',
  'party-unknown',
  'party-suspended',
  'party-exists-differently',
  'role-missing',
  'prefix-not-owned',
  'profile-unknown',
  'profile-exists-differently',
  'batch-unknown',
  'batch-exists',
  'batch-not-owned',
  'batch-not-certified',
  'batch-recalled',
  'batch-expired',
  'batch-already-certified',
  'unit-unknown',
  'unit-exists',
  'unit-dissolved',
  'unit-in-parent',
  'unit-not-child',
  'unit-in-transit',
  'unit-not-in-transit',
  'unit-held',
  'unit-empty',
  'not-custodian',
  'not-named-receiver',
  'receiver-unknown',
  'leg-not-of-caller',
  'leg-revision-not-rising',
  'exposure-profile-mismatch',
  'pack-already-decommissioned',
  'pack-not-of-batch',
  'pack-not-in-unit-batches',
  'event-in-future',
  'event-before-previous',
  'commitment-reused',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What stands in the message of a refused command. */
export interface RefusalMessage {
  readonly code: Refusal;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}
