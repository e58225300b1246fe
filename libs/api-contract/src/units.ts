import { DISPOSITIONS, OBSERVED_STEPS } from '@coldchain/epcis';
import { z } from 'zod';
import { ActAnswer, ANCHOR_STATES } from './acts.js';
import { PackagingName, PlaceName } from './places.js';
import {
  EventTime,
  GtinText,
  Instant,
  LoggerSerial,
  LotText,
  OrganisationName,
  SerialText,
  SsccText,
} from './scalars.js';

export const UnitPath = z.strictObject({ sscc: SsccText });
export const UnitLoggerPath = z.strictObject({ sscc: SsccText, logger: LoggerSerial });

/** A new logistic unit. Packs that lie in another unit make that unit a source, which it inherits from. */
export const AggregateUnitBody = z.strictObject({
  sscc: SsccText,
  children: z.array(SsccText).max(50).default([]).meta({ description: 'Units packed whole' }),
  packs: z
    .array(z.strictObject({ gtin: GtinText, lot: LotText, serials: z.array(SerialText).min(1).max(10_000) }))
    .max(50)
    .default([]),
  logger: LoggerSerial.optional(),
  place: PlaceName.optional().meta({ description: 'Place of the organisation that it is packed in and stays in' }),
  packaging: PackagingName.optional().meta({
    description: 'Qualified packaging that it is closed in: its hours begin',
  }),
  eventTime: EventTime.optional(),
});
export const UnitActAnswer = ActAnswer.extend({ sscc: z.string() });

export const DisaggregateUnitBody = z.strictObject({
  children: z.array(SsccText).min(1).max(50),
  eventTime: EventTime.optional(),
});
export const BindLoggerBody = z.strictObject({ logger: LoggerSerial, eventTime: EventTime.optional() });

export const HOLD_KINDS = ['thermal', 'discrepancy', 'security', 'authority'] as const;

export const HoldAnswer = z.strictObject({
  id: z.string().meta({ description: 'Names the hold on all units that are under it' }),
  kind: z.enum(HOLD_KINDS),
  reason: z.string(),
  placedBy: z.string(),
  placedAt: Instant,
  assessments: z
    .array(
      z.strictObject({
        batch: z
          .strictObject({ gtin: z.string(), lot: z.string() })
          .nullable()
          .meta({ description: 'null: its data has not been received' }),
        by: z.string(),
        conclusion: z.enum(['usable', 'not-usable']),
        at: Instant,
      }),
    )
    .meta({ description: 'What owners of the batches said, the last word of each' }),
});

/** A hold that ended. */
export const ReleaseAnswer = HoldAnswer.omit({ placedBy: true, placedAt: true, assessments: true }).extend({
  releasedBy: z.string(),
  releasedAt: Instant,
});

export const UnitSummary = z.strictObject({
  sscc: z.string(),
  anchored: z.boolean().meta({ description: 'The ledger has it in this state' }),
  status: z.enum(['held-by-custodian', 'in-transit', 'dissolved', 'not-anchored']),
  custodian: z.string().nullable().meta({ description: 'Slug of the organisation' }),
  receiver: z.string().nullable(),
  claimedBy: z.string().nullable(),
  parent: z.string().nullable().meta({ description: 'SSCC; null also when the parent is not visible' }),
  holds: z.array(HoldAnswer),
});
export const UnitList = z.strictObject({ units: z.array(UnitSummary) });

export const UnitDetail = UnitSummary.extend({
  releases: z.array(ReleaseAnswer).meta({ description: 'Holds that ended, in their order' }),
  rejected: z.boolean().meta({
    description: 'Rejected after a deviation, or out of a unit that was: do not use it, also without a hold',
  }),
  children: z.array(z.string()),
  batches: z.array(z.strictObject({ gtin: z.string(), lot: z.string(), profileVersion: z.int() })),
  packs: z.int().meta({ description: 'Loose packs that lie in it' }),
  loggers: z.array(z.string()).meta({ description: 'Loggers that watch it now' }),
  thermal: z.strictObject({
    coldestMilliCelsius: z.int().nullable(),
    hottestMilliCelsius: z.int().nullable(),
    gapMs: z.int(),
    evaluatedTo: Instant.nullable(),
    openExcursions: z.int(),
  }),
});

/** Units on their way to a named receiver. */
export const ShipUnitsBody = z.strictObject({
  ssccs: z.array(SsccText).min(1).max(50),
  receiver: OrganisationName,
  place: PlaceName.optional().meta({
    description: 'Place of the sender, as a rule a vehicle, that they are in from now on',
  }),
  eventTime: EventTime.optional(),
});
export const ShipmentActAnswer = ActAnswer.extend({ ssccs: z.array(z.string()) });

export const ShipmentSummary = z.strictObject({
  id: z.string().meta({ description: 'Commitment of the despatch event' }),
  shippedAt: Instant,
  sender: z.string(),
  receiver: z.string().nullable(),
  anchor: z.enum(ANCHOR_STATES),
  units: z.array(
    z.strictObject({
      sscc: z.string(),
      state: z.enum(['in-transit', 'received', 'cancelled', 'refused', 'other']),
      held: z.boolean(),
    }),
  ),
});
export const ShipmentList = z.strictObject({ shipments: z.array(ShipmentSummary) });

/** A receipt of goods: of announced units (all or some of a shipment), or of units nobody announced. */
export const ReceiveUnitsBody = z.strictObject({
  ssccs: z.array(SsccText).min(1).max(50),
  unannounced: z.boolean().default(false).meta({ description: 'Claims possession; a discrepancy hold is placed' }),
  discrepancy: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'What was wrong: a discrepancy hold is placed' }),
  eventTime: EventTime.optional(),
});

/** A shipment, by the commitment of its despatch event. */
export const ShipmentPath = z.strictObject({
  shipment: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description: 'Id of the shipment, as the list tells it' }),
});
const SsccsOfShipment = z
  .array(SsccText)
  .min(1)
  .max(50)
  .optional()
  .meta({ description: 'All that is still on its way when absent' });
export const CancelShipmentBody = z.strictObject({ ssccs: SsccsOfShipment, eventTime: EventTime.optional() });
export const RefuseReceiptBody = z.strictObject({
  discrepancy: z
    .string()
    .min(1)
    .max(1000)
    .meta({ description: 'What the receiver objects to: a discrepancy hold is placed, which he can release' }),
  ssccs: SsccsOfShipment,
  eventTime: EventTime.optional(),
});
export const ShipmentEndAnswer = ActAnswer.extend({ shipment: z.string() });
export const ResolveDiscrepancyBody = z.strictObject({
  ssccs: z.array(SsccText).min(1).max(50),
  custodyTo: OrganisationName.optional().meta({
    description: 'From the custodian: who keeps the units. The claimant leaves it out and leaves it to the custodian',
  }),
  eventTime: EventTime.optional(),
});
export const ObserveUnitsBody = z.strictObject({
  ssccs: z.array(SsccText).min(1).max(50),
  bizStep: z.enum(OBSERVED_STEPS).meta({ description: 'Business step of CBV 2.0' }),
  disposition: z.enum(DISPOSITIONS).optional().meta({ description: 'Disposition of CBV 2.0' }),
  eventTime: EventTime.optional(),
});

export const PackPath = z.strictObject({
  id: z
    .string()
    .regex(/^(?:\d{14}\..{1,60}|01\/\d{14}\/21\/.{1,60})$/s)
    .meta({
      description:
        'GTIN, a full stop and the serial number; or the path of the canonical Digital Link; percent-encoded',
      example: '09506000134352.SN1',
    }),
});
export const PACK_STATUSES = ['dispensed', 'destroyed', 'sample', 'exported', 'stolen', 'locked'] as const;
export const DecommissionPackBody = z.strictObject({
  status: z.enum(PACK_STATUSES),
  lot: LotText.optional().meta({ description: 'Needed only where two visible lots hold the same serial number' }),
  eventTime: EventTime.optional(),
});
export const DecommissionAnswer = ActAnswer.extend({
  gtin: z.string(),
  lot: z.string(),
  serial: z.string(),
  status: z.enum(PACK_STATUSES),
});

export const RevertDecommissionBody = DecommissionPackBody.omit({ status: true });
export const RevertAnswer = DecommissionAnswer.omit({ status: true });
