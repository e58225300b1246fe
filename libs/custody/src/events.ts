import {
  certificationEvent,
  claimSettlementEvent,
  commissioningEvent,
  decommissioningEvent,
  dispensingEvent,
  type Disposition,
  type EpcisEvent,
  holdAssessmentEvent,
  holdEvent,
  type HoldName,
  holdReleaseEvent,
  loggerBindingEvent,
  observationEvent,
  type ObservedStep,
  type Pack,
  packingEvent,
  receivingEvent,
  recallEvent,
  recallLiftEvent,
  refusedReceiptEvent,
  sensorReportEvent,
  shippingEvent,
  unpackingEvent,
  voidShippingEvent,
} from '@coldchain/epcis';
import type { HoldConclusion, HoldKind, PackStatus } from '@coldchain/chaincode/protocol';
import type { Giai, Gln, Gtin, LocalDate, Lot, Serial, Sscc } from '@coldchain/gs1';
import { type ActContext, eventTimeOf } from './act-context.js';
import type { PlaceIdentifier } from './places.js';

/** Time of the act and the place of the acting organisation: common to all its events. */
function circumstances(context: ActContext): { eventTimeMs: number; eventTimeZoneOffset: string; readPoint: Gln } {
  return {
    eventTimeMs: eventTimeOf(context),
    eventTimeZoneOffset: context.zoneOffset ?? '+00:00',
    readPoint: context.organisation.gln,
  };
}

interface LotData {
  readonly gtin: Gtin;
  readonly lot: Lot;
  readonly expiry: LocalDate;
}

/** The lot as a whole comes into being. */
export const lotEvent = (context: ActContext, lot: LotData & { readonly count: number }): EpcisEvent =>
  commissioningEvent({
    ...circumstances(context),
    ...lot,
    serials: [],
    ...(lot.count > 0 ? { quantity: lot.count } : {}),
  });

/** Packs of a lot come into being. */
export const packsEvent = (context: ActContext, lot: LotData & { readonly serials: readonly Serial[] }): EpcisEvent =>
  commissioningEvent({
    ...circumstances(context),
    gtin: lot.gtin,
    lot: lot.lot,
    expiry: lot.expiry,
    serials: lot.serials,
  });

export const certifiedEvent = (context: ActContext, lot: { gtin: Gtin; lot: Lot }): EpcisEvent =>
  certificationEvent({ ...circumstances(context), gtin: lot.gtin, lot: lot.lot });

export const recalledEvent = (context: ActContext, lot: { gtin: Gtin; lot: Lot }): EpcisEvent =>
  recallEvent({ ...circumstances(context), gtin: lot.gtin, lot: lot.lot });

export const recallLiftedEvent = (context: ActContext, lot: { gtin: Gtin; lot: Lot }): EpcisEvent =>
  recallLiftEvent({ ...circumstances(context), gtin: lot.gtin, lot: lot.lot });

/** A unit and what goes into it or comes out of it. */
interface Contents {
  readonly parent: Sscc;
  readonly children: readonly Sscc[];
  readonly packs?: readonly Pack[];
}

export const packedEvent = (context: ActContext, { parent, children, packs = [] }: Contents): EpcisEvent =>
  packingEvent({ ...circumstances(context), parent, units: children, packs });

export const unpackedEvent = (context: ActContext, { parent, children }: Contents): EpcisEvent =>
  unpackingEvent({ ...circumstances(context), parent, units: children });

export const shippedEvent = (context: ActContext, units: readonly Sscc[], to: Gln): EpcisEvent =>
  shippingEvent({ ...circumstances(context), units, from: context.organisation.gln, to });

export const receivedEvent = (context: ActContext, units: readonly Sscc[]): EpcisEvent =>
  receivingEvent({ ...circumstances(context), units, to: context.organisation.gln });

export const calledBackEvent = (context: ActContext, units: readonly Sscc[], receiver: Gln): EpcisEvent =>
  voidShippingEvent({ ...circumstances(context), units, from: context.organisation.gln, to: receiver });

export const refusedEvent = (context: ActContext, units: readonly Sscc[], sender: Gln): EpcisEvent =>
  refusedReceiptEvent({ ...circumstances(context), units, from: context.organisation.gln, to: sender });

/** @param to who keeps the units; without him the other party may say so */
export const claimSettledEvent = (context: ActContext, units: readonly Sscc[], to: Gln | null): EpcisEvent =>
  claimSettlementEvent({
    ...circumstances(context),
    units,
    from: context.organisation.gln,
    ...(to === null ? {} : { to }),
  });

/** What a custodian saw or did. */
export interface Observed {
  readonly bizStep: ObservedStep;
  readonly disposition?: Disposition;
}

export const observedEvent = (context: ActContext, units: readonly Sscc[], observed: Observed): EpcisEvent =>
  observationEvent({ ...circumstances(context), units, ...observed });

/** Units are put into a location, or loaded onto a vehicle (which has no location of its own). */
export function enteredEvent(context: ActContext, units: readonly Sscc[], place: PlaceIdentifier): EpcisEvent {
  if (place.kind === 'vehicle') return observedEvent(context, units, { bizStep: 'loading' });
  const { gln, extension } = place;
  const bizLocation = { gln, ...(extension === null ? {} : { extension }) };
  return observationEvent({ ...circumstances(context), units, bizStep: 'storing', bizLocation });
}

export const heldEvent = (context: ActContext, units: readonly Sscc[], kind: HoldKind): EpcisEvent =>
  holdEvent({ ...circumstances(context), units, kind });

/** A hold as events name it. */
type NamedHold = HoldName & { readonly kind: HoldKind };

export const assessedEvent = (
  context: ActContext,
  units: readonly Sscc[],
  hold: NamedHold,
  conclusion: HoldConclusion,
): EpcisEvent => holdAssessmentEvent({ ...circumstances(context), units, kind: hold.kind, hold, conclusion });

export const releasedEvent = (context: ActContext, units: readonly Sscc[], hold: NamedHold): EpcisEvent =>
  holdReleaseEvent({ ...circumstances(context), units, kind: hold.kind, hold });

/** A pack leaves the supply chain, in the standard words of its new status. */
export function packLeftEvent(context: ActContext, pack: Pack, status: PackStatus): EpcisEvent {
  const act = { ...circumstances(context), packs: [{ gtin: pack.gtin, serial: pack.serial }] };
  return status === 'dispensed' ? dispensingEvent(act) : decommissioningEvent({ ...act, reason: status });
}

export const boundEvent = (
  context: ActContext,
  binding: { readonly unit: Sscc; readonly logger: Giai; readonly action: 'bind' | 'unbind' },
): EpcisEvent => loggerBindingEvent({ ...circumstances(context), ...binding });

/** What a leg took, as one interval with its extremes. */
export interface ReportedExposure {
  readonly unit: Sscc;
  /** null: nothing measured, packaging vouches. */
  readonly logger: Giai | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly minMilliCelsius: number | null;
  readonly maxMilliCelsius: number | null;
  readonly alarm: boolean;
}

export function exposureEvent(context: ActContext, { alarm, logger, ...report }: ReportedExposure): EpcisEvent {
  return sensorReportEvent({
    ...circumstances(context),
    ...report,
    ...(logger === null ? {} : { logger }),
    exception: alarm ? 'ALARM_CONDITION' : null,
  });
}
