import { z } from 'zod';
import { Instant } from './scalars.js';

const BudgetRange = z.strictObject({
  name: z.string(),
  activation: z.enum(['instant', 'consecutive', 'cumulative']),
  usedMs: z.int().meta({ description: 'What is held against it: all time, or the longest piece' }),
  allowedMs: z.int(),
  leftMs: z.int().meta({ description: 'Never below 0; with `combine: sum` other ranges take from it, too' }),
  exceeded: z.boolean(),
});

/** What is left of one published budget of a unit, by the account that the verdict rests on. */
export const UnitBudgetAnswer = z.strictObject({
  profile: z.string(),
  product: z.string().nullable(),
  owner: z.string().nullable().meta({ description: 'Who published it and assesses what goes beyond it' }),
  combine: z.enum(['independent', 'nested', 'sum']),
  ranges: z.array(BudgetRange),
  exceeded: z.boolean(),
  frozen: z.boolean(),
  spentPercent: z.int(),
});
export type UnitBudgetAnswer = z.output<typeof UnitBudgetAnswer>;

const Milli = z.int().nullable();
export const BudgetAnswer = z.strictObject({
  sscc: z.string(),
  budgets: z.array(UnitBudgetAnswer),
  legs: z.array(
    z.strictObject({
      custodian: z.string(),
      from: Instant,
      to: Instant.nullable(),
      evidence: z.string().meta({ description: 'The logger, or whose it is' }),
      readings: z.int(),
      gapMs: z.int(),
      coldestMilliCelsius: Milli,
      hottestMilliCelsius: Milli,
      spent: z.array(z.strictObject({ profile: z.string(), usedMs: z.array(z.int()) })),
    }),
  ),
});
