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
 * that those came out of or were filled from, as far as alarms of them began before that was captured. What lay beside the
 * goods in a unit that was unpacked has a past of its own.
 * @param except a case that is being decided
 */
export function standingCasesOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
  except: number | null,
): Promise<StandingCase[]> {
  return transaction.query<StandingCase>(
    `SELECT unit_key, case_id AS id, about AS sscc, decision FROM standing_cases($1)
     WHERE case_id IS DISTINCT FROM $2 ORDER BY case_id`,
    [unitKeys, except],
  );
}

/** An outermost unit with goods that a case is about. */
export interface GoodsRow {
  readonly sscc: Sscc;
  /** The acting organisation has it, or owns a batch in it: it may hold it. */
  readonly at_hand: boolean;
  /** Slug of who has it; null where he is not known here. */
  readonly custodian: string | null;
  readonly holds: readonly HoldReference[];
}

/**
 * Where the goods of a case are now: in its unit, in units that packs of it were put into since its first alarm began, and
 * in those that were taken out of it since. What left before was not harmed by it.
 */
export function goodsOf(
  transaction: OrganisationTransaction,
  { id, unit_key }: { readonly id: number; readonly unit_key: string },
): Promise<GoodsRow[]> {
  return transaction.query<GoodsRow>(
    `SELECT g.sscc, o.slug AS custodian, e.state -> 'holds' AS holds,
            e.state ->> 'custodian' = me.party OR EXISTS (
              SELECT FROM jsonb_array_elements(e.state -> 'batches') AS content
              JOIN batch b ON b.batch_key = content ->> 'batch' AND b.organisation_id = me.id) AS at_hand
     FROM units_with_goods_of($1, coalesce((SELECT min(a.opened_at) FROM alarm a
                                            WHERE a.case_id = $2 AND a.withdrawn_at IS NULL), '-infinity')) g
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = g.unit_key
     JOIN organisation me ON me.id = $3
     LEFT JOIN organisation o ON o.party = e.state ->> 'custodian'
     ORDER BY g.unit_key`,
    [unit_key, id, transaction.organisationId],
  );
}
