import { breaksFreezeRule, exceedsBudget } from '@coldchain/chaincode/domain';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import {
  addBounds,
  type ExposureBounds,
  exposureBounds,
  type LegEvidence,
  type LegState,
  legTotals,
  openingBounds,
  type Outcome,
  outcomeOf,
} from '@coldchain/telemetry';
import type { WhatIfLegRow, WhatIfUnitRow } from './what-if.queries.js';

/** A unit under the profile that it has and under the proposed one. */
export interface WhatIfUnit {
  readonly sscc: string;
  /** `gtin/version` that its goods were registered under. */
  readonly profile: string;
  readonly before: 'within' | 'exceeded';
  readonly after: Outcome;
  /** Legs that the organisation does not see, or that are not evaluated: their histograms are missing. */
  readonly legsMissing: number;
}

/**
 * Judges units by a proposed profile from the histograms of their legs. What a unit took over from others is at least
 * nothing and at most all that those went through: a unit that was never repacked is judged exactly.
 */
export function whatIf(
  proposed: ProductProfile,
  versions: ReadonlyMap<string, ProductProfile>,
  units: readonly WhatIfUnitRow[],
  legs: readonly WhatIfLegRow[],
): readonly WhatIfUnit[] {
  const byKey = new Map(units.map((unit) => [unit.unit_key, unit]));
  const legsOf = (key: string): readonly WhatIfLegRow[] => legs.filter((leg) => leg.unit_key === key);
  return units
    .filter(({ state }) => state.status !== 'dissolved')
    .flatMap((unit) =>
      [...new Set(unit.state.batches.map(({ profile }) => profile))].flatMap((id) => {
        const present = versions.get(id);
        if (present === undefined) return [];
        const sources = sourcesOf(unit.unit_key, units);
        const own = boundsOf(legsOf(unit.unit_key), proposed, id, openingBounds(proposed));
        let { bounds, missing } = { bounds: own.bounds, missing: own.missing + unrecorded(unit, legsOf) };
        for (const key of sources) {
          const source = byKey.get(key);
          const others = boundsOf(
            legsOf(key),
            proposed,
            id,
            openingBounds({ ...proposed, openingMs: zeros(proposed) }),
          );
          bounds = { atLeast: bounds.atLeast, atMost: addBounds(bounds, others.bounds).atMost };
          missing += others.missing + (source === undefined ? 0 : unrecorded(source, legsOf));
        }
        const after = outcomeOf(proposed, bounds);
        return [
          {
            sscc: unit.sscc,
            profile: id,
            before: isBroken(unit, id, present) ? ('exceeded' as const) : ('within' as const),
            after: after === 'within' && missing > 0 ? ('undetermined' as const) : after,
            legsMissing: missing,
          },
        ];
      }),
    );
}

const zeros = (profile: ProductProfile): readonly number[] => profile.ranges.map(() => 0);

function isBroken(unit: WhatIfUnitRow, id: string, profile: ProductProfile): boolean {
  const exposure = unit.state.total.exposures.find((one) => one.profile === id);
  return exposure !== undefined && (exceedsBudget(exposure, profile) || breaksFreezeRule(exposure, profile));
}

/** All units that a unit took its state over from, and those before them. */
function sourcesOf(key: string, units: readonly WhatIfUnitRow[]): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [key];
  for (const next of waiting) {
    for (const { unit_key: source, state } of units) {
      if (source === key || found.has(source) || !state.heirs.includes(next)) continue;
      found.add(source);
      waiting.push(source);
    }
  }
  return found;
}

function boundsOf(
  legs: readonly WhatIfLegRow[],
  proposed: ProductProfile,
  id: string,
  start: ExposureBounds,
): { readonly bounds: ExposureBounds; readonly missing: number } {
  let bounds = start;
  let missing = 0;
  for (const { state } of legs) {
    if (state === null || state.version < 2) missing++;
    else bounds = addBounds(bounds, exposureBounds(evidenceOf(state, id), proposed));
  }
  return { bounds, missing };
}

function evidenceOf(state: LegState, id: string): LegEvidence {
  const index = legTotals(state).exposures.findIndex(({ profile }) => profile === id);
  const exposure = legTotals(state).exposures[index];
  const profile = state.profiles[index];
  return { ...state, known: profile === undefined || exposure === undefined ? null : { profile, exposure } };
}

/** Legs that the ledger knows of and that are not seen here. */
function unrecorded(unit: WhatIfUnitRow, legsOf: (key: string) => readonly WhatIfLegRow[]): number {
  const seen = new Set(legsOf(unit.unit_key).map(({ leg_key }) => leg_key));
  return unit.state.legs.filter(({ leg }) => !seen.has(leg)).length;
}
