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
import { judgeEvidence } from '../verification/temperature.js';
import type { UnitFacts } from '../verification/verdict-facts.js';
import type { WhatIfLegRow, WhatIfUnitRow } from './what-if.queries.js';

/** A unit under the profile that it has and under the proposed one. */
export interface WhatIfUnit {
  readonly sscc: string;
  /** `gtin/version` that its goods were registered under. */
  readonly profile: string;
  readonly before: 'within' | 'exceeded';
  readonly after: Outcome;
  /** Whether the evidence that the profile asks for is there, as verdicts judge it. */
  readonly evidence: { readonly before: EvidenceOutcome; readonly after: EvidenceOutcome };
  /** Legs that the organisation does not see, or that are not evaluated: their histograms are missing. */
  readonly legsMissing: number;
}

/** `undetermined`: the legs were evaluated with other kinds of evidence than the profile takes. */
export type EvidenceOutcome = 'complete' | 'incomplete' | 'undetermined';

/** What profiles of a product are asked about. */
export interface WhatIfQuestion {
  readonly proposed: ProductProfile;
  /** Published versions by `gtin/version`. */
  readonly versions: ReadonlyMap<string, ProductProfile>;
  /** As verdicts see the units: each with those around it, by the key of the innermost. */
  readonly chains: ReadonlyMap<string, readonly UnitFacts[]>;
  readonly now: number;
}

/**
 * Judges units by a proposed profile from the histograms of their legs. What a unit took over from others is at least
 * nothing and at most all that those went through: a unit that was never repacked is judged exactly.
 */
export function whatIf(
  { proposed, versions, chains, now }: WhatIfQuestion,
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
            evidence: evidenceOutcomes(chains.get(unit.unit_key) ?? [], present, proposed, now),
            legsMissing: missing,
          },
        ];
      }),
    );
}

/** From what takes nothing but bound loggers to what needs none: each takes what those before it take. */
const EVIDENCE_ORDER = ['logger', 'location-sensor', 'qualified-packaging', 'none'] as const;

function evidenceOutcomes(
  chain: readonly UnitFacts[],
  present: ProductProfile,
  proposed: ProductProfile,
  now: number,
): WhatIfUnit['evidence'] {
  const judged = (profile: ProductProfile): EvidenceOutcome =>
    judgeEvidence(chain, profile, now).complete ? 'complete' : 'incomplete';
  const [before, after] = [judged(present), judged(proposed)];
  const wider = EVIDENCE_ORDER.indexOf(proposed.evidence) - EVIDENCE_ORDER.indexOf(present.evidence);
  // What a narrower profile no longer takes, and what a wider one would take, is not in the legs as they were evaluated.
  const isTold = wider === 0 || proposed.evidence === 'none' || (after === 'complete') === wider > 0;
  return { before, after: isTold ? after : 'undetermined' };
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
