import { HOLD_KINDS, HOLD_REASONS, type HoldReference, type UnitState } from '@coldchain/chaincode/protocol';
import type { Proposal } from './act.js';
import { type Model, REGULATOR } from './model.js';
import { aside, ownerOf, some, unitsWhere } from './pick.js';

const free = (unit: UnitState): boolean => unit.parent === null && unit.status !== 'dissolved';
const held = (unit: UnitState): boolean => free(unit) && unit.holds.length > 0;

function referenceOf(model: Model, unit: UnitState | undefined): HoldReference {
  const { draw } = model;
  const hold = draw.chance(0.95) ? draw.one(unit?.holds ?? [], undefined) : undefined;
  if (hold !== undefined) return { kind: hold.kind, reason: hold.reason, commitment: hold.commitment };
  return { kind: draw.one(HOLD_KINDS), reason: draw.one(HOLD_REASONS), commitment: model.fresh('hold') };
}

/** Draws acts about holds: mostly what its party may do, sometimes anything. */
export const HOLDS: {
  readonly [Name in 'placeHold' | 'assessHold' | 'releaseHold']: (model: Model) => Proposal<Name>;
} = {
  placeHold: (model) => {
    const { draw } = model;
    const [unit] = unitsWhere(model, free, 1);
    const kind = draw.one(HOLD_KINDS);
    const custodian = draw.chance(0.6) ? unit?.custodian : ownerOf(model, unit);
    const party = kind === 'authority' ? REGULATOR : custodian;
    return {
      party: aside(model, party, 0.2),
      payload: { ...model.event(), units: some(model, unit?.unit, 'unit'), kind },
    };
  },

  assessHold: (model) => {
    const { draw } = model;
    const thermal = (unit: UnitState): boolean => held(unit) && unit.holds.some(({ kind }) => kind === 'thermal');
    const [unit] = unitsWhere(model, draw.chance(0.8) ? thermal : held, 1);
    const payload = {
      ...model.event(),
      units: some(model, unit?.unit, 'unit'),
      hold: referenceOf(model, unit),
      conclusion: draw.chance(0.75) ? ('usable' as const) : ('not-usable' as const),
    };
    return { party: aside(model, ownerOf(model, unit), 0.12), payload };
  },

  releaseHold: (model) => {
    const { draw } = model;
    const [unit] = unitsWhere(model, held, 1);
    const hold = referenceOf(model, unit);
    const placed = unit?.holds.find(({ commitment }) => commitment === hold.commitment);
    const party = hold.kind === 'thermal' ? unit?.custodian : hold.kind === 'authority' ? REGULATOR : placed?.placedBy;
    const payload = { ...model.event(), units: some(model, unit?.unit, 'unit'), hold };
    return { party: aside(model, party, draw.chance(0.5) ? 0.05 : 0.2), payload };
  },
};
