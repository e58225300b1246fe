import { z } from 'zod';
import { UnitBudgetAnswer } from './budget.js';
import { Instant } from './scalars.js';

const MillisecondsPerRange = z.array(z.int()).meta({ description: 'Per range, in the order of `ranges`' });

/** What watched a unit in somebody's custody, and what it said. */
const EvidenceLeg = z.strictObject({
  sscc: z.string().meta({ description: 'The unit, or one that it lay or lies in' }),
  custodian: z.string(),
  from: Instant,
  to: Instant.nullable(),
  sources: z
    .array(
      z.strictObject({
        kind: z.enum(['bound', 'place']).meta({ description: 'bound: with the unit. place: where the unit was' }),
        logger: z.string().nullable().meta({ description: 'null: of another organisation' }),
        from: Instant,
        to: Instant.nullable(),
      }),
    )
    .meta({ description: 'Loggers that spoke for it; of several the worst counts at every instant' }),
  vouched: z
    .array(z.strictObject({ from: Instant, to: Instant }))
    .meta({ description: 'Time in which qualified packaging counts where nothing was measured' }),
  readings: z.int(),
  holdsUntil: Instant.nullable().meta({ description: 'Up to when what was read last holds' }),
  gapMs: z.int(),
  vouchedMs: z.int(),
  coldestMilliCelsius: z.int().nullable(),
  hottestMilliCelsius: z.int().nullable(),
});

/** The budget at one arrival. */
const Arrival = z.strictObject({
  arrivesAt: Instant,
  spentPercent: z.int(),
  exceeded: z.boolean(),
  frozen: z.boolean(),
  brokenAt: Instant.nullable().meta({
    description: 'When a limit will be broken on the way: until then goods can be rerouted',
  }),
});

/** What a profile allows, and who has spent it. */
const Budget = UnitBudgetAnswer.extend({
  attribution: z
    .strictObject({
      totalMs: MillisecondsPerRange,
      inheritedMs: MillisecondsPerRange,
      undeterminedMs: MillisecondsPerRange,
      custodians: z.array(z.strictObject({ custodian: z.string(), usedMs: MillisecondsPerRange })),
      unattributedMs: MillisecondsPerRange.meta({
        description: 'What the budget counts beyond the total: told by the ledger, or of units that are not visible',
      }),
    })
    .meta({
      description:
        'Whose time it was: what was inherited, what each custodian spent and what the clocks cannot tell add up to the total exactly',
    }),
  forecast: z
    .strictObject({
      slopeMilliCelsiusPerHour: z.int(),
      transits: z.int().meta({ description: 'Earlier transits from the same sender to the same receiver' }),
      median: Arrival.nullable(),
      late: Arrival.nullable().meta({ description: 'Nine of ten earlier transits had arrived by then' }),
      sentence: z.string(),
    })
    .nullable()
    .meta({ description: 'Advisory; null: it is not on its way' }),
});

export const EVIDENCE_FINDINGS = [
  'transit-too-long',
  'loggers-disagree',
  'excursion-undetermined',
  'claimed-late',
  'silent',
] as const;

/** What is wrong with the evidence or with the way, in the words of people. */
const EvidenceFinding = z.strictObject({
  kind: z.enum(EVIDENCE_FINDINGS),
  from: Instant,
  to: Instant.nullable(),
  sentence: z.string(),
});

export const UnitEvidenceAnswer = z.strictObject({
  sscc: z.string(),
  asOf: Instant,
  evaluatedTo: Instant.nullable().meta({ description: 'Up to when all readings are known to be evaluated' }),
  legs: z.array(EvidenceLeg),
  budgets: z.array(Budget),
  findings: z.array(EvidenceFinding),
});
export type UnitEvidenceAnswer = z.output<typeof UnitEvidenceAnswer>;
