import { z } from 'zod';
import { ActAnswer } from './acts.js';
import { DayText, EventTime, GtinText, LotText, SerialText } from './scalars.js';

export const BatchPath = z.strictObject({ gtin: GtinText, lot: LotText });

/** A lot and the packs of its first production run. */
export const RegisterBatchBody = z.strictObject({
  gtin: GtinText,
  lot: LotText,
  expiry: DayText,
  profileVersion: z.int().min(1),
  serials: z.array(SerialText).max(10_000).meta({ description: 'Serial numbers of the packs' }),
  eventTime: EventTime.optional(),
});
export const BatchActAnswer = ActAnswer.extend({ gtin: z.string(), lot: z.string() });

/** No members but the time: the path names the batch. */
export const EventTimeBody = z.strictObject({ eventTime: EventTime.optional() });

export const RecallBody = z.strictObject({
  class: z.union([z.literal(1), z.literal(2), z.literal(3)]).meta({ description: '1 is the gravest' }),
  depth: z.enum(['wholesale', 'pharmacy', 'patient']),
  eventTime: EventTime.optional(),
});

export const BatchSummary = z.strictObject({
  gtin: z.string(),
  lot: z.string(),
  expiry: z.string(),
  profileVersion: z.int(),
  organisation: z.string(),
  anchored: z.boolean().meta({ description: 'The ledger knows it' }),
  certified: z.boolean(),
  recall: z.strictObject({ class: z.int(), depth: z.string() }).nullable(),
});
export const BatchList = z.strictObject({ batches: z.array(BatchSummary) });
