import { isWithin, thermalReasons } from '@coldchain/chaincode/domain';
import {
  type Exposure,
  type HoldReference,
  type LegRecord,
  MAX_OBJECTS,
  type ProductProfile,
  profileId,
  type UnitState,
} from '@coldchain/chaincode/protocol';
import { type ActContext, ActRefused, placeHold } from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';

/** A leg of which the ledger takes no record. */
export interface UntoldLeg {
  readonly unitKey: string;
  readonly startedAt: number;
  readonly recorded: LegRecord | null;
  readonly current: Pick<LegRecord, 'exposures'>;
  /** What it had measured by its last evaluation. */
  readonly before: readonly Exposure[];
  readonly profiles: readonly ProductProfile[];
}

/**
 * Holds goods that a leg has spoilt when the ledger takes no record of it: their unit has too many legs, or too many units
 * took its state over. Without the hold the ledger would call them good. Held are the goods that the leg's custodian has, or
 * owns a batch of, and that break a rule with what the leg adds. A release stands until more of the leg is known.
 */
export async function holdUntold(context: ActContext, leg: UntoldLeg): Promise<void> {
  const untold = [{ recorded: leg.recorded?.exposures ?? null, current: leg.current.exposures }];
  untold.push(...(await earlierLegs(context, leg)));
  const broken = (await goodsOf(context, leg)).filter(
    ({ state }) => isBrokenBy(untold, leg.profiles, state) && !isDecided(leg, state),
  );
  for (let from = 0; from < broken.length; from += MAX_OBJECTS) {
    const ssccs = broken.slice(from, from + MAX_OBJECTS).map(({ sscc }) => sscc);
    if (await isHeld(context, ssccs)) continue;
    // One of them cannot be held, and refused the others with it.
    for (const sscc of ssccs) await isHeld(context, [sscc]);
  }
}

/** Whether units were held; the contract's rules may refuse it (too many holds, a suspended organisation). */
async function isHeld(context: ActContext, ssccs: readonly Sscc[]): Promise<boolean> {
  try {
    await placeHold(context, {
      ssccs,
      kind: 'thermal',
      note: 'The ledger takes no record of a leg that they were in.',
    });
    return true;
  } catch (error) {
    if (error instanceof ActRefused) return false;
    throw error;
  }
}

/** What a leg has measured, and what of it the ledger knows. */
interface Measured {
  readonly recorded: readonly Exposure[] | null;
  readonly current: readonly Exposure[];
}

/** Legs of the unit that whoever is charged with this one is charged with, too: none may break a rule, and all may. */
function earlierLegs({ transaction }: ActContext, leg: UntoldLeg): Promise<Measured[]> {
  return transaction.query<Measured>(
    `SELECT l.recorded -> 'exposures' AS recorded, l.exposures AS current FROM leg l JOIN unit u ON u.id = l.unit_id
     WHERE u.unit_key = $1 AND l.started_at < $2 AND jsonb_array_length(l.exposures) > 0`,
    [leg.unitKey, new Date(leg.startedAt)],
  );
}

interface GoodsRow {
  readonly sscc: Sscc;
  readonly state: UnitState;
}

/** Outermost units with goods of the leg that its custodian may hold. */
function goodsOf({ transaction, organisation }: ActContext, leg: UntoldLeg): Promise<GoodsRow[]> {
  return transaction.query<GoodsRow>(
    `SELECT g.sscc, e.state FROM units_with_goods_of($1, $2) g
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = g.unit_key
     WHERE e.state ->> 'custodian' = $3 OR EXISTS (
       SELECT FROM jsonb_array_elements(e.state -> 'batches') AS content
       JOIN batch b ON b.batch_key = content ->> 'batch' AND b.organisation_id = $4)
     ORDER BY g.unit_key`,
    [leg.unitKey, new Date(leg.startedAt), organisation.party, organisation.id],
  );
}

function isBrokenBy(
  untold: readonly Measured[],
  profiles: readonly ProductProfile[],
  { total, releases = [] }: UnitState,
): boolean {
  const exposures = total.exposures.map((told) => untold.reduce(withUntold, told));
  const known = new Map(profiles.map((profile) => [profileId(profile), profile] as const));
  return (
    thermalReasons({ ...total, exposures: exposures.filter(({ profile }) => known.has(profile)) }, known, releases)
      .length > 0
  );
}

function withUntold(total: Exposure, { recorded, current }: Measured): Exposure {
  const of = (exposures: readonly Exposure[] | null): Exposure | undefined =>
    exposures?.find(({ profile }) => profile === total.profile);
  const [told, now] = [of(recorded), of(current)];
  return {
    profile: total.profile,
    usedMs: total.usedMs.map(
      (used, range) => used + Math.max(0, (now?.usedMs[range] ?? 0) - (told?.usedMs[range] ?? 0)),
    ),
    freezeRunMs: Math.max(total.freezeRunMs, now?.freezeRunMs ?? 0),
    longestMs: total.usedMs.map((_, range) => Math.max(total.longestMs?.[range] ?? 0, now?.longestMs?.[range] ?? 0)),
  };
}

/** Held already, or released when as much was known of the leg. */
function isDecided({ before, current }: UntoldLeg, { holds, releases = [] }: UnitState): boolean {
  const isMeant = ({ kind, reason }: HoldReference): boolean => kind === 'thermal' && reason === 'temperature-doubted';
  const isKnown = current.exposures.every((exposure) => before.some((known) => isWithin(exposure, known)));
  return holds.some(isMeant) || (isKnown && releases.some(isMeant));
}
