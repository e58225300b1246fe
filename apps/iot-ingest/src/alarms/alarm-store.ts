import type { OrganisationTransaction } from '@coldchain/database';
import { unreachable } from '@coldchain/kernel';
import type { AlarmChange, ExcursionAlarm } from '@coldchain/telemetry';

/** Writes a change of an excursion alarm and returns the alarm's name. @param now ms since 1970 UTC */
export async function writeAlarmChange(
  transaction: OrganisationTransaction,
  legId: number,
  caseId: number,
  change: AlarmChange,
  now: number,
): Promise<number> {
  switch (change.kind) {
    case 'raised': {
      const [row] = await transaction.query<{ id: number }>(
        `INSERT INTO alarm (leg_id, case_id, kind, side, opened_at, ended_at, rules, covered_ms, coldest_milli_celsius,
                            hottest_milli_celsius, raised_at)
         VALUES ($1, $2, 'excursion', $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
        [legId, caseId, ...columnsOf(change.alarm), new Date(now)],
      );
      if (row === undefined) throw new Error('alarm: insert returned no row');
      return row.id;
    }
    case 'updated':
      await transaction.query(
        `UPDATE alarm SET side = $2, opened_at = $3, ended_at = $4, rules = $5, covered_ms = $6,
                          coldest_milli_celsius = $7, hottest_milli_celsius = $8 WHERE id = $1`,
        [change.id, ...columnsOf(change.alarm)],
      );
      return change.id;
    case 'withdrawn':
      await transaction.query('UPDATE alarm SET withdrawn_at = $2 WHERE id = $1', [change.id, new Date(now)]);
      return change.id;
    default:
      return unreachable(change);
  }
}

const columnsOf = (alarm: ExcursionAlarm): unknown[] => [
  alarm.side,
  new Date(alarm.openedAt),
  alarm.endedAt === null ? null : new Date(alarm.endedAt),
  alarm.rules,
  alarm.coveredMs,
  alarm.coldestMilliCelsius,
  alarm.hottestMilliCelsius,
];
