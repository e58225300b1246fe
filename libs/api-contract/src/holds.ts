import { z } from 'zod';
import { ActAnswer } from './acts.js';
import { EventTime, Note, SsccText } from './scalars.js';
import { HOLD_KINDS, UnitSummary } from './units.js';

/** Units under a hold; the ones that the organisation can decide about when they are not named. */
const SomeUnits = z
  .array(SsccText)
  .min(1)
  .max(50)
  .optional()
  .meta({ description: 'Every unit under the hold that the organisation can decide about when absent' });

export const HoldPath = z.strictObject({
  hold: z
    .string()
    .regex(/^[0-9a-f]{64}\.[a-z-]{3,40}$/)
    .meta({ description: 'Id of a hold, as lists of holds tell it', example: `${'5d01'.padEnd(64, '0')}.freeze-rule` }),
});

export const PlaceHoldBody = z.strictObject({
  ssccs: z.array(SsccText).min(1).max(50),
  kind: z.enum(HOLD_KINDS).meta({
    description:
      'thermal, discrepancy: by custodian or batch owner; security: by anybody who had to do with the goods; authority: by the regulator',
  }),
  note: Note.optional(),
  eventTime: EventTime.optional(),
});
export const HoldActAnswer = ActAnswer.extend({
  holds: z.array(z.string()).meta({ description: 'Ids of the holds concerned' }),
});

export const HOLD_CONCLUSIONS = ['usable', 'not-usable'] as const;
export const AssessHoldBody = z.strictObject({
  conclusion: z.enum(HOLD_CONCLUSIONS).meta({ description: 'For all batches of the organisation in the units' }),
  ssccs: SomeUnits,
  note: Note.optional(),
  eventTime: EventTime.optional(),
});
export const ReleaseHoldBody = z.strictObject({
  ssccs: SomeUnits,
  note: Note.optional(),
  eventTime: EventTime.optional(),
});

/** Units in quarantine. */
export const HoldList = z.strictObject({ units: z.array(UnitSummary) });
