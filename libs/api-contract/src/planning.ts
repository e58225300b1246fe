import { z } from 'zod';
import { DayText, GtinText, Instant, LotText, Page } from './scalars.js';

/** Kinds of demand. They are never added up: each answers another question. */
export const DEMAND_SOURCES = ['dispensed', 'issued', 'ordered', 'delivered'] as const;
export type DemandSource = (typeof DEMAND_SOURCES)[number];

export const PLANNING_FREQUENCIES = ['day', 'week', 'month', 'quarter'] as const;

const source = z.enum(DEMAND_SOURCES);
const frequency = z.enum(PLANNING_FREQUENCIES);

const articleCode = z
  .string()
  .regex(/^(?!\d{14}$)[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
  .meta({ description: 'Short name of an article; not 14 digits', example: 'amoxicillin-500mg-capsule' });

/** An article, or a GTIN that belongs to none. */
const product = z
  .string()
  .min(1)
  .max(63)
  .meta({ description: 'Code of an article, or a GTIN', example: 'amoxicillin-500mg-capsule' });

const site = z
  .string()
  .min(1)
  .max(63)
  .meta({ description: 'Site of the organisation; its own GLN unless imported', example: '9520003000018' });

const days = z.number().min(0).max(3650);
const quantity = z.number().meta({ description: 'In base units of the article' });

/** How an article is counted and ordered. */
export const ArticleBody = z.strictObject({
  code: articleCode,
  substance: z.string().min(1).max(200),
  strength: z.string().min(1).max(100),
  form: z.string().min(1).max(100),
  baseUnit: z.string().min(1).max(50).meta({ description: 'What demand is counted in', example: 'tablet' }),
  ven: z
    .enum(['vital', 'essential', 'necessary'])
    .default('essential')
    .meta({ description: 'What patients lose without it; decides the service level unless `service` does' }),
  service: z.number().gt(0).lt(1).nullable().default(null).meta({ description: 'Probability of no stockout' }),
  leadTimeDays: days.min(0.01).default(7),
  leadTimeSpreadDays: days.default(0).meta({ description: 'Standard deviation of the lead time' }),
  reviewDays: days.default(7).meta({ description: 'Time between two looks at the stock' }),
  minimumRemainingDays: days.default(0).meta({ description: 'Stock with less shelf life left is not counted' }),
  minimumOrder: z.number().min(0).max(1e10).default(0).meta({ description: 'Base units' }),
  unitPrice: z.number().min(0).max(1e9).nullable().default(null).meta({
    description:
      'Money for a base unit, in the currency of the organisation; ranks articles by what a year of them costs',
  }),
  packs: z
    .array(
      z.strictObject({
        gtin: GtinText,
        baseUnits: z.number().gt(0).max(1e9).meta({ description: 'Base units in a pack' }),
        packsPerCase: z.int().min(1).max(1_000_000).default(1),
        role: z.enum(['current', 'predecessor', 'substitute']).meta({
          description: 'current: what is ordered; predecessor: what it succeeds; substitute: what may stand in for it',
        }),
      }),
    )
    .max(200)
    .refine((packs) => packs.filter(({ role }) => role === 'current').length <= 1, 'at most one pack is current'),
});
export const ArticleList = z.strictObject({
  articles: z.array(ArticleBody.extend({ service: z.number().nullable(), unitPrice: z.number().nullable() })),
});

export const PriceImportAnswer = z.strictObject({
  articles: z.int().min(0).meta({ description: 'In the list' }),
  changed: z.int().min(0).meta({ description: 'Whose price was another one before' }),
});

/** How the organisation plans. */
export const PlanningSettingBody = z.strictObject({
  frequency: frequency.default('week').meta({ description: 'Length of a period' }),
  horizon: z.int().min(1).max(400).default(13).meta({ description: 'Periods ahead' }),
  decommissionsAre: z
    .enum(['dispensed', 'delivered'])
    .default('dispensed')
    .meta({ description: 'delivered: packs are decommissioned in bulk when they come in, as hospitals of the EU may' }),
});

export const DemandImportQuery = z.strictObject({
  source: source.default('dispensed').meta({ description: 'Of rows without a column `source`' }),
});
export const DemandImportAnswer = z.strictObject({
  sha256: z.string().meta({ description: 'Of the file; the same file is imported once' }),
  repeated: z.boolean(),
  rows: z.int().min(0).meta({ description: 'Taken' }),
  series: z.int().min(0),
  refusedSeries: z.int().min(0).meta({ description: 'Series of which nothing was taken, because of a bad row' }),
  problems: z
    .array(z.strictObject({ line: z.int(), code: z.string(), detail: z.string() }))
    .meta({ description: 'The first 100 bad rows, by line' }),
});

export const DemandQuery = Page.extend({
  product: product.optional(),
  site: site.optional(),
  frequency: frequency.optional().meta({ description: 'As planned when absent' }),
});
export const DemandList = z.strictObject({
  frequency,
  series: z.array(
    z.strictObject({
      product: z.string(),
      site: z.string(),
      source: source.meta({ description: 'The first of dispensed, issued, ordered, delivered that is known' }),
      sources: z.array(source).meta({ description: 'All that are known' }),
      periods: z.array(
        z.strictObject({
          from: z.string().meta({ description: 'First day of the period' }),
          quantity: quantity.nullable().meta({ description: 'null: not known' }),
          available: z.number().min(0).max(1).meta({ description: 'Share of the period in stock' }),
        }),
      ),
    }),
  ),
});

/** Of lists by product and site. */
export const PlanningQuery = Page.extend({ product: product.optional(), site: site.optional() });

const provenance = {
  product: z.string(),
  site: z.string(),
  source,
  model: z.string().meta({ description: 'Name and version' }),
  job: z.int(),
  computedAt: Instant,
  windowFrom: z.string(),
  windowUntil: z.string().meta({ description: 'First day after the history' }),
  inputSha256: z.string().meta({ description: 'Of the bytes that went in: the same ones give the same forecast' }),
} as const;

const outOfDate = z
  .boolean()
  .meta({ description: 'Its history ended more than a period ago: nothing is ordered by it' });

export const ForecastList = z.strictObject({
  forecasts: z.array(
    z.strictObject({
      ...provenance,
      outOfDate,
      documentSha256: z.string(),
      addsUp: z.boolean().meta({ description: 'The forecasts of the sites of the product add up to its own' }),
      frequency,
      // Periods that are over are left out.
      steps: z.array(
        z.strictObject({
          from: z.string(),
          step: z.int(),
          mean: quantity,
          lower80: quantity,
          upper80: quantity,
          lower95: quantity,
          upper95: quantity,
        }),
      ),
    }),
  ),
});

export const ReorderList = z.strictObject({
  advice: z.array(
    z.strictObject({
      ...provenance,
      outOfDate,
      name: z.string(),
      baseUnit: z.string(),
      sentence: z.string().meta({ example: 'Order 3 cases of 10 by Tuesday' }),
      orderGtin: z.string().nullable(),
      orderPacks: z.number(),
      reorderPoint: quantity,
      orderUpTo: quantity,
      safetyStock: quantity,
      service: z.number(),
      serviceBasis: z
        .strictObject({
          ven: z.enum(['vital', 'essential', 'necessary']),
          abc: z
            .enum(['A', 'B', 'C'])
            .meta({ description: 'Share of the year: the first 80 %, the next 15 %, the rest' }),
          basis: z
            .enum(['value', 'volume'])
            .meta({ description: 'volume: no price is known, base units stand for it' }),
        })
        .nullable()
        .meta({ description: 'What the service level follows from; null: it was told' }),
      addsUp: z.boolean().meta({ description: 'The forecasts of the sites of the product add up to its own' }),
      stock: z
        .strictObject({
          countedAt: Instant.nullable().meta({ description: 'null: known from custody' }),
          saleable: quantity.meta({ description: 'Free, not too short-dated, with budget left, and sold in time' }),
          onOrder: quantity.meta({ description: 'On its way here' }),
          held: quantity,
          recalled: quantity,
          expired: quantity,
          withoutBudget: quantity.meta({ description: 'The verdict would not say ok: budget or evidence is missing' }),
          expectedWaste: quantity,
          periodsOfStock: z
            .number()
            .nullable()
            .meta({ description: 'null: nothing is demanded, or the forecast is out of date' }),
        })
        .nullable()
        .meta({ description: 'null: the stock of this site is not known, it has to be counted' }),
      lots: z
        .array(
          z.strictObject({
            gtin: z.string(),
            lot: z.string(),
            sscc: z.string(),
            expiry: z.string(),
            quantity,
            state: z.enum(['free', 'held', 'recalled', 'expired', 'without-budget', 'on-the-way']),
            budgetLeftPercent: z.int().min(0).max(100),
          }),
        )
        .meta({ description: 'First expired, first out' }),
    }),
  ),
});

/** Names one product and site. */
export const WhatIfQuery = z.strictObject({ product, site: site.optional() });
export const ServiceWhatIfAnswer = z.strictObject({
  product: z.string(),
  site: z.string(),
  service: z.number().meta({ description: 'The present level' }),
  choices: z.array(
    z.strictObject({
      service: z.number(),
      reached: z.number().meta({
        description:
          'Probability that the reorder point lasts: whole units give more than was asked for, a short shelf life less',
      }),
      reorderPoint: quantity,
      safetyStock: quantity,
      expectedShortage: quantity.meta({ description: 'In lead time and review interval' }),
      fillRate: z.number().meta({ description: 'Share of the demand that is met from stock' }),
    }),
  ),
});

/** What was counted at a site of the organisation where custody does not tell the stock. */
export const StockCountBody = z.strictObject({
  site,
  lots: z
    .array(
      z.strictObject({
        gtin: GtinText,
        lot: LotText,
        expiry: DayText,
        packs: z.int().min(0).max(1_000_000_000),
      }),
    )
    .max(10_000)
    .refine((lots) => new Set(lots.map(({ gtin, lot }) => `${gtin} ${lot}`)).size === lots.length, 'a lot stands twice')
    .meta({ description: 'All lots of the site: what is not named is not there' }),
});
export const StockCountAnswer = z.strictObject({ site: z.string(), lots: z.int(), countedAt: Instant });

export const SupplyImpactQuery = z.strictObject({ gtin: GtinText, lot: LotText });
export const SupplyImpactAnswer = z.strictObject({
  gtin: z.string(),
  lot: z.string(),
  product: z.string(),
  affected: z.array(
    z.strictObject({
      site: z.string(),
      lost: quantity,
      dryOn: z.string().nullable().meta({
        description: 'Day on which stock is gone; null: not within the forecast, or it is out of date',
      }),
      dryOnWithout: z.string().nullable().meta({ description: 'The same without the batch' }),
      sentence: z.string(),
    }),
  ),
  freeStock: z
    .array(z.strictObject({ site: z.string(), free: quantity }))
    .meta({ description: 'Own sites with more than they need' }),
  freeStockOfOthers: z
    .array(
      z.strictObject({
        organisation: z.string().meta({ description: 'Slug' }),
        name: z.string(),
        site: z.string(),
        free: quantity,
      }),
    )
    .meta({ description: 'Sites of organisations that share their free stock of it with this one' }),
});

export const FlagQuery = Page.extend({
  logger: z.string().min(1).max(128).optional(),
});
export const FlagList = z.strictObject({
  flags: z.array(
    z.strictObject({
      id: z.int(),
      logger: z.string(),
      cause: z.string().meta({
        description:
          'warm, cold, door, cooling, unsteady, flatline, gap, pattern or level; excursion-ahead: a product here will ' +
          'probably leave its range; compressor: it will soon have to run all the time',
      }),
      expectedAt: Instant.nullable().meta({ description: 'When what is foreseen will be; null for what is so now' }),
      at: Instant.meta({ description: 'Time of the reading' }),
      raisedAt: Instant,
      score: z.number().meta({
        description: 'How unusual; of excursion-ahead the probability within twelve minutes, of compressor its duty',
      }),
      milliCelsius: z.int(),
      humidityPermille: z.int().nullable(),
      detector: z.string(),
    }),
  ),
});

export const JobBody = z.strictObject({
  kind: z.literal('forecast'),
  product: product.optional().meta({ description: 'Only this one; every one when absent' }),
  site: site.optional().meta({ description: 'Only the products there; each is forecast at all of its sites' }),
  until: DayText.optional().meta({ description: 'History ends before the period of this day; today when absent' }),
});
export const JobPath = z.strictObject({ id: z.string().regex(/^\d{1,15}$/) });
export const JobAnswer = z.strictObject({
  id: z.int(),
  kind: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  requestedBy: z.string(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  total: z.int().nullable(),
  done: z.int(),
  refused: z.int().meta({ description: 'Of `done`: no forecast could be made' }),
  failure: z.string().nullable(),
});
export const JobList = z.strictObject({ jobs: z.array(JobAnswer) });
