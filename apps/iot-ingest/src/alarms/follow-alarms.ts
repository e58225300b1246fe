import type { OrganisationTransaction } from '@coldchain/database';
import { alarmChanges, excursionAlarms } from '@coldchain/telemetry';
import { alarmFactsOf } from './alarm-facts.js';
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
    await transaction.query('UPDATE alarm SET ended_at = $2 WHERE id = $1', [leg.missing.id, new Date(now)]);
    await writer.ended(leg.missing.id);
  }
  await writer.write();
}

/** A reading from after the silence began, or the end of the leg, ends it. */
function heardAgain(since: number, evaluatedTo: number | null, legEndedAt: number | null): boolean {
  return legEndedAt !== null || (evaluatedTo !== null && evaluatedTo >= since);
}
