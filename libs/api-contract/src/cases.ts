import { z } from 'zod';
import { UnitBudgetAnswer } from './budget.js';
import { HoldAnswer } from './units.js';
import { Instant, Note, Page, SsccText } from './scalars.js';

export const CasePath = z.strictObject({
  case: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .meta({ description: 'Number of a case, as lists of cases tell it', example: '17' }),
});
export const EvidencePath = CasePath.extend({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description: 'SHA-256 of the file, hex' }),
});

export const CASE_STATES = ['open', 'decided', 'all'] as const;
export const CasesQuery = Page.extend({
  state: z
    .enum(CASE_STATES)
    .default('open')
    .meta({ description: 'open: no decision stands, and something is to be decided' }),
  sscc: SsccText.optional().meta({ description: 'Only those of a unit' }),
});

export const CASE_DECISIONS = ['release', 'reject'] as const;
/** Why it happened. */
export const ROOT_CAUSES = [
  'equipment-failure',
  'door-left-open',
  'power-failure',
  'handling-error',
  'transport-delay',
  'packaging-failure',
  'sensor-lost',
  'sensor-faulty',
  'other',
] as const;

export const AcknowledgeCaseBody = z.strictObject({ reason: Note });
export const CommentCaseBody = z.strictObject({ text: Note });
export const AssignCaseBody = z.strictObject({
  to: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .meta({ description: 'Name of an account of the organisation; null: nobody' }),
});
export const AddEvidenceBody = z.strictObject({
  name: z
    .string()
    .regex(/^[^\p{Cc}/\\]{1,200}$/u)
    .meta({ description: 'Name of the file, without folders' }),
  mediaType: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,60}$/)
    .default('application/octet-stream'),
  content: z.base64().min(4).max(950_000).meta({ description: 'The file, base64; at most 700 kB' }),
});
export const CaseCauseBody = z.strictObject({
  cause: z
    .enum(ROOT_CAUSES)
    .meta({ description: 'sensor-lost, sensor-faulty: the case may be decided with evidence although it never ends' }),
  reason: Note,
});
export const AssessCaseBody = z.strictObject({
  conclusion: z.enum(['usable', 'not-usable']).meta({ description: 'For all batches of the organisation in the unit' }),
  reason: Note,
});
export const DecideCaseBody = z.strictObject({
  decision: z.enum(CASE_DECISIONS),
  reason: Note,
  shown: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description: '`digest` of the case as it was shown to the person who decides' }),
  password: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'The person’s own password, typed again for this decision' }),
});

const Milli = z.int().nullable();
export const AlarmAnswer = z.strictObject({
  id: z.int(),
  kind: z.enum(['excursion', 'missing-data', 'warning']),
  side: z.enum(['hot', 'cold', 'humid', 'none']),
  sscc: z.string(),
  case: z.int().nullable().meta({ description: 'null: a warning, or a case that is not visible' }),
  openedAt: Instant,
  endedAt: Instant.nullable().meta({ description: 'null: it goes on' }),
  withdrawn: z.boolean().meta({ description: 'Late readings showed that there was nothing' }),
  rules: z.array(z.string()).meta({ description: '`gtin/version: rule`' }),
  coveredMs: z.int().meta({ description: 'Of its rules the longest time that readings cover' }),
  coldestMilliCelsius: Milli,
  hottestMilliCelsius: Milli,
  expectedAt: Instant.nullable().meta({ description: 'Of a warning: when the product will leave its range' }),
});
export const AlarmsQuery = Page.extend({
  active: z.enum(['true', 'false']).default('true').meta({ description: 'Only those that go on' }),
  sscc: SsccText.optional().meta({ description: 'Only those of a unit' }),
});
export const AlarmList = z.strictObject({ alarms: z.array(AlarmAnswer) });

/** When people are told; ms. */
const settingOf = (description: string) =>
  z
    .int()
    .min(0)
    .max(7 * 86_400_000)
    .meta({ description });
export const AlarmSettingBody = z.strictObject({
  minimumMs: settingOf('Shortest excursion that is told by itself; what places a hold is told at once'),
  rejoinMs: settingOf('An alarm ends when its rules were kept for so long; before that it is the same alarm'),
  missingMs: settingOf('Time without readings after which that is told; at least three intervals of the logger'),
});
export const AlarmSettingAnswer = AlarmSettingBody.extend({
  changedBy: z.string().nullable().meta({ description: 'null: nothing was set, this is the default' }),
  changedAt: Instant.nullable(),
});

const CaseStanding = z.strictObject({
  activeAlarms: z.int().meta({ description: 'Alarms that go on' }),
  standingAlarms: z.int().meta({ description: 'Raised and not withdrawn; without any there is nothing to decide' }),
  acknowledged: z.boolean().meta({ description: 'Somebody took notice of every alarm up to now' }),
  decision: z.enum(CASE_DECISIONS).nullable(),
});
export const CaseSummary = CaseStanding.extend({
  id: z.int(),
  sscc: z.string(),
  organisation: z.string().meta({ description: 'In whose hands it happened' }),
  custodian: z.string().nullable().meta({ description: 'Who has the goods now' }),
  held: z.boolean().meta({ description: 'The unit is in quarantine' }),
  openedAt: Instant,
  coldestMilliCelsius: Milli,
  hottestMilliCelsius: Milli,
});
export const CaseList = z.strictObject({ cases: z.array(CaseSummary) });

export const CaseDetail = CaseSummary.extend({
  cause: z.enum(ROOT_CAUSES).nullable(),
  assignee: z.string().nullable(),
  reopened: z.int().meta({ description: 'How often a decision was overtaken by what came later' }),
  alarms: z.array(AlarmAnswer),
  holds: z.array(HoldAnswer),
  budgets: z.array(UnitBudgetAnswer).meta({ description: 'Up to now, with what goes on and what silence is charged' }),
  legs: z
    .array(
      z.strictObject({
        custodian: z.string(),
        from: Instant,
        spent: z.array(z.strictObject({ profile: z.string(), usedMs: z.array(z.int()) })),
      }),
    )
    .meta({ description: 'What was measured in each leg of the unit, up to its newest reading' }),
  otherCases: z
    .array(
      z.strictObject({
        id: z.int(),
        organisation: z.string(),
        decision: z.enum(CASE_DECISIONS).nullable(),
        standingAlarms: z.int().meta({ description: '0 without a decision: all were withdrawn, it is not waited for' }),
      }),
    )
    .meta({ description: 'Of the same unit in other hands; its holds are released with the last of them' }),
  evidence: z.array(
    z.strictObject({
      sha256: z.string(),
      name: z.string(),
      mediaType: z.string(),
      bytes: z.int(),
      addedBy: z.string(),
      addedAt: Instant,
    }),
  ),
  entries: z.array(
    z.strictObject({
      number: z.int(),
      at: Instant,
      organisation: z.string(),
      account: z.string().nullable().meta({ description: 'null: the platform, by what was measured' }),
      kind: z.string(),
      change: z.record(z.string(), z.unknown()),
    }),
  ),
  evaluatedTo: Instant.nullable().meta({
    description: 'Readings that were accepted up to then are in what is told; null: none was evaluated',
  }),
  stale: z
    .boolean()
    .meta({ description: 'The evaluation is late: newer readings may be missing, a release is refused' }),
  digest: z.string().meta({
    description:
      'What a decision signs: SHA-256 of the RFC 8785 form of all other members without what changes by itself: `evaluatedTo`, `stale`, and of the budgets `usedMs`, `leftMs` and `spentPercent`',
  }),
});
/** What is answered to a change of a case. */
export const CaseActAnswer = z.strictObject({
  case: z.int(),
  entry: z.int().meta({ description: 'Number of the entry that keeps it' }),
  holds: z.array(z.string()).meta({ description: 'Holds that the ledger is told about' }),
  untold: z
    .string()
    .nullable()
    .meta({ description: 'What the ledger is not told of a decision, and why; null where nothing is left to be told' }),
});

export const PasswordBody = z.strictObject({
  current: z.string().min(1).max(200),
  password: z.string().min(12).max(200).meta({ description: 'At least 12 characters' }),
});
export const PasswordAnswer = z.strictObject({ changed: z.literal(true) });

export const TriageQuery = z.strictObject({
  failedAt: z.iso.datetime({ offset: true }).meta({ description: 'Since when the cooling is off' }),
  celsius: z.coerce.number().min(-100).max(100).default(25).meta({ description: 'What the place is taken to have' }),
  place: z.string().min(1).max(63).optional().meta({ description: 'Only what is in this place' }),
  logger: z.string().min(1).max(128).optional().meta({ description: 'Only what this logger watches' }),
});
export const TriageAnswer = z.strictObject({
  failedAt: Instant,
  milliCelsius: z.int(),
  entries: z.array(
    z.strictObject({
      sscc: z.string(),
      gtin: z.string().nullable().meta({ description: 'null: nothing is recorded in the unit' }),
      lot: z.string().nullable().meta({ description: 'null: the data of the batch was not given to you' }),
      product: z.string().nullable(),
      answer: z.enum(['usable', 'usable-until', 'hold']),
      until: Instant.nullable(),
      why: z.string(),
      call: z.strictObject({ slug: z.string(), name: z.string(), gln: z.string() }),
    }),
  ),
  complete: z.boolean().meta({ description: 'false: there is more than one answer holds' }),
});

export const LookBackQuery = z.strictObject({
  from: z.iso.datetime({ offset: true }).meta({ description: 'The last calibration that was right' }),
  to: z.iso.datetime({ offset: true }).optional().meta({ description: 'When it was found wrong; now when absent' }),
});
export const LookBackAnswer = z.strictObject({
  logger: z.string(),
  from: Instant,
  to: Instant,
  legs: z.array(
    z.strictObject({
      leg: z.string(),
      sscc: z.string(),
      custodian: z.string(),
      from: Instant,
      to: Instant.nullable(),
      coldestMilliCelsius: Milli,
      hottestMilliCelsius: Milli,
    }),
  ),
  batches: z.array(z.strictObject({ gtin: z.string(), lot: z.string(), owner: z.string() })),
  decisions: z.array(
    z.strictObject({
      case: z.int(),
      sscc: z.string(),
      decision: z.enum(CASE_DECISIONS),
      at: Instant,
      account: z.string(),
    }),
  ),
});

export const AcceptReturnBody = z.strictObject({ sscc: SsccText });

export const StreamQuery = z.strictObject({
  lastEventId: z
    .string()
    .regex(/^\d{1,20}-\d{1,19}$/)
    .optional()
    .meta({ description: 'As the header Last-Event-ID, which goes before it' }),
});
