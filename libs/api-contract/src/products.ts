import { z } from 'zod';
import { GtinText, Instant } from './scalars.js';

const milliCelsius = z.int().min(-273_150).max(1_000_000);
const durationMs = z.int().min(0);

const bounds = z.strictObject({ minMilliCelsius: milliCelsius, maxMilliCelsius: milliCelsius });

const profileRules = {
  storage: bounds.meta({ description: 'Closed range: both bounds are inside' }),
  ranges: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        comparator: z.enum(['>', '>=', '<', '<=']),
        limitMilliCelsius: milliCelsius,
        allowedMs: durationMs,
        activation: z
          .enum(['instant', 'consecutive', 'cumulative'])
          .exactOptional()
          .meta({ description: 'One reading, time in one piece, or all time together (the default)' }),
        tripsAtAllowed: z
          .boolean()
          .exactOptional()
          .meta({ description: 'Reaching the allowed time is too much already, as alarms of devices count it' }),
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
  gap: z.strictObject({
    allowedMs: durationMs,
    policy: z
      .enum(['unknown', 'last-value', 'worst-plausible'])
      .meta({ description: 'What time without evidence is charged with' }),
    plausible: bounds.exactOptional().meta({ description: 'The worst that is plausible' }),
  }),
  longestTransitMs: durationMs.nullable(),
  openingMs: z.array(durationMs).max(8).meta({ description: 'Time per range already spent at registration' }),
  mkt: z
    .strictObject({
      windowMs: z.int().min(1),
      limitMilliCelsius: milliCelsius,
      ceilingMilliCelsius: milliCelsius.nullable(),
    })
    .exactOptional()
    .meta({ description: 'Limit on the mean kinetic temperature over every window of a length' }),
  activationEnergyJoule: z
    .int()
    .min(1000)
    .max(1_000_000)
    .exactOptional()
    .meta({ description: 'J/mol; 83144 when absent' }),
  guardBandMilliCelsius: z
    .int()
    .min(0)
    .max(5000)
    .exactOptional()
    .meta({ description: 'Uncertainty of sensors: every limit is judged that much more strictly' }),
  ignoreAfterPackingMs: z
    .int()
    .min(0)
    .max(14_400_000)
    .exactOptional()
    .meta({ description: 'While a logger adapts after packing, no rule but freezing counts for so long' }),
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

export const ProductPath = z.strictObject({ gtin: GtinText });

/** A profile that is not published yet. */
export const WhatIfBody = z.strictObject({ profile: z.strictObject(profileRules) });
export const WhatIfAnswer = z.strictObject({
  units: z.array(
    z.strictObject({
      sscc: z.string(),
      profile: z.string().meta({ description: 'GTIN/version that its goods were registered under' }),
      before: z.enum(['within', 'exceeded']),
      after: z.enum(['within', 'exceeded', 'undetermined']),
      evidence: z
        .strictObject({
          before: z.enum(['complete', 'incomplete', 'undetermined']),
          after: z.enum(['complete', 'incomplete', 'undetermined']),
        })
        .meta({ description: 'Whether the evidence that the profile asks for is there, as verdicts judge it now' }),
      changes: z.boolean(),
      legsMissing: z.int().min(0).meta({ description: 'Legs whose histogram is not seen here' }),
    }),
  ),
});

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
