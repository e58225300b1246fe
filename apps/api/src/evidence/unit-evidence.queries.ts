import type { Exposure, PartyId } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { LegState } from '@coldchain/telemetry';
import type { TransitStep } from './transits.js';

/** A logger that speaks or spoke for a leg. */
export interface EvidenceSourceRow {
  readonly kind: 'bound' | 'place';
  readonly loggerId: number;
  /** null: of another organisation. */
  readonly logger: string | null;
  readonly intervalMs: number | null;
  /** ms since 1970 */
  readonly from: number;
  readonly to: number | null;
}

/** A visible leg of some units with all that watches it. */
export interface EvidenceLegRow {
  readonly id: number;
  readonly leg_key: string;
  readonly sscc: string;
  readonly slug: string;
  readonly party: PartyId;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly sources: readonly EvidenceSourceRow[];
  readonly last: LegState['last'];
  readonly readings: number;
  readonly gap_ms: number;
  /** Of that what was measured although nothing vouches for it, ms since 1970, [from, to) each. */
  readonly doubted: readonly (readonly [number, number])[];
  readonly vouched_ms: number;
  readonly coldest_milli_celsius: number | null;
  readonly hottest_milli_celsius: number | null;
  readonly exposures: readonly Exposure[];
}

const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

/** Legs of some units, oldest first. */
export function evidenceLegsOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
): Promise<EvidenceLegRow[]> {
  return transaction.query<EvidenceLegRow>(
    `SELECT l.id, l.leg_key, u.sscc, o.slug, o.party, l.started_at, l.ended_at, l.state -> 'last' AS last, l.readings,
            l.gap_ms, l.doubted, l.vouched_ms, l.coldest_milli_celsius, l.hottest_milli_celsius, l.exposures,
            coalesce((SELECT jsonb_agg(jsonb_build_object('kind', s.kind, 'loggerId', s.logger_id, 'logger', g.serial,
                        'intervalMs', g.interval_ms, 'from', ${MS('greatest(s.since, l.started_at)')}, 'to', ${MS('s.until')})
                      ORDER BY s.since, s.logger_id)
                      FROM leg_source s LEFT JOIN logger g ON g.id = s.logger_id WHERE s.leg_id = l.id), '[]') AS sources
     FROM leg l JOIN unit u ON u.id = l.unit_id JOIN organisation o ON o.id = l.organisation_id
     WHERE u.unit_key = ANY($1) ORDER BY l.started_at, l.id`,
    [unitKeys],
  );
}

/** An excursion that is assigned to nobody. */
export interface UndeterminedRow {
  readonly leg_key: string;
  readonly profile: string;
  readonly rule: string;
  readonly opened_at: Date;
  readonly closed_at: Date | null;
  readonly duration_ms: number;
  readonly extreme_milli_celsius: number;
}

export function undeterminedExcursionsOf(
  transaction: OrganisationTransaction,
  legIds: readonly number[],
): Promise<UndeterminedRow[]> {
  return transaction.query<UndeterminedRow>(
    `SELECT l.leg_key, x.profile, x.rule, x.opened_at, x.closed_at, x.duration_ms, x.extreme_milli_celsius
     FROM excursion x JOIN leg l ON l.id = x.leg_id
     WHERE x.leg_id = ANY($1) AND x.responsibility = 'undetermined' ORDER BY x.opened_at, x.rule LIMIT 1000`,
    [legIds],
  );
}

/** Loggers of a unit that disagreed. */
export interface DisagreementRow {
  readonly opened_at: Date;
  readonly closed_at: Date | null;
  readonly most_milli_celsius: number;
}

/** The newest disagreements of some legs, oldest first. */
export function disagreementsOf(
  transaction: OrganisationTransaction,
  legIds: readonly number[],
): Promise<DisagreementRow[]> {
  return transaction.query<DisagreementRow>(
    `SELECT * FROM (SELECT opened_at, closed_at, most_milli_celsius FROM leg_disagreement
                    WHERE leg_id = ANY($1) ORDER BY opened_at DESC LIMIT 100) d ORDER BY opened_at`,
    [legIds],
  );
}

/** Slug of the party in a despatch's destinationList: a PGLN, whose digits end the canonical link. */
const RECEIVER = `(SELECT r.slug FROM organisation r WHERE r.gln = right(
  (SELECT d ->> 'destination' FROM jsonb_array_elements(e.document::jsonb -> 'destinationList') d
   WHERE d ->> 'type' LIKE '%possessing_party' LIMIT 1), 13))`;

/** Acts through which units went on their way or arrived, in the order in which they happened. */
export async function transitStepsOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
): Promise<TransitStep[]> {
  const rows = await transaction.query<{ command: string; at: Date; slug: string; receiver: string | null }>(
    `SELECT e.command, e.event_time AS at, o.slug, CASE WHEN e.command = 'shipUnits' THEN ${RECEIVER} END AS receiver
     FROM custody_event e JOIN organisation o ON o.id = e.organisation_id
     WHERE e.anchor_state <> 'refused'
       AND e.command IN ('shipUnits', 'receiveUnits', 'cancelShipment', 'refuseReceipt', 'resolveDiscrepancy')
       AND EXISTS (SELECT 1 FROM custody_event_object x WHERE x.event_id = e.id AND x.object_key = ANY($1))
     ORDER BY e.event_time, e.id`,
    [unitKeys],
  );
  return rows.map((row) => ({ command: row.command, at: row.at.getTime(), by: row.slug, receiver: row.receiver }));
}

/** Despatches of one sender to one receiver that a forecast goes by. */
const MOST_TRANSITS = 50;

/** How long the newest transits from a sender to a receiver took that have arrived, as far as they are visible; ms. */
export async function laneHistoryOf(transaction: OrganisationTransaction, from: string, to: string): Promise<number[]> {
  const rows = await transaction.query<{ duration_ms: number }>(
    `SELECT ${MS('a.at')} - ${MS('e.event_time')} AS duration_ms
     FROM custody_event e
     JOIN organisation s ON s.id = e.organisation_id AND s.slug = $1
     JOIN LATERAL (SELECT min(r.event_time) AS at FROM custody_event_object mine
                   JOIN custody_event_object theirs ON theirs.object_key = mine.object_key
                   JOIN custody_event r ON r.id = theirs.event_id AND r.command = 'receiveUnits'
                     AND r.event_time >= e.event_time AND r.anchor_state <> 'refused'
                   JOIN organisation t ON t.id = r.organisation_id AND t.slug = $2
                   WHERE mine.event_id = e.id AND mine.object_type = 'unit') a ON a.at IS NOT NULL
     WHERE e.command = 'shipUnits' AND e.anchor_state <> 'refused' AND ${RECEIVER} = $2
     ORDER BY e.event_time DESC LIMIT $3`,
    [from, to, MOST_TRANSITS],
  );
  return rows.map((row) => row.duration_ms);
}

/** Slugs by party. */
export async function slugsOf(transaction: OrganisationTransaction): Promise<ReadonlyMap<PartyId, string>> {
  const rows = await transaction.query<{ party: PartyId; slug: string }>('SELECT party, slug FROM organisation');
  return new Map(rows.map(({ party, slug }) => [party, slug]));
}
