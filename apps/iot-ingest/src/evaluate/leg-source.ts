/** A logger that speaks for a leg; times in ms since 1970. */
export interface LegSource {
  readonly logger: number;
  /** `bound`: it is with the unit. `place`: it watches where the unit is. */
  readonly kind: 'bound' | 'place';
  /** It may have begun before the leg: then what it said last holds on into it. */
  readonly since: number;
  /** null: it goes on. */
  readonly until: number | null;
  /**
   * Later it was said that the goods were elsewhere since: what it measured from then on counts against them, and is no
   * evidence for them. null: it vouches as long as it speaks.
   */
  readonly vouchesUntil: number | null;
  readonly intervalMs: number;
  readonly accuracyMilliCelsius: number;
  /** How far its clock may be off: what is declared, and what was noticed of it and of its gateway. */
  readonly clockUncertaintyMs: number;
}

/** Qualified packaging that a unit was closed in. */
export interface UnitPackaging {
  readonly closedAt: number;
  readonly openedAt: number | null;
  readonly qualifiedMs: number;
  readonly minMilliCelsius: number;
  readonly maxMilliCelsius: number;
}
