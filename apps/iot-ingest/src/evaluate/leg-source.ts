import type { Vouching } from '@coldchain/telemetry';

/** A logger that speaks for a leg; times in ms since 1970. */
export interface LegSource extends Vouching {
  readonly logger: number;
  /** `bound`: it is with the unit. `place`: it watches where the unit is. */
  readonly kind: 'bound' | 'place';
  /** It may have begun before the leg: then what it said last holds on into it. */
  readonly since: number;
  /** null: it goes on. */
  readonly until: number | null;
  readonly intervalMs: number;
  readonly accuracyMilliCelsius: number;
  /** How far its clock may be off: what is declared, and what was noticed of it and of its gateway. */
  readonly clockUncertaintyMs: number;
}

/** Qualified packaging that a unit was closed in. */
export interface UnitPackaging {
  readonly closedAt: number;
  /** From when on it vouches where that was told late; its hours run from when it was closed. null: from then. */
  readonly vouchesFrom: number | null;
  readonly openedAt: number | null;
  readonly qualifiedMs: number;
  readonly minMilliCelsius: number;
  readonly maxMilliCelsius: number;
}
