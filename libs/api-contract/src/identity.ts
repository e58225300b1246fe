import { z } from 'zod';
import { StandingAnswer } from './acts.js';
import { ROLES } from './policy.js';
import { GlnText, Instant, Slug } from './scalars.js';

/** Roles of a party on the ledger. */
export const ORGANISATION_ROLES = [
  'manufacturer',
  'distributor',
  'pharmacy',
  'regulator',
  'laboratory',
  'destroyer',
] as const;

export const OrganisationAnswer = z.strictObject({
  slug: z.string(),
  name: z.string(),
  party: z.string(),
  gln: z.string(),
  roles: z.array(z.string()),
  served: z.boolean().meta({ description: 'Its data is in this database' }),
  state: z.enum(['authorised', 'suspended', 'not-anchored']).meta({
    description: 'On the ledger and by what was captured since; suspended: it can do and receive nothing',
  }),
});
export const OrganisationList = z.strictObject({ organisations: z.array(OrganisationAnswer) });

/** What the regulator registers about an organisation. */
export const RegisterOrganisationBody = z.strictObject({
  slug: Slug,
  name: z.string().min(1).max(200),
  party: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}:[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/)
    .meta({ description: 'Ledger party: MSP id, colon, enrolment name', example: 'PharmacyMSP:city-pharmacy' }),
  gln: GlnText,
  roles: z.array(z.enum(ORGANISATION_ROLES)).min(1).max(6),
  prefixes: z
    .array(z.string().regex(/^\d{4,12}$/))
    .max(50)
    .default([])
    .meta({ description: 'GS1 company prefixes' }),
});
export const OrganisationPath = z.strictObject({ slug: Slug });
export const OrganisationActAnswer = StandingAnswer.extend({
  slug: z.string(),
  party: z.string(),
  state: z.enum(['authorised', 'suspended']),
});

export const UserList = z.strictObject({
  users: z.array(
    z.strictObject({ account: z.string(), kind: z.enum(['person', 'machine']), roles: z.array(z.enum(ROLES)) }),
  ),
});

export const MeAnswer = z.strictObject({
  account: z.string(),
  kind: z.enum(['person', 'machine']),
  roles: z.array(z.enum(ROLES)),
  organisation: z.strictObject({ slug: z.string(), name: z.string(), party: z.string(), gln: z.string() }),
  actions: z.array(z.string()).meta({ description: 'What the account may do' }),
});

export const HealthAnswer = z.strictObject({
  status: z.enum(['ok', 'unavailable']),
  checks: z.record(z.string(), z.string()),
});
export const VersionAnswer = z.strictObject({
  name: z.string(),
  version: z.string(),
  mode: z.string(),
  ledger: z.string().meta({ description: 'embedded is not a Fabric network' }),
  startedAt: Instant,
});
