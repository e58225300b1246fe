import { z } from 'zod';
import { Instant } from './scalars.js';

/** Where an event stands with the ledger. */
export const ANCHOR_STATES = ['pending', 'anchored', 'refused'] as const;
export type AnchorState = (typeof ANCHOR_STATES)[number];

/** One recorded custody event and its anchor. */
export const RecordedEvent = z.strictObject({
  eventHash: z.string().meta({ description: 'ni URI of the event hash' }),
  digest: z.string().meta({ description: 'SHA-256 of the RFC 8785 form, hex' }),
  commitment: z.string().meta({ description: 'Key of the anchor on the ledger' }),
  recordedAt: Instant,
  anchor: z.enum(ANCHOR_STATES),
  transactionId: z.string().nullable(),
  block: z.int().nullable(),
});
export type RecordedEvent = z.output<typeof RecordedEvent>;

/** What every act answers with: it is stored, and this is how far its anchor is. */
export const ActAnswer = z.strictObject({
  anchor: z.enum(ANCHOR_STATES).meta({ description: 'anchored when all events are; pending otherwise' }),
  repeated: z.boolean().meta({ description: 'true: the same event had been recorded before, nothing was written now' }),
  events: z.array(RecordedEvent),
});
export type ActAnswer = z.output<typeof ActAnswer>;

/** What a command without an event answers with: it is judged and queued for the ledger. */
export const StandingAnswer = z.strictObject({
  anchor: z.literal('pending'),
  repeated: z.boolean().meta({ description: 'true: it stood like this before, nothing was written now' }),
});

export const ACT_ANSWER_EXAMPLE: ActAnswer = {
  anchor: 'pending',
  repeated: false,
  events: [
    {
      eventHash: 'ni:///sha-256;9f2c0000000000000000000000000000000000000000000000000000000000aa?ver=CBV2.0',
      digest: '77ab000000000000000000000000000000000000000000000000000000000000',
      commitment: '5d01000000000000000000000000000000000000000000000000000000000000',
      recordedAt: '2026-11-20T14:02:00.000Z',
      anchor: 'pending',
      transactionId: null,
      block: null,
    },
  ],
};
