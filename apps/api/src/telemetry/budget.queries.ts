import type { Exposure } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Sscc } from '@coldchain/gs1';

/** A visible leg: who had the unit, and what it went through then. */
export interface CustodyLegRow {
  readonly custodian: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly evidence: string;
  readonly readings: number;
  readonly gap_ms: number;
  readonly coldest_milli_celsius: number | null;
  readonly hottest_milli_celsius: number | null;
  readonly exposures: readonly Exposure[];
}

/** Legs of some units, oldest first. A logger of another organisation has no name here. */
export function custodyLegsOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
): Promise<CustodyLegRow[]> {
  return transaction.query<CustodyLegRow>(
    `SELECT o.slug AS custodian, l.started_at, l.ended_at,
            concat_ws(', ',
              (SELECT string_agg(DISTINCT coalesce(g.serial, 'logger of another organisation')
                                 || CASE s.kind WHEN 'place' THEN ' (place)' ELSE '' END, ', ')
               FROM leg_source s LEFT JOIN logger g ON g.id = s.logger_id WHERE s.leg_id = l.id),
              CASE WHEN l.vouched_ms > 0 THEN 'qualified packaging' END) AS evidence,
            l.readings, l.gap_ms, l.coldest_milli_celsius, l.hottest_milli_celsius, l.exposures
     FROM leg l JOIN unit u ON u.id = l.unit_id JOIN organisation o ON o.id = l.organisation_id
     WHERE u.unit_key = ANY($1) ORDER BY l.started_at, l.id`,
    [unitKeys],
  );
}

export async function ssccOfKey(transaction: OrganisationTransaction, unitKey: string): Promise<Sscc | undefined> {
  const [row] = await transaction.query<{ sscc: Sscc }>('SELECT sscc FROM unit WHERE unit_key = $1', [unitKey]);
  return row?.sscc;
}
