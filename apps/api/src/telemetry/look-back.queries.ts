import type { OrganisationTransaction } from '@coldchain/database';
import type { CaseDecision } from '@coldchain/telemetry';

/** The organisation's own logger of a serial number. */
export async function loggerIdOf(transaction: OrganisationTransaction, serial: string): Promise<number | undefined> {
  const [row] = await transaction.query<{ id: number }>(
    'SELECT id FROM logger WHERE serial = $1 AND organisation_id = $2',
    [serial, transaction.organisationId],
  );
  return row?.id;
}

/** A leg that rests on a logger. */
export interface MeasuredLegRow {
  readonly leg_key: string;
  readonly unit_id: number;
  readonly sscc: string;
  readonly custodian: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly coldest_milli_celsius: number | null;
  readonly hottest_milli_celsius: number | null;
  readonly batches: readonly { readonly gtin: string; readonly lot: string; readonly owner: string }[];
}

/** Visible legs of a logger that touch a time, oldest first, with the visible batches of their units. */
export function legsMeasuredBy(
  transaction: OrganisationTransaction,
  loggerId: number,
  from: Date,
  to: Date,
): Promise<MeasuredLegRow[]> {
  return transaction.query<MeasuredLegRow>(
    `SELECT l.leg_key, l.unit_id, u.sscc, o.slug AS custodian, l.started_at, l.ended_at, l.coldest_milli_celsius,
            l.hottest_milli_celsius,
            coalesce((SELECT jsonb_agg(DISTINCT jsonb_build_object('gtin', b.gtin, 'lot', b.lot, 'owner', w.slug))
                      FROM expected_object e
                      CROSS JOIN LATERAL jsonb_array_elements(e.state -> 'batches') AS c
                      JOIN batch b ON b.batch_key = c ->> 'batch'
                      JOIN organisation w ON w.id = b.organisation_id
                      WHERE e.object_type = 'unit' AND e.object_key = u.unit_key), '[]') AS batches
     FROM leg l JOIN unit u ON u.id = l.unit_id JOIN organisation o ON o.id = l.organisation_id
     WHERE EXISTS (SELECT 1 FROM leg_source s WHERE s.leg_id = l.id AND s.logger_id = $1 AND s.since < $3
                     AND (s.until IS NULL OR s.until > $2))
     ORDER BY l.started_at, l.id`,
    [loggerId, from, to],
  );
}

/** Decisions about some units since a time, oldest first; also those that something overtook later. */
export function decisionsOn(
  transaction: OrganisationTransaction,
  unitIds: readonly number[],
  since: Date,
): Promise<{ id: number; sscc: string; decision: CaseDecision; at: Date; account: string }[]> {
  return transaction.query(
    `SELECT c.id, u.sscc, n.change ->> 'decision' AS decision, n.at, n.account
     FROM deviation_case c JOIN unit u ON u.id = c.unit_id JOIN case_entry n ON n.case_id = c.id
     WHERE c.unit_id = ANY($1) AND n.kind = 'decided' AND n.at >= $2 ORDER BY n.at, c.id`,
    [unitIds, since],
  );
}
