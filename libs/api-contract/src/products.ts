import { z } from 'zod';
import { GtinText, Instant } from './scalars.js';

const milliCelsius = z.int().min(-273_150).max(1_000_000);
const durationMs = z.int().min(0);

const profileRules = {
  storage: z
    .strictObject({ minMilliCelsius: milliCelsius, maxMilliCelsius: milliCelsius })
    .meta({ description: 'Closed range: both bounds are inside' }),
  ranges: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        comparator: z.enum(['>', '>=', '<', '<=']),
        limitMilliCelsius: milliCelsius,
        allowedMs: durationMs,
      }),
    )
    .max(8),
  combine: z.enum(['independent', 'nested', 'sum']),
  freeze: z
    .strictObject({
      comparator: z.enum(['<', '<=']),
      limitMilliCelsius: milliCelsius,
      consecutiveMs: durationMs,
    })
    .nullable(),
  humidity: z.strictObject({ maxPermille: z.int().min(0).max(1000), consecutiveMs: durationMs }).nullable(),
  evidence: z.enum(['logger', 'location-sensor', 'qualified-packaging', 'none']),
  gap: z.strictObject({ allowedMs: durationMs, policy: z.enum(['unknown', 'last-value', 'worst-plausible']) }),
  longestTransitMs: durationMs.nullable(),
  openingMs: z.array(durationMs).max(8).meta({ description: 'Time per range already spent at registration' }),
} as const;

/** A new version of a product's profile. */
export const PublishProfileBody = z.strictObject({
  gtin: GtinText,
  name: z.string().min(1).max(200).meta({ description: 'Name of the product; stays in this database' }),
  version: z.int().min(1),
  profile: z.strictObject(profileRules),
});

export const PublishProfileAnswer = z.strictObject({
  anchor: z.literal('pending'),
  gtin: z.string(),
  version: z.int(),
});

export const ProductAnswer = z.strictObject({
  gtin: z.string(),
  name: z.string(),
  organisation: z.string().meta({ description: 'Slug of the organisation that publishes its profiles' }),
  profiles: z.array(
    z.strictObject({
      version: z.int(),
      publishedAt: Instant,
      anchored: z.boolean(),
      profile: z.looseObject({}).meta({ description: 'As published' }),
    }),
  ),
});
export const ProductList = z.strictObject({ products: z.array(ProductAnswer) });

export const PROFILE_EXAMPLE: z.input<typeof PublishProfileBody> = {
  gtin: '09506000134352',
  name: 'Example vaccine 0.5 ml',
  version: 1,
  profile: {
    storage: { minMilliCelsius: 2000, maxMilliCelsius: 8000 },
    ranges: [{ name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8000, allowedMs: 3_600_000 }],
    combine: 'independent',
    freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 3_600_000 },
    humidity: null,
    evidence: 'logger',
    gap: { allowedMs: 1_800_000, policy: 'unknown' },
    longestTransitMs: null,
    openingMs: [0],
  },
};
