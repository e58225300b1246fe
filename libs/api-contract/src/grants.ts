import { z } from 'zod';
import { StandingAnswer } from './acts.js';
import { GtinText, Instant, LotText, OrganisationName, SsccText } from './scalars.js';

const UnitObject = z.strictObject({ sscc: SsccText });
const BatchObject = z.strictObject({ gtin: GtinText, lot: LotText });

export const GrantAccessBody = z.strictObject({
  object: z.union([UnitObject, BatchObject]).meta({ description: 'A unit with its contents, or a batch' }),
  receiver: OrganisationName,
  until: z.iso
    .datetime({ offset: true })
    .meta({ description: 'RFC 3339; after it the data is as invisible as before', example: '2026-12-31T23:59:59Z' }),
});
export const GrantPath = z.strictObject({
  grant: z
    .string()
    .regex(/^\d{1,15}$/)
    .meta({ description: 'Id of a grant of the organisation', example: '1' }),
});
export const GrantActAnswer = StandingAnswer.extend({ id: z.string() });

export const AccessGrantAnswer = z.strictObject({
  id: z.string(),
  direction: z.enum(['given', 'received']),
  organisation: z.string().meta({ description: 'Slug of the other organisation' }),
  object: z.union([
    z.strictObject({ sscc: z.string() }),
    z.strictObject({ gtin: z.string(), lot: z.string() }),
    z.null().meta({ description: 'The object is not visible any more' }),
  ]),
  grantedAt: Instant,
  until: Instant,
  state: z.enum(['granted', 'revoked', 'over']),
});
export const AccessGrantList = z.strictObject({ grants: z.array(AccessGrantAnswer) });
