import type { PartyId, UnitState } from '@coldchain/chaincode/protocol';
import { type Model, REGULATOR } from './model.js';

/** The party whose turn it is; so often, or when there is none, any other. */
export function aside(model: Model, party: PartyId | undefined, often: number): PartyId {
  const { draw } = model;
  return party === undefined || draw.chance(often) ? draw.one([...model.parties, REGULATOR], REGULATOR) : party;
}

/** Up to `most` units for which something holds; now and then any, or when there are none. */
export function unitsWhere(model: Model, holds: (unit: UnitState) => boolean, most: number): UnitState[] {
  const { draw, units } = model;
  const fitting = draw.chance(0.93) ? units.filter(holds) : units;
  return draw.some(fitting.length > 0 ? fitting : units, most);
}

/** The keys, or one that nothing has. */
export function some(model: Model, keys: string | readonly string[] | undefined, what: string): readonly string[] {
  const given = typeof keys === 'string' ? [keys] : (keys ?? []);
  return given.length === 0 || model.draw.chance(0.03) ? [model.fresh(what)] : given;
}

/** The owner of one of a unit's batches. */
export function ownerOf(model: Model, unit: UnitState | undefined): PartyId {
  const batch = model.draw.one(unit?.batches ?? [], undefined)?.batch;
  return model.batches.find((one) => one.batch === batch)?.owner ?? REGULATOR;
}
