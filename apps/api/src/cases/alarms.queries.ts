import type { OrganisationTransaction } from '@coldchain/database';
import type { AlarmKind, AlarmSetting, AlarmSide } from '@coldchain/telemetry';

/** A visible alarm. */
export interface AlarmRow {
  readonly id: number;
  readonly kind: AlarmKind;
  readonly side: AlarmSide;
  readonly sscc: string;
  readonly case_id: number | null;
  readonly opened_at: Date;
  readonly ended_at: Date | null;
  readonly withdrawn_at: Date | null;
  readonly rules: readonly string[];
  readonly covered_ms: number;
  readonly coldest_milli_celsius: number | null;
  readonly hottest_milli_celsius: number | null;
  readonly expected_at: Date | null;
}

const SELECT_ALARM = `
  SELECT a.id, a.kind, a.side, u.sscc, a.case_id, a.opened_at, a.ended_at, a.withdrawn_at, a.rules, a.covered_ms,
         a.coldest_milli_celsius, a.hottest_milli_celsius, a.expected_at
  FROM alarm a JOIN leg l ON l.id = a.leg_id JOIN unit u ON u.id = l.unit_id`;

/** Alarms before an id, newest first. */
export function alarmsBefore(
  transaction: OrganisationTransaction,
  asked: { readonly before: number | null; readonly active: boolean; readonly sscc: string | null },
  count: number,
): Promise<AlarmRow[]> {
  return transaction.query<AlarmRow>(
    `${SELECT_ALARM} WHERE ($1::bigint IS NULL OR a.id < $1)
       AND (NOT $2 OR (a.ended_at IS NULL AND a.withdrawn_at IS NULL)) AND ($3::text IS NULL OR u.sscc = $3)
     ORDER BY a.id DESC LIMIT $4`,
    [asked.before, asked.active, asked.sscc, count],
  );
}

/** Alarms of a case, oldest first. */
export function alarmsOfCase(transaction: OrganisationTransaction, caseId: number): Promise<AlarmRow[]> {
  return transaction.query<AlarmRow>(`${SELECT_ALARM} WHERE a.case_id = $1 ORDER BY a.opened_at, a.id`, [caseId]);
}

/** An alarm as answers tell it. */
export const alarmAnswer = (row: AlarmRow): Record<string, unknown> => ({
  id: row.id,
  kind: row.kind,
  side: row.side,
  sscc: row.sscc,
  case: row.case_id,
  openedAt: row.opened_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  withdrawn: row.withdrawn_at !== null,
  rules: row.rules,
  coveredMs: row.covered_ms,
  coldestMilliCelsius: row.coldest_milli_celsius,
  hottestMilliCelsius: row.hottest_milli_celsius,
  expectedAt: row.expected_at?.toISOString() ?? null,
});

export interface SettingRow {
  readonly minimum_ms: number;
  readonly rejoin_ms: number;
  readonly missing_ms: number;
  readonly changed_by: string;
  readonly changed_at: Date;
}

export async function settingOf(transaction: OrganisationTransaction): Promise<SettingRow | undefined> {
  const [row] = await transaction.query<SettingRow>('SELECT * FROM current_alarm_setting');
  return row;
}

export async function storeSetting(
  transaction: OrganisationTransaction,
  { minimumMs, rejoinMs, missingMs }: AlarmSetting,
  changedBy: string,
  changedAt: Date,
): Promise<void> {
  await transaction.query(
    `INSERT INTO alarm_setting (organisation_id, minimum_ms, rejoin_ms, missing_ms, changed_by, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [transaction.organisationId, minimumMs, rejoinMs, missingMs, changedBy, changedAt],
  );
}
