import { ssccLink } from '@coldchain/gs1';
import type { Sscc } from '@coldchain/gs1';
import type { EpcisEvent } from '../parse-event.js';
import { eventOf } from './circumstances.js';
import type { Circumstances } from './circumstances.js';
import { epcsOf, quantitiesOf } from './objects.js';
import type { Objects } from './objects.js';

/** A logistic unit and what goes into it or comes out. */
export interface Packing extends Circumstances, Objects {
  readonly parent: Sscc;
}

/** Aggregation ADD packing, in_progress. @throws EpcisError `event-invalid`, for one without children too */
export function packingEvent(act: Packing): EpcisEvent {
  return eventOf('AggregationEvent', act, {
    parentID: ssccLink(act.parent),
    childEPCs: epcsOf(act),
    childQuantityList: quantitiesOf(act.lots),
    action: 'ADD',
    bizStep: 'packing',
    disposition: 'in_progress',
  });
}

/** Aggregation DELETE unpacking, in_progress; no children named means all of them. @throws EpcisError `event-invalid` */
export function unpackingEvent(act: Packing): EpcisEvent {
  return eventOf('AggregationEvent', act, {
    parentID: ssccLink(act.parent),
    childEPCs: epcsOf(act),
    childQuantityList: quantitiesOf(act.lots),
    action: 'DELETE',
    bizStep: 'unpacking',
    disposition: 'in_progress',
  });
}
