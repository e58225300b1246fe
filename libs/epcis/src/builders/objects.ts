import { lgtinLink, sgtinLink, ssccLink } from '@coldchain/gs1';
import type { Gtin, Lot, Serial, Sscc } from '@coldchain/gs1';
import type { JsonValue } from '../json.js';

/** One serialised pack. */
export interface Pack {
  readonly gtin: Gtin;
  readonly serial: Serial;
}

/** A lot, with the number of packs where it is told. */
export interface LotQuantity {
  readonly gtin: Gtin;
  readonly lot: Lot;
  readonly quantity?: number;
}

/** What an event is about. */
export interface Objects {
  readonly units?: readonly Sscc[];
  readonly packs?: readonly Pack[];
  readonly lots?: readonly LotQuantity[];
}

/** Digital Links of units and packs. */
export function epcsOf({ units = [], packs = [] }: Objects): string[] {
  return [...units.map(ssccLink), ...packs.map(({ gtin, serial }) => sgtinLink(gtin, serial))];
}

/** Quantity elements of lots. */
export function quantitiesOf(lots: readonly LotQuantity[] = []): JsonValue[] {
  return lots.map(({ gtin, lot, quantity }) => ({
    epcClass: lgtinLink(gtin, lot),
    ...(quantity === undefined ? {} : { quantity }),
  }));
}
