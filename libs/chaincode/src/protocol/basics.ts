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
/** A decommissioning may be reverted this long after its proposal (Delegated Regulation (EU) 2016/161 Art. 13: 10 days). */
export const REVERT_WINDOW_MS = 10 * 24 * 3_600_000;
/** Holds that one unit may carry, so that its state stays small; only the rules of exposure go beyond. */
export const MAX_HOLDS = 100;
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

/** `instant`: one reading is too much. `consecutive`: time in one piece counts. `cumulative`: all time adds up. */
export const ACTIVATIONS = ['instant', 'consecutive', 'cumulative'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** Time beyond a limit that the product may take. */
export interface ExposureRange {
  readonly name: string;
  readonly comparator: Comparator;
  readonly limitMilliCelsius: number;
  readonly allowedMs: number;
  /** Absent: `cumulative`, over the product's whole life. `instant` asks for an `allowedMs` of 0. */
  readonly activation?: Activation;
  /** Reaching the allowed time is too much already, as alarms of devices count it. Absent: only what is beyond it. */
  readonly tripsAtAllowed?: boolean;
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
  readonly gap: {
    readonly allowedMs: number;
    /** What time without evidence is charged with: nothing, the value before it, or the worst that is plausible. */
    readonly policy: 'unknown' | 'last-value' | 'worst-plausible';
    /** The worst that is plausible. Absent: the extremes that the leg measured up to the end of the gap. */
    readonly plausible?: { readonly minMilliCelsius: number; readonly maxMilliCelsius: number };
  };
  readonly longestTransitMs: number | null;
  /** Time per range that every pack has already spent when it is registered. Same length as `ranges`. */
  readonly openingMs: readonly number[];
  /** Limit on the mean kinetic temperature over every window of a length. Absent: none. Judged off the ledger. */
  readonly mkt?: MktRule;
  /** Activation energy of the product's degradation, J/mol. Absent: 83,144 (USP <1160>). */
  readonly activationEnergyJoule?: number;
  /** Uncertainty of sensors: every limit is judged that much more strictly. Absent: 0. */
  readonly guardBandMilliCelsius?: number;
  /** After packing, while a logger adapts, no rule but freezing counts for so long. Absent: 0. */
  readonly ignoreAfterPackingMs?: number;
}

/** A limit on the mean kinetic temperature (USP <1079.2>). */
export interface MktRule {
  readonly windowMs: number;
  readonly limitMilliCelsius: number;
  /** Where a reading is above it the mean does not apply. null: no ceiling. */
  readonly ceilingMilliCelsius: number | null;
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
  /**
   * Longest time in one piece per range (of an `instant` range at least 1 when a reading broke it). Present where the
   * profile has a range that is not cumulative.
   */
  readonly longestMs?: readonly number[];
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
