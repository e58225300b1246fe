import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';

const READERS = ['quality', 'responsible-person', 'shipper', 'dispenser', 'auditor'];

interface CaseSummary {
  readonly id: number;
  readonly sscc: string;
  readonly organisation: string;
  readonly custodian: string | null;
  readonly held: boolean;
  readonly openedAt: string;
  readonly activeAlarms: number;
  readonly standingAlarms: number;
  readonly acknowledged: boolean;
  readonly decision: string | null;
}

interface CaseDetail extends CaseSummary {
  readonly cause: string | null;
  readonly assignee: string | null;
  readonly reopened: number;
  readonly alarms: readonly {
    readonly kind: string;
    readonly side: string;
    readonly openedAt: string;
    readonly endedAt: string | null;
    readonly withdrawn: boolean;
    readonly rules: readonly string[];
    readonly coldestMilliCelsius: number | null;
    readonly hottestMilliCelsius: number | null;
  }[];
  readonly holds: readonly {
    readonly reason: string;
    readonly assessments: readonly { readonly by: string; readonly conclusion: string }[];
  }[];
  readonly otherCases: readonly {
    readonly id: number;
    readonly organisation: string;
    readonly decision: string | null;
    readonly standingAlarms: number;
  }[];
  readonly budgets: readonly { readonly profile: string; readonly spentPercent: number }[];
  readonly evidence: readonly { readonly name: string; readonly sha256: string }[];
  readonly entries: readonly {
    readonly number: number;
    readonly at: string;
    readonly organisation: string;
    readonly account: string | null;
    readonly kind: string;
    readonly change: Readonly<Record<string, unknown>>;
  }[];
  readonly evaluatedTo: string | null;
  readonly stale: boolean;
  readonly digest: string;
}

/** Cases, one line each; the first word names the case. */
export async function runCaseList(invocation: Invocation): Promise<ExitCode> {
  const { options, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, READERS));
  const query = { limit: '1000', state: options.text('state') ?? 'open' };
  const answer = (await client.get('/v1/cases', query)) as { readonly cases: readonly CaseSummary[] };
  if (json) terminal.out(JSON.stringify(answer));
  else for (const one of answer.cases) terminal.out([one.id, one.sscc, one.organisation, ...standing(one)].join('  '));
  return 0;
}

/** All that a case says; the last line is the digest of it. */
export async function runCaseShow(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, READERS));
  const found = (await client.get(`/v1/cases/${encodeURIComponent(positionals[0] ?? '')}`)) as CaseDetail;
  terminal.out(json ? JSON.stringify(found) : linesOf(found).join('\n'));
  return 0;
}

function linesOf(found: CaseDetail): string[] {
  return [
    `case ${found.id}  unit ${found.sscc}  happened with ${found.organisation}, now with ${found.custodian ?? '-'}`,
    standing(found).join('  '),
    ageOf(found),
    `cause ${found.cause ?? '-'}  assigned to ${found.assignee ?? '-'}  reopened ${found.reopened}`,
    ...found.alarms.map((alarm) =>
      [
        'alarm',
        alarm.kind,
        alarm.side,
        `${alarm.openedAt} to ${alarm.withdrawn ? 'withdrawn' : (alarm.endedAt ?? 'now')}`,
        ...(alarm.hottestMilliCelsius === null
          ? []
          : [`${celsius(alarm.coldestMilliCelsius)} to ${celsius(alarm.hottestMilliCelsius)}`]),
        ...(alarm.rules.length === 0 ? [] : [alarm.rules.join('; ')]),
      ].join('  '),
    ),
    ...found.holds.map(({ reason, assessments }) =>
      ['hold', reason, ...(assessments.length === 0 ? ['not assessed'] : assessments.map(assessmentText))].join('  '),
    ),
    ...found.otherCases.map(({ id, organisation, decision, standingAlarms }) =>
      ['other case', id, organisation, decision ?? (standingAlarms === 0 ? 'withdrawn' : 'not decided')].join('  '),
    ),
    ...found.budgets.map(({ profile, spentPercent }) => `budget  ${profile}  ${spentPercent} % spent`),
    ...found.evidence.map(({ name, sha256 }) => `evidence  ${name}  ${sha256}`),
    ...found.entries.map(({ number, at, organisation, account, kind, change }) => {
      const { kind: _kind, ...said } = change;
      return `${number}  ${at}  ${organisation}/${account ?? 'platform'}  ${kind}  ${JSON.stringify(said)}`;
    }),
    found.digest,
  ];
}

const assessmentText = ({ by, conclusion }: CaseDetail['holds'][number]['assessments'][number]): string =>
  `${by}: ${conclusion}`;

/** How old the facts are. */
function ageOf({ evaluatedTo, stale }: CaseDetail): string {
  const told = evaluatedTo === null ? 'no reading is evaluated yet' : `readings up to ${evaluatedTo}`;
  return stale ? `${told}  LATE: newer ones may be missing, a release is refused` : told;
}

const standing = (one: CaseSummary): string[] => [
  one.openedAt,
  one.standingAlarms === 0 ? 'withdrawn' : one.activeAlarms > 0 ? `${one.activeAlarms} active` : 'ended',
  one.acknowledged ? 'acknowledged' : 'not acknowledged',
  one.decision ?? 'not decided',
  one.held ? 'held' : 'not held',
];
const celsius = (milli: number | null): string => (milli === null ? '-' : `${milli / 1000} °C`);
