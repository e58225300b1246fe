import type { OrganisationTransaction } from '@coldchain/database';
import { alarmChanges, excursionAlarms, isFilled } from '@coldchain/telemetry';
import { alarmFactsOf, type LegAlarms } from './alarm-facts.js';
import { writeAlarmChange } from './alarm-store.js';
import { CaseWriter } from './case-writer.js';

/**
 * Brings the alarms of a leg, and the case of its unit, to what its excursions say now; in the transaction that stored
 * them, so that no excursion is without its alarm.
 * @param now ms since 1970 UTC
 */
export async function followAlarms(transaction: OrganisationTransaction, legId: number, now: number): Promise<void> {
  const leg = await alarmFactsOf(transaction, legId);
  if (leg === undefined) return;
  const changes = alarmChanges(leg.told, excursionAlarms(leg.facts, leg.setting));
  const writer = new CaseWriter(transaction, leg.unitId, now);
  for (const change of changes) {
    // The case first: an alarm belongs to one from its first row on.
    const id = await writeAlarmChange(transaction, legId, await writer.caseId(), change, now);
    await writer.follow(change, id);
  }
  if (leg.missing !== null && heardAgain(leg.missing.since, leg.facts.evaluatedTo, leg.facts.legEndedAt)) {
    await endSilence(transaction, leg, leg.missing, writer, now);
  }
  await writer.write();
}

/** What came late and filled the silence shows that nothing was missing; else it ends as what it was. */
async function endSilence(
  transaction: OrganisationTransaction,
  { gaps, intervalMs, setting }: LegAlarms,
  { id, since }: NonNullable<LegAlarms['missing']>,
  writer: CaseWriter,
  now: number,
): Promise<void> {
  if (gaps !== null && isFilled(gaps, since, intervalMs, setting)) {
    await transaction.query('UPDATE alarm SET withdrawn_at = $2 WHERE id = $1', [id, new Date(now)]);
    await writer.withdrawn(id);
  } else {
    await transaction.query('UPDATE alarm SET ended_at = $2 WHERE id = $1', [id, new Date(now)]);
    await writer.ended(id);
  }
}

/** A reading from after the silence began, or the end of the leg, ends it. */
function heardAgain(since: number, evaluatedTo: number | null, legEndedAt: number | null): boolean {
  return legEndedAt !== null || (evaluatedTo !== null && evaluatedTo >= since);
}
