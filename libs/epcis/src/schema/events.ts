import { z } from 'zod';
import { commonFields, contextFields, ilmd, quantityElement } from './parts.js';
import { distinct, extensible, uri } from './scalars.js';

const action = z.enum(['OBSERVE', 'ADD', 'DELETE']);
const quantities = z.array(quantityElement).optional();

const filled = (list: readonly unknown[] | undefined): boolean => (list?.length ?? 0) > 0;

const objectEvent = extensible({
  type: z.literal('ObjectEvent'),
  ...commonFields,
  action,
  epcList: distinct(uri).optional(),
  quantityList: quantities,
  ...contextFields,
  ilmd: ilmd.optional(),
})
  .refine(
    (event) =>
      event.epcList !== undefined ||
      filled(event.quantityList) ||
      (filled(event.sensorElementList) && event.readPoint !== undefined),
    { error: 'epcList, quantityList, or sensorElementList with readPoint is expected' },
  )
  .refine((event) => event.ilmd === undefined || event.action === 'ADD', {
    error: 'ilmd belongs to action ADD',
    path: ['ilmd'],
  });

const children = {
  childEPCs: z.array(uri).optional(),
  childQuantityList: quantities,
};

const aggregationEvent = extensible({
  type: z.literal('AggregationEvent'),
  ...commonFields,
  action,
  parentID: uri.optional(),
  ...children,
  ...contextFields,
})
  .refine((event) => event.action === 'DELETE' || filled(event.childEPCs) || filled(event.childQuantityList), {
    error: 'childEPCs or childQuantityList is expected unless the action is DELETE',
  })
  .refine((event) => event.action === 'OBSERVE' || event.parentID !== undefined, {
    error: 'parentID is expected unless the action is OBSERVE',
    path: ['parentID'],
  });

const associationEvent = extensible({
  type: z.literal('AssociationEvent'),
  ...commonFields,
  action,
  parentID: uri,
  ...children,
  ...contextFields,
}).refine((event) => event.action === 'DELETE' || filled(event.childEPCs) || filled(event.childQuantityList), {
  error: 'childEPCs or childQuantityList is expected unless the action is DELETE',
});

const transactionEvent = extensible({
  type: z.literal('TransactionEvent'),
  ...commonFields,
  action,
  parentID: uri.optional(),
  epcList: z.array(uri).optional(),
  quantityList: quantities,
  ...contextFields,
  bizTransactionList: contextFields.bizTransactionList.unwrap().min(1),
}).refine((event) => event.action === 'DELETE' || event.epcList !== undefined || filled(event.quantityList), {
  error: 'epcList or quantityList is expected unless the action is DELETE',
});

const transformationEvent = extensible({
  type: z.literal('TransformationEvent'),
  ...commonFields,
  inputEPCList: distinct(uri).optional(),
  inputQuantityList: quantities,
  outputEPCList: distinct(uri).optional(),
  outputQuantityList: quantities,
  transformationID: uri.optional(),
  ...contextFields,
  ilmd: ilmd.optional(),
}).refine(
  (event) => {
    const input = filled(event.inputEPCList) || filled(event.inputQuantityList);
    const output = filled(event.outputEPCList) || filled(event.outputQuantityList);
    return event.transformationID === undefined ? input && output : input || output;
  },
  { error: 'inputs and outputs are expected, or a transformationID with one of them' },
);

/**
 * EPCIS 2.0 events as the GS1 JSON schema has them, strict but for extensions with a prefix. Beyond the schema: a parent
 * is required unless an AggregationEvent observes (EPCIS 2.0 §7.4.3). Wider than the schema: `persistentDisposition` is
 * read on every type, as the standard's text has it, and a sensor report may have an exception without a type. Event types
 * of one's own are refused.
 */
export const eventSchema = z.discriminatedUnion('type', [
  objectEvent,
  aggregationEvent,
  associationEvent,
  transactionEvent,
  transformationEvent,
]);

/** The five shapes, as they are read from JSON. */
export type EventShape = z.output<typeof eventSchema>;

const documentFields = {
  '@context': z.union([uri, z.looseObject({}), z.array(z.union([uri, z.looseObject({})])).min(1)]),
  id: uri.optional(),
  schemaVersion: z.string().regex(/^\d+(?:\.\d+)*$/, 'a version is digits and full stops'),
  creationDate: commonFields.eventTime,
};

/** The document around the events; the events are parsed one by one. */
export const documentSchema = z.discriminatedUnion('type', [
  extensible({
    type: z.literal('EPCISDocument'),
    ...documentFields,
    instanceIdentifier: z.string().optional(),
    sender: z.string().optional(),
    receiver: z.string().optional(),
    epcisHeader: z.looseObject({}).optional(),
    epcisBody: z.looseObject({ eventList: z.array(z.unknown()) }),
  }),
  extensible({
    type: z.literal('EPCISQueryDocument'),
    ...documentFields,
    schemaVersion: documentFields.schemaVersion.optional(),
    creationDate: documentFields.creationDate.optional(),
    epcisBody: z.looseObject({
      queryResults: z.looseObject({
        queryName: z.string(),
        resultsBody: z.looseObject({ eventList: z.array(z.unknown()) }),
      }),
    }),
  }),
]);
