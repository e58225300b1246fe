import { z } from 'zod';
import { CASE_DECISIONS } from './cases.js';
import { Instant, Page } from './scalars.js';

export const AUDIT_KINDS = ['decision-signed', 'password-wrong', 'password-refused', 'password-changed'] as const;
export const AuditLogQuery = Page.extend({
  kind: z.enum(AUDIT_KINDS).optional().meta({ description: 'Only entries of this kind' }),
});

const Entry = z.strictObject({ at: Instant, account: z.string() });
/** One use of a signature, or an attempt at it. Nothing of a password is in it. */
export const AuditEntry = z.discriminatedUnion('kind', [
  Entry.extend({
    kind: z.literal('decision-signed'),
    case: z.int(),
    entry: z.int().meta({ description: 'Entry of the case that keeps the decision' }),
    decision: z.enum(CASE_DECISIONS),
    shown: z.string().meta({ description: 'Digest of what was shown to the person' }),
  }),
  Entry.extend({
    kind: z.literal('password-wrong'),
    purpose: z.enum(['decision', 'password-change']).meta({ description: 'What it was typed for' }),
  }),
  Entry.extend({
    kind: z
      .literal('password-refused')
      .meta({ description: 'Not judged: the wait after wrong passwords was not over' }),
    purpose: z.enum(['decision', 'password-change']).meta({ description: 'What it was typed for' }),
  }),
  Entry.extend({ kind: z.literal('password-changed'), changedBy: z.string() }),
]);
export const AuditLog = z.strictObject({ entries: z.array(AuditEntry).meta({ description: 'Newest first' }) });
