import type { OrganisationTransaction } from '@coldchain/database';
import {
  ALARM_SETTING,
  type AlarmFacts,
  type AlarmSetting,
  type Excursion,
  type ExcursionAlarm,
  type ThermalProfile,
  type ToldAlarm,
} from '@coldchain/telemetry';

/** What the alarms of a leg are made from, and those that were told. */
export interface LegAlarms {
  readonly unitId: number;
  readonly facts: AlarmFacts;
  readonly told: readonly ToldAlarm[];
  /** The alarm about missing data that stands. */
  readonly missing: { readonly id: number; readonly since: number } | null;
  readonly setting: AlarmSetting;
  /** The leg's gaps as [from, to], and how long a reading of it holds; null: nothing was evaluated. */
  readonly gaps: readonly (readonly [number, number])[] | null;
  readonly intervalMs: number;
}

interface ExcursionRow {
  readonly profile: string;
  readonly rule: string;
  readonly opened_at: number;
  readonly closed_at: number | null;
  readonly duration_ms: number;
  readonly extreme_milli_celsius: number;
  readonly extreme_permille: number | null;
  readonly assumed: boolean;
}

interface AlarmRow {
  readonly id: number;
  readonly kind: 'excursion' | 'missing-data';
  readonly side: ExcursionAlarm['side'];
  readonly opened_at: number;
  readonly ended_at: number | null;
  readonly rules: readonly string[];
  readonly covered_ms: number;
  readonly coldest: number;
  readonly hottest: number;
}

/** ms since 1970, exactly: JSON of PostgreSQL writes instants as text. */
const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

/** undefined: the leg has no excursion and no alarm, as nearly every leg; that costs one statement. */
export async function alarmFactsOf(
  transaction: OrganisationTransaction,
  legId: number,
): Promise<LegAlarms | undefined> {
  const [row] = await transaction.query<{
    unit_id: number;
    evaluated_to: Date | null;
    ended_at: Date | null;
    excursions: readonly ExcursionRow[] | null;
    alarms: readonly AlarmRow[] | null;
  }>(
    `SELECT l.unit_id, l.evaluated_to, l.ended_at,
       (SELECT jsonb_agg(jsonb_build_object('profile', x.profile, 'rule', x.rule, 'opened_at', ${ms('x.opened_at')},
          'closed_at', ${ms('x.closed_at')}, 'duration_ms', x.duration_ms, 'extreme_milli_celsius', x.extreme_milli_celsius,
          'extreme_permille', x.extreme_permille, 'assumed', x.assumed))
        FROM excursion x WHERE x.leg_id = l.id) AS excursions,
       (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'side', a.side, 'opened_at', ${ms('a.opened_at')},
          'ended_at', ${ms('a.ended_at')}, 'rules', a.rules, 'covered_ms', a.covered_ms,
          'coldest', a.coldest_milli_celsius, 'hottest', a.hottest_milli_celsius))
        FROM alarm a WHERE a.leg_id = l.id AND a.withdrawn_at IS NULL
          AND (a.kind = 'excursion' OR (a.kind = 'missing-data' AND a.ended_at IS NULL))) AS alarms
     FROM leg l WHERE l.id = $1`,
    [legId],
  );
  if (row === undefined || (row.excursions === null && row.alarms === null)) return undefined;
  const alarms = row.alarms ?? [];
  const missing = alarms.find(({ kind }) => kind === 'missing-data');
  const { profiles, held, ...surroundings } = await surroundingsOf(transaction, legId);
  return {
    unitId: row.unit_id,
    facts: {
      excursions: (row.excursions ?? []).map(excursionOf),
      profiles,
      evaluatedTo: row.evaluated_to?.getTime() ?? null,
      legEndedAt: row.ended_at?.getTime() ?? null,
      held,
    },
    told: alarms.filter(({ kind }) => kind === 'excursion').map(toldOf),
    missing: missing === undefined ? null : { id: missing.id, since: missing.opened_at },
    ...surroundings,
  };
}

type Surroundings = Pick<LegAlarms, 'setting' | 'gaps' | 'intervalMs'> & Pick<AlarmFacts, 'profiles' | 'held'>;

/** What only a leg with excursions or alarms needs: its profiles and gaps, whether its unit is held, when people are told. */
async function surroundingsOf(transaction: OrganisationTransaction, legId: number): Promise<Surroundings> {
  const [row] = await transaction.query<{
    profiles: readonly ThermalProfile[] | null;
    gaps: LegAlarms['gaps'];
    interval_ms: number | null;
    held: boolean | null;
    setting: AlarmSetting | null;
  }>(
    `SELECT l.state -> 'profiles' AS profiles, l.state -> 'gaps' AS gaps, (l.state ->> 'intervalMs')::bigint AS interval_ms,
       e.state -> 'holds' @> '[{"kind": "thermal"}]' AS held,
       (SELECT jsonb_build_object('minimumMs', s.minimum_ms, 'rejoinMs', s.rejoin_ms, 'missingMs', s.missing_ms)
        FROM current_alarm_setting s WHERE s.organisation_id = l.organisation_id) AS setting
     FROM leg l JOIN unit u ON u.id = l.unit_id
     LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     WHERE l.id = $1`,
    [legId],
  );
  return {
    profiles: row?.profiles ?? [],
    gaps: row?.gaps ?? null,
    intervalMs: row?.interval_ms ?? 0,
    held: row?.held ?? false,
    setting: row?.setting ?? ALARM_SETTING,
  };
}

const excursionOf = (row: ExcursionRow): Excursion => ({
  profile: row.profile,
  rule: row.rule,
  openedAt: row.opened_at,
  closedAt: row.closed_at,
  durationMs: row.duration_ms,
  extremeMilliCelsius: row.extreme_milli_celsius,
  extremePermille: row.extreme_permille,
  assumed: row.assumed,
});

const toldOf = (row: AlarmRow): ToldAlarm => ({
  id: row.id,
  side: row.side,
  openedAt: row.opened_at,
  endedAt: row.ended_at,
  rules: row.rules,
  coveredMs: row.covered_ms,
  coldestMilliCelsius: row.coldest,
  hottestMilliCelsius: row.hottest,
});
