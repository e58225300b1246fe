import { z } from 'zod';
import {
  BIZ_STEPS,
  BIZ_TRANSACTION_TYPES,
  COMPONENTS,
  DISPOSITIONS,
  ERROR_REASONS,
  MEASUREMENT_TYPES,
  SENSOR_ALERT_TYPES,
  SOURCE_DESTINATION_TYPES,
  TOLERATED_MEASUREMENT_TYPES,
} from '../vocabulary.js';
import {
  distinct,
  extensible,
  instant,
  isExtensionName,
  uri,
  vocabulary,
  webVocabulary,
  zoneOffset,
} from './scalars.js';

const disposition = vocabulary(DISPOSITIONS);

export const quantityElement = z.strictObject({
  epcClass: uri,
  quantity: z.number().optional(),
  uom: z
    .string()
    .regex(/^[A-Z0-9]{2,3}$/, 'a unit is a code of two or three capitals or digits')
    .optional(),
});

const place = extensible({ id: uri });

const persistentDisposition = z
  .strictObject({
    set: distinct(disposition).min(1).optional(),
    unset: distinct(disposition).min(1).optional(),
  })
  .refine(({ set, unset }) => set !== undefined || unset !== undefined, { error: 'set or unset is expected' });

const sensorMetadata = extensible({
  time: instant.optional(),
  startTime: instant.optional(),
  endTime: instant.optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
});

/** An alarm may stand alone: published documents have it without a `type`, which the schema of 2.0 demands. */
const sensorReport = extensible({
  type: webVocabulary([...MEASUREMENT_TYPES, ...TOLERATED_MEASUREMENT_TYPES]).optional(),
  exception: webVocabulary(SENSOR_ALERT_TYPES).optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
  time: instant.optional(),
  microorganism: uri.optional(),
  chemicalSubstance: uri.optional(),
  coordinateReferenceSystem: uri.optional(),
  value: z.number().optional(),
  component: vocabulary(COMPONENTS).optional(),
  stringValue: z.string().optional(),
  booleanValue: z.boolean().optional(),
  hexBinaryValue: z
    .string()
    .regex(/^[A-Fa-f0-9]+$/, 'hexadecimal digits are expected')
    .optional(),
  uriValue: uri.optional(),
  minValue: z.number().optional(),
  maxValue: z.number().optional(),
  meanValue: z.number().optional(),
  sDev: z.number().optional(),
  percRank: z.number().optional(),
  percValue: z.number().optional(),
  uom: z.string().optional(),
}).refine((report) => report.type !== undefined || report.exception !== undefined, {
  error: 'a report has a type or an exception',
  path: ['type'],
});

const sensorElementList = z.array(
  extensible({ sensorMetadata: sensorMetadata.optional(), sensorReport: z.array(sensorReport).min(1) }),
);

/** Instance and lot master data: extensions only. */
export const ilmd = z.looseObject({}).superRefine((object, context) => {
  for (const name of Object.keys(object)) {
    if (isExtensionName(name)) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'a prefix is expected', input: object });
  }
});

/** Members of every event. */
export const commonFields = {
  '@context': z.unknown().optional(),
  eventTime: instant,
  recordTime: instant.optional(),
  eventTimeZoneOffset: zoneOffset,
  eventID: uri.optional(),
  certificationInfo: z.union([uri, z.array(uri)]).optional(),
  errorDeclaration: extensible({
    declarationTime: instant,
    reason: vocabulary(ERROR_REASONS).optional(),
    correctiveEventIDs: z.array(uri).optional(),
  }).optional(),
};

/** What, where, why and with whom: members of every event but for the lists of objects. */
export const contextFields = {
  bizStep: vocabulary(BIZ_STEPS).optional(),
  disposition: disposition.optional(),
  readPoint: place.optional(),
  bizLocation: place.optional(),
  bizTransactionList: z
    .array(z.strictObject({ type: vocabulary(BIZ_TRANSACTION_TYPES).optional(), bizTransaction: uri }))
    .optional(),
  sourceList: z.array(z.strictObject({ type: vocabulary(SOURCE_DESTINATION_TYPES), source: uri })).optional(),
  destinationList: z.array(z.strictObject({ type: vocabulary(SOURCE_DESTINATION_TYPES), destination: uri })).optional(),
  persistentDisposition: persistentDisposition.optional(),
  sensorElementList: sensorElementList.optional(),
};
