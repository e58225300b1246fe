import type { HoldReference } from '@coldchain/chaincode/protocol';
import type { ActContext } from '@coldchain/custody';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Sscc } from '@coldchain/gs1';
import type { CaseDecision } from '@coldchain/telemetry';

/** A unit under a hold that the acting organisation has, outermost and not unpacked. */
export interface UnitUnderHold {
  readonly sscc: Sscc;
  readonly unit_key: string;
}

/**
 * The units that a release by the acting organisation can mean. They are locked, as the evaluator does before it opens a
 * case: what is read afterwards is all there is.
 * @param ssccs only these; null: every one
 */
export function lockUnitsUnder(
  { transaction, organisation }: ActContext,
  { kind, reason, commitment }: HoldReference,
  ssccs: readonly Sscc[] | null,
): Promise<UnitUnderHold[]> {
  return transaction.query<UnitUnderHold>(
    `SELECT u.sscc, u.unit_key FROM unit u JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     WHERE e.state -> 'holds' @> $1::jsonb AND e.state ->> 'custodian' = $2 AND e.state ->> 'parent' IS NULL
       AND e.state ->> 'status' <> 'dissolved' AND ($3::text[] IS NULL OR u.sscc = ANY($3))
     ORDER BY e.object_key FOR UPDATE OF e`,
    [JSON.stringify([{ kind, reason, commitment }]), organisation.party, ssccs],
  );
}

/** A case that keeps a unit where it is. */
export interface StandingCase {
  /** The unit that is to be released. */
  readonly unit_key: string;
  readonly id: number;
  /** The unit that it is about: the same, one in it, or one that its goods came out of. */
  readonly sscc: Sscc;
  /** null: it is open. */
  readonly decision: CaseDecision | null;
}

/**
 * Cases that are open or rejected and speak of the goods in the units: of the units, of what lies in them, and of units
 * that those came out of or were filled from, as far as alarms of them began before that. What lay beside the goods in a
 * unit that was unpacked has a past of its own.
 * @param except a case that is being decided
 */
export function standingCasesOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
  except: number | null,
): Promise<StandingCase[]> {
  return transaction.query<StandingCase>(
    `WITH RECURSIVE related(meant, id, unit_key, until, present, hosted) AS (
       SELECT k.unit_key, u.id, u.unit_key, 'infinity'::timestamptz, true, false
       FROM unnest($1::text[]) AS k(unit_key) JOIN unit u ON u.unit_key = k.unit_key
       UNION
       SELECT r.meant, n.id, n.unit_key, n.until, n.present, n.hosted FROM related r CROSS JOIN LATERAL (
         SELECT c.id, c.unit_key, r.until, true AS present, false AS hosted FROM unit c
         WHERE r.present AND c.parent_id = r.id
         UNION ALL
         SELECT s.id, s.unit_key, least(r.until, v.event_time), false, v.command = 'disaggregateUnit'
         FROM custody_event_object mine
         JOIN custody_event v ON v.id = mine.event_id AND v.anchor_state <> 'refused'
           AND (v.command = 'disaggregateUnit' OR v.command = 'aggregateUnit' AND NOT r.hosted)
         JOIN custody_event_object o ON o.event_id = v.id AND o.object_type = 'unit' AND o.object_key <> r.unit_key
         JOIN unit s ON s.unit_key = o.object_key
         JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = s.unit_key
           AND e.state -> 'heirs' ? r.unit_key
         WHERE mine.object_key = r.unit_key) n)
     SELECT DISTINCT r.meant AS unit_key, c.id, u.sscc, c.decision
     FROM related r JOIN deviation_case c ON c.unit_id = r.id JOIN unit u ON u.id = r.id
     WHERE (c.decision = 'reject' OR c.decision IS NULL AND c.standing_alarms > 0) AND c.id IS DISTINCT FROM $2
       AND (r.until = 'infinity' OR EXISTS (
         SELECT 1 FROM alarm a WHERE a.case_id = c.id AND a.withdrawn_at IS NULL AND a.opened_at <= r.until))
     ORDER BY c.id`,
    [unitKeys, except],
  );
}

/** A unit in which goods of another one are now; null where it is not visible. */
export interface HeirRow {
  readonly sscc: Sscc | null;
}

/**
 * The units that are left of a unit that was unpacked, of those that took its state over after the first alarm of a case
 * had begun: what left before was not harmed by it.
 */
export function heirsOf(
  transaction: OrganisationTransaction,
  { id, unit_key }: { readonly id: number; readonly unit_key: string },
): Promise<HeirRow[]> {
  return transaction.query<HeirRow>(
    `WITH RECURSIVE heir(unit_key) AS (
       SELECT $1::text
       UNION
       SELECT k.unit_key FROM heir h
       JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = h.unit_key
         AND e.state ->> 'status' = 'dissolved'
       CROSS JOIN LATERAL jsonb_array_elements_text(e.state -> 'heirs') WITH ORDINALITY AS k(unit_key, position)
       WHERE (e.state -> 'heirTimes' ->> (k.position - 1)::integer)::bigint >= coalesce(
         (SELECT extract(epoch FROM min(a.opened_at)) * 1000 FROM alarm a
          WHERE a.case_id = $2 AND a.withdrawn_at IS NULL), 0))
     SELECT u.sscc FROM heir h LEFT JOIN unit u ON u.unit_key = h.unit_key
     LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = h.unit_key
     WHERE h.unit_key <> $1 AND coalesce(e.state ->> 'status', '') <> 'dissolved' ORDER BY h.unit_key`,
    [unit_key, id],
  );
}
