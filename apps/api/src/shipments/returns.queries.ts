import type { OrganisationTransaction } from '@coldchain/database';
import type { EvidencedLeg } from '@coldchain/telemetry';

/**
 * The time that a unit was in the hands of others, from the first of them who received it to when its receipt was captured:
 * that it had come back before is a word, and no evidence.
 */
export interface CustomerCustody {
  readonly received_at: Date;
  readonly returned_at: Date;
}

/**
 * Locks what the ledger is expected to hold about the visible units of an SSCC and the batches in them: in the order in
 * which acts do, so that no hold, no recall and no exposure comes between the judgement and what follows from it.
 */
export async function lockUnit(transaction: OrganisationTransaction, sscc: string): Promise<void> {
  await transaction.query(
    `SELECT 1 FROM expected_object e
     WHERE e.object_type = 'unit' AND e.object_key IN (SELECT unit_key FROM unit WHERE sscc = $1)
       OR e.object_type = 'batch' AND e.object_key IN (
         SELECT c ->> 'batch' FROM unit u
         JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
         CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'batches') AS c WHERE u.sscc = $1)
     ORDER BY e.object_type, e.object_key FOR UPDATE`,
    [sscc],
  );
}

/** Since the asking organisation shipped the unit last; undefined: it did not, or it has not come back. */
export async function customerCustodyOf(
  transaction: OrganisationTransaction,
  unitKey: string,
): Promise<CustomerCustody | undefined> {
  const [row] = await transaction.query<CustomerCustody>(
    `WITH receipt AS (
       SELECT e.organisation_id, e.event_time, e.recorded_at FROM custody_event e JOIN custody_event_object o ON o.event_id = e.id
       WHERE o.object_key = $1 AND e.command IN ('receiveUnits', 'receiveUnannounced') AND e.anchor_state <> 'refused'),
     own AS (
       SELECT max(event_time) AS said_at, max(greatest(event_time, recorded_at)) AS returned_at
       FROM receipt WHERE organisation_id = $2),
     shipped AS (
       SELECT max(e.event_time) AS at FROM custody_event e JOIN custody_event_object o ON o.event_id = e.id, own
       WHERE o.object_key = $1 AND e.command = 'shipUnits' AND e.organisation_id = $2 AND e.event_time <= own.said_at)
     SELECT min(r.event_time) AS received_at, own.returned_at
     FROM receipt r, own, shipped
     WHERE r.organisation_id <> $2 AND r.event_time >= shipped.at AND r.event_time <= own.said_at
     GROUP BY own.returned_at HAVING count(*) > 0`,
    [unitKey, transaction.organisationId],
  );
  return row;
}

/** Every visible leg of a unit as evidence. */
export async function evidenceLegsOf(transaction: OrganisationTransaction, unitKey: string): Promise<EvidencedLeg[]> {
  const rows = await transaction.query<{
    started_at: Date;
    ended_at: Date | null;
    holds_until: Date | null;
    gap_ms: number;
    gaps: EvidencedLeg['gaps'] | null;
    vouched: EvidencedLeg['vouched'] | null;
    closed: boolean | null;
  }>(
    `SELECT l.started_at, l.ended_at, l.holds_until, l.gap_ms, l.state -> 'gaps' AS gaps, l.vouched,
            l.state ->> 'phase' = 'closed' AS closed
     FROM leg l JOIN unit u ON u.id = l.unit_id WHERE u.unit_key = $1`,
    [unitKey],
  );
  return rows.map((row) => {
    const endedAt = row.ended_at?.getTime() ?? null;
    return {
      startedAt: row.started_at.getTime(),
      endedAt,
      // The gap of a leg that was closed counts what is missing at its end, too.
      holdsUntil: row.closed === true ? endedAt : (row.holds_until?.getTime() ?? null),
      gapMs: row.gap_ms,
      gaps: row.gaps ?? [],
      vouched: row.vouched ?? [],
    };
  });
}
