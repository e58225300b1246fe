import { z } from 'zod';
import { Instant } from './scalars.js';
import { ROLES } from './policy.js';

export const OrganisationAnswer = z.strictObject({
  slug: z.string(),
  name: z.string(),
  party: z.string(),
  gln: z.string(),
  roles: z.array(z.string()),
  served: z.boolean().meta({ description: 'Its data is in this database' }),
});
export const OrganisationList = z.strictObject({ organisations: z.array(OrganisationAnswer) });

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
