import type { Gtin, LocalDate, Lot, Serial } from '@coldchain/gs1';
import type { EpcisEvent } from '../parse-event.js';
import { eventOf } from './circumstances.js';
import type { Circumstances } from './circumstances.js';
import { epcsOf, quantitiesOf } from './objects.js';
import type { LotQuantity } from './objects.js';

/** Packs of a lot that come into being; without serials the lot alone. */
export interface Commissioning extends Circumstances {
  readonly gtin: Gtin;
  readonly lot: Lot;
  readonly expiry: LocalDate;
  readonly serials: readonly Serial[];
  /** Number of packs, told only where no serials are. */
  readonly quantity?: number;
}

/**
 * Object ADD commissioning, active; lot and expiry as instance/lot master data (`cbvmda`).
 * @throws EpcisError `event-invalid`
 */
export function commissioningEvent(act: Commissioning): EpcisEvent {
  const { gtin, lot, expiry, serials, quantity } = act;
  const whole = serials.length > 0 ? [] : [{ gtin, lot, ...(quantity === undefined ? {} : { quantity }) }];
  return eventOf('ObjectEvent', act, {
    action: 'ADD',
    bizStep: 'commissioning',
    disposition: 'active',
    epcList: epcsOf({ packs: serials.map((serial) => ({ gtin, serial })) }),
    quantityList: quantitiesOf(whole),
    ilmd: { 'cbvmda:lotNumber': lot, 'cbvmda:itemExpirationDate': expiry },
  });
}

/** An act on a whole lot. */
export type LotAct = Circumstances & LotQuantity;

/** Object OBSERVE inspecting, conformant: the Qualified Person's certification. @throws EpcisError `event-invalid` */
export function certificationEvent(act: LotAct): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'inspecting',
    disposition: 'conformant',
    quantityList: quantitiesOf([act]),
  });
}

/** Object OBSERVE holding, recalled: every unit and pack of the lot. @throws EpcisError `event-invalid` */
export function recallEvent(act: LotAct): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'holding',
    disposition: 'recalled',
    quantityList: quantitiesOf([act]),
  });
}

/**
 * Object OBSERVE inspecting, conformant, recalled no more: the recall of the lot is lifted. The unset state tells it from
 * a certification of the same instant.
 * @throws EpcisError `event-invalid`
 */
export function recallLiftEvent(act: LotAct): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'inspecting',
    disposition: 'conformant',
    persistentDisposition: { unset: ['recalled'] },
    quantityList: quantitiesOf([act]),
  });
}
