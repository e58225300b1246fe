import { z } from 'zod';
import { ANCHOR_STATES } from './acts.js';
import { Instant } from './scalars.js';

/** The three answers. */
export const VERDICT_ANSWERS = ['ok', 'do-not-use', 'unknown'] as const;
export type VerdictAnswer = (typeof VERDICT_ANSWERS)[number];

/** Why it is unknown, each with its own next step. */
export const UNKNOWN_KINDS = ['not-found', 'data-not-received', 'cannot-check-now'] as const;
export type UnknownKind = (typeof UNKNOWN_KINDS)[number];

/** Every reason a verdict can give. */
export const VERDICT_REASONS = [
  'no-objection',
  // do not use
  'recalled',
  'already-dispensed',
  'decommissioned',
  'expired',
  'expiry-mismatch',
  'lot-mismatch',
  'on-hold',
  'temperature-exceeded',
  'frozen',
  'custody-disputed',
  'organisation-suspended',
  'not-certified',
  'refused-by-ledger',
  // unknown: not found
  'product-not-found',
  'pack-not-registered',
  // unknown: data not received
  'data-not-received',
  'not-in-your-custody',
  'in-transit',
  'no-unit-recorded',
  'evidence-missing',
  // unknown: cannot check now
  'not-anchored',
  'event-pending',
  'event-refused',
  'ledger-not-confirmed',
  'evaluation-not-confirmed',
  'too-many-units',
] as const;
export type VerdictReason = (typeof VERDICT_REASONS)[number];

/** What is claimed about the object, each checked on its own. */
export const CLAIM_NAMES = [
  'identified',
  'registered',
  'certified',
  'not-recalled',
  'not-expired',
  'not-decommissioned',
  'authorised',
  'in-your-custody',
  'not-held',
  'temperature',
  'nothing-outstanding',
  'ledger-confirmed',
] as const;
export type ClaimName = (typeof CLAIM_NAMES)[number];

export const Claim = z.strictObject({
  name: z.enum(CLAIM_NAMES),
  state: z.enum(['confirmed', 'objection', 'unknown']),
  sentence: z.string(),
  asOf: Instant.nullable().meta({ description: 'Time of the data behind it' }),
});

export const CodeQuery = z.strictObject({
  code: z
    .string()
    .min(1)
    .max(8000)
    .meta({ description: 'Element string, Digital Link, EPC URN or bare key', example: '(01)09506000134352(21)SN1' }),
});

export const VerdictAnswerBody = z.strictObject({
  answer: z.enum(VERDICT_ANSWERS),
  kind: z.enum(UNKNOWN_KINDS).nullable(),
  reason: z.enum(VERDICT_REASONS),
  sentence: z.string(),
  nextStep: z.string(),
  warning: z.string().nullable().meta({
    description:
      'What may soon change the answer: it is outside of its limits now, most of the allowed time is spent, or it was on its way for too long; or that a logger measured beyond its calibration',
  }),
  asOf: Instant.nullable().meta({ description: 'The oldest data that the answer rests on' }),
  checkedAt: Instant,
  subject: z.strictObject({
    kind: z.enum(['pack', 'batch', 'unit']),
    link: z.string().meta({ description: 'Canonical GS1 Digital Link' }),
    gtin: z.string().nullable(),
    lot: z.string().nullable(),
    serial: z.string().nullable(),
    sscc: z.string().nullable(),
    productName: z.string().nullable(),
  }),
  claims: z.array(Claim),
});

export const TrailEntryAnswer = z.strictObject({
  eventTime: Instant,
  zoneOffset: z.string().nullable().meta({ description: 'Offset of the place where it happened' }),
  recordedAt: Instant,
  organisation: z.string(),
  organisationName: z.string(),
  command: z.string(),
  sentence: z.string().meta({ description: 'What happened, for people' }),
  bizStep: z.string().nullable(),
  disposition: z.string().nullable(),
  about: z.array(z.enum(['pack', 'batch', 'unit'])),
  eventHash: z.string(),
  digest: z.string(),
  commitment: z.string(),
  anchor: z.strictObject({
    state: z.enum(ANCHOR_STATES),
    transactionId: z.string().nullable(),
    block: z.int().nullable(),
    anchoredAt: Instant.nullable(),
    refusal: z.string().nullable(),
  }),
});
export const TrailAnswer = z.strictObject({
  entries: z.array(TrailEntryAnswer),
  complete: z
    .boolean()
    .meta({ description: 'false: there are more events than one answer holds (1000); the newest are kept' }),
});

export const ReadingsQuery = CodeQuery.extend({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  points: z.coerce.number().int().min(10).max(5000).default(800).meta({
    description: 'Buckets at most; each keeps its lowest and highest value, so that no extreme is averaged away',
  }),
});

export const ReadingsAnswer = z.strictObject({
  from: Instant.nullable(),
  to: Instant.nullable(),
  readings: z.int().meta({ description: 'Raw readings behind the points' }),
  coldestMilliCelsius: z.int().nullable(),
  hottestMilliCelsius: z.int().nullable(),
  limits: z.array(
    z.strictObject({
      profile: z.string(),
      minMilliCelsius: z.int(),
      maxMilliCelsius: z.int(),
    }),
  ),
  series: z.array(
    z.strictObject({
      logger: z.string(),
      sscc: z.string(),
      from: Instant,
      to: Instant.nullable(),
      uncalibratedSince: Instant.nullable().meta({
        description: 'What was measured from then on was measured after the calibration of the logger was due',
      }),
      points: z
        .array(z.tuple([z.number(), z.int(), z.int()]))
        .meta({ description: '[ms since 1970 UTC, lowest, highest milli-degrees] of each bucket that has readings' }),
      gaps: z.array(z.strictObject({ from: Instant, to: Instant })),
    }),
  ),
  excursions: z.array(
    z.strictObject({
      profile: z.string(),
      rule: z.string(),
      from: Instant,
      to: Instant.nullable(),
      durationMs: z.int(),
      extremeMilliCelsius: z.int(),
    }),
  ),
  episodes: z
    .array(
      z.strictObject({
        from: Instant,
        to: Instant.nullable().meta({ description: 'null: it goes on' }),
        durationMs: z.int().meta({ description: 'By the clock; of one that goes on up to the answer' }),
        coveredMs: z.int().meta({ description: 'How much of it readings cover' }),
        rules: z.array(z.string()),
        coldestMilliCelsius: z.int(),
        hottestMilliCelsius: z.int(),
      }),
    )
    .meta({ description: 'Excursions of all legs and rules that touch in time, told as one; oldest first' }),
});
