import {
  type AnchoredCommand,
  type CommandPayloads,
  type Hex32,
  MAX_OBJECTS,
  type ObjectReference,
  type ObjectType,
  type PartyId,
} from '../protocol';
import type { StateReference } from './call';
import { Refused } from './refused';

const references = (type: ObjectType, ...keys: readonly Hex32[]): ObjectReference[] =>
  keys.map((key) => ({ type, key }));

const batchOf = (payload: { readonly batch: Hex32 }): ObjectReference[] => references('batch', payload.batch);
const unitsOf = (payload: { readonly units: readonly Hex32[] }): ObjectReference[] =>
  references('unit', ...payload.units);

const NAMED: { readonly [Name in AnchoredCommand]: (payload: CommandPayloads[Name]) => ObjectReference[] } = {
  registerBatch: batchOf,
  certifyBatch: batchOf,
  addPacks: batchOf,
  recallBatch: batchOf,
  liftRecall: batchOf,
  aggregateUnit: ({ unit, children, sources, batches }) => [
    ...references('unit', unit, ...children, ...sources),
    ...references('batch', ...batches),
  ],
  disaggregateUnit: ({ unit, children }) => references('unit', unit, ...children),
  shipUnits: unitsOf,
  cancelShipment: unitsOf,
  receiveUnits: unitsOf,
  refuseReceipt: unitsOf,
  receiveUnannounced: unitsOf,
  resolveDiscrepancy: unitsOf,
  recordObservation: unitsOf,
  recordExposure: ({ unit }) => references('unit', unit),
  placeHold: unitsOf,
  assessHold: unitsOf,
  releaseHold: unitsOf,
  decommissionPack: ({ pack, unit, batch }) => [
    ...references('pack', pack),
    ...references('unit', unit),
    ...references('batch', batch),
  ],
  revertDecommission: ({ pack }) => references('pack', pack),
  bindDevice: ({ unit }) => references('unit', unit),
};

/**
 * The states that judging a payload will surely ask for: the anchor, the parties and the objects that it names. At most
 * as many as an event may have, because the payload may yet be refused for naming more.
 */
export function statesBehind<Name extends AnchoredCommand>(
  command: Name,
  payload: CommandPayloads[Name],
  caller: PartyId,
): StateReference[] {
  const receivers: StateReference[] = 'receiver' in payload ? [{ type: 'party', key: payload.receiver }] : [];
  return [
    { type: 'anchor', key: payload.commitment },
    { type: 'party', key: caller },
    ...receivers,
    ...NAMED[command](payload).slice(0, MAX_OBJECTS),
  ];
}

/**
 * The objects that a checked payload names, in its order.
 * @throws Refused `object-repeated`, `too-many-objects`.
 */
export function namedObjects<Name extends AnchoredCommand>(
  command: Name,
  payload: CommandPayloads[Name],
): ObjectReference[] {
  const named = NAMED[command](payload);
  const seen = new Set<string>();
  for (const { type, key } of named) {
    if (seen.has(`${type}:${key}`)) throw new Refused('object-repeated', { type, key });
    seen.add(`${type}:${key}`);
  }
  if (named.length > MAX_OBJECTS) throw new Refused('too-many-objects', { objects: named.length, most: MAX_OBJECTS });
  return named;
}
