import { pglnLink } from '@coldchain/gs1';
import type { Gln } from '@coldchain/gs1';
import type { EpcisEvent } from '../parse-event.js';
import type { BizStep, Disposition } from '../vocabulary.js';
import { eventOf, present } from './circumstances.js';
import type { Circumstances } from './circumstances.js';
import { epcsOf, quantitiesOf } from './objects.js';
import type { Objects, Pack } from './objects.js';

/** Objects that change hands. The parties are GLNs of organisations. */
export interface Handover extends Circumstances, Objects {
  /** Who had them. Unknown for goods that come unannounced. */
  readonly from?: Gln;
  /** Who gets them. */
  readonly to?: Gln;
}

const parties = ({ from, to }: Handover) => ({
  sourceList: from === undefined ? [] : [{ type: 'possessing_party', source: pglnLink(from) }],
  destinationList: to === undefined ? [] : [{ type: 'possessing_party', destination: pglnLink(to) }],
});

/** Object OBSERVE shipping, in_transit, with the possessing parties. @throws EpcisError `event-invalid` */
export function shippingEvent(act: Handover & { readonly from: Gln; readonly to: Gln }): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'shipping',
    disposition: 'in_transit',
    epcList: epcsOf(act),
    quantityList: quantitiesOf(act.lots),
    ...parties(act),
  });
}

/** Object OBSERVE receiving, in_progress. @throws EpcisError `event-invalid` */
export function receivingEvent(act: Handover): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'receiving',
    disposition: 'in_progress',
    epcList: epcsOf(act),
    quantityList: quantitiesOf(act.lots),
    ...parties(act),
  });
}

/**
 * Object OBSERVE void_shipping, in_progress: what was shipped comes back before anybody received it.
 * @throws EpcisError `event-invalid`
 */
export function voidShippingEvent(act: Handover & { readonly from: Gln; readonly to: Gln }): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'void_shipping',
    disposition: 'in_progress',
    epcList: epcsOf(act),
    quantityList: quantitiesOf(act.lots),
    ...parties(act),
  });
}

/**
 * Object OBSERVE receiving, returned: the named receiver does not take it. `to` is who gets it back.
 * @throws EpcisError `event-invalid`
 */
export function refusedReceiptEvent(act: Handover & { readonly from: Gln; readonly to: Gln }): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'receiving',
    disposition: 'returned',
    epcList: epcsOf(act),
    quantityList: quantitiesOf(act.lots),
    ...parties(act),
  });
}

/**
 * Object OBSERVE accepting, in_progress: one of two parties that both claim goods says who keeps them (`to`), or, without
 * `to`, that the other may say so.
 * @throws EpcisError `event-invalid`
 */
export function claimSettlementEvent(act: Handover & { readonly from: Gln }): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'accepting',
    disposition: 'in_progress',
    epcList: epcsOf(act),
    quantityList: quantitiesOf(act.lots),
    ...parties(act),
  });
}

/** Packs that leave the supply chain. */
export interface PackAct extends Circumstances {
  readonly packs: readonly Pack[];
}

/** Object OBSERVE dispensing, dispensed. @throws EpcisError `event-invalid` */
export function dispensingEvent(act: PackAct): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'dispensing',
    disposition: 'dispensed',
    epcList: epcsOf(act),
  });
}

/** Ways out of the supply chain other than dispensing. */
export type DecommissionReason = 'destroyed' | 'sample' | 'exported' | 'stolen' | 'locked';

/** Standard words for each reason; only destruction ends the life of the identifier. */
const decommissioning: Readonly<
  Record<DecommissionReason, { readonly action: string; readonly bizStep: BizStep; readonly disposition: Disposition }>
> = {
  destroyed: { action: 'DELETE', bizStep: 'destroying', disposition: 'destroyed' },
  sample: { action: 'OBSERVE', bizStep: 'sampling', disposition: 'non_sellable_other' },
  exported: { action: 'OBSERVE', bizStep: 'departing', disposition: 'unavailable' },
  stolen: { action: 'OBSERVE', bizStep: 'other', disposition: 'stolen' },
  locked: { action: 'OBSERVE', bizStep: 'holding', disposition: 'non_sellable_other' },
};

/** Object DELETE destroying, or OBSERVE with the words of the reason. @throws EpcisError `event-invalid` */
export function decommissioningEvent(act: PackAct & { readonly reason: DecommissionReason }): EpcisEvent {
  return eventOf('ObjectEvent', act, { ...decommissioning[act.reason], epcList: epcsOf(act) });
}

/**
 * What a custodian may observe without a rule of its own standing behind it (CBV 2.0 §7.1): steps that change hands,
 * contents, devices, quarantine or the life of an identifier have acts of their own.
 */
export const OBSERVED_STEPS = [
  'accepting',
  'arriving',
  'collecting',
  'consigning',
  'cycle_counting',
  'departing',
  'entering_exiting',
  'inspecting',
  'loading',
  'other',
  'picking',
  'reserving',
  'staging_outbound',
  'stock_taking',
  'stocking',
  'storing',
  'transporting',
  'unloading',
] as const satisfies readonly BizStep[];
export type ObservedStep = (typeof OBSERVED_STEPS)[number];

/** Something seen or done that changes no hands: storing, inspecting, holding, arriving … */
export interface Observation extends Circumstances, Objects {
  readonly bizStep: BizStep;
  readonly disposition?: Disposition;
  /** States that stay until they are unset: a quarantine sets `non_conformant`, its release unsets it. */
  readonly persistentDisposition?: {
    readonly set?: readonly Disposition[];
    readonly unset?: readonly Disposition[];
  };
}

/** Object OBSERVE with the words of the act. @throws EpcisError `event-invalid` */
export function observationEvent(act: Observation): EpcisEvent {
  const { bizStep, disposition, persistentDisposition } = act;
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep,
    disposition,
    persistentDisposition:
      persistentDisposition === undefined
        ? undefined
        : present({ set: persistentDisposition.set, unset: persistentDisposition.unset }),
    epcList: epcsOf(act),
    quantityList: quantitiesOf(act.lots),
  });
}
