import type { Sscc } from '@coldchain/gs1';
import type { ActContext, RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { claimSettledEvent } from './events.js';
import { leavePlaceOf, renewLeg } from './legs.js';
import { expectedUnits, organisationOf, unitReferences, visibleUnits } from './objects.js';
import { recordAct } from './record-act.js';

/** What custodian or claimant says about units that came unannounced. */
export interface ResolveDiscrepancy {
  readonly ssccs: readonly Sscc[];
  /** From the custodian: slug or party of who keeps them. The claimant leaves it out: he leaves it to the custodian. */
  readonly custodyTo?: string;
}

/**
 * Custodian and claimant agree, each by an act of his own, in any order; then claim and hold end. Who gives the units up
 * gives their data with them; the leg goes on with who keeps them.
 *
 * @throws ActRefused `unit-unknown`, `organisation-unknown`, `unit-not-claimed`, `not-custodian`, `payload-invalid` (who
 * may say what) and what else the contract refuses.
 */
export async function resolveDiscrepancy(context: ActContext, input: ResolveDiscrepancy): Promise<RecordedAct> {
  const units = await visibleUnits(context, input.ssccs);
  const before = await expectedUnits(context, units);
  const keeper = input.custodyTo === undefined ? null : await organisationOf(context, input.custodyTo);
  if (keeper === undefined) throw new ActRefused('organisation-unknown', { organisation: input.custodyTo });
  const act = await recordAct(context, {
    command: 'resolveDiscrepancy',
    payload: { units: units.map((unit) => unit.key), custodyTo: keeper?.party ?? null },
    event: claimSettledEvent(context, input.ssccs, keeper?.gln ?? null),
    objects: unitReferences(units),
    sharedWith: [...before.values()].flatMap(({ custodian, claimedBy }) => [
      custodian,
      ...(claimedBy === null ? [] : [claimedBy]),
    ]),
  });
  if (act.expected === null) return act.recorded;
  for (const unit of units) {
    if (keeper !== null && keeper.id !== context.organisation.id) {
      await context.transaction.query('SELECT share_unit($1, $2)', [unit.id, keeper.id]);
    }
    const after = act.expected.units.find((state) => state.unit === unit.key);
    if (after === undefined || after.custodian === before.get(unit.key)?.custodian) continue;
    // Nobody has put it into a place of who keeps it; that it once was in one says nothing when it comes back.
    await leavePlaceOf(context, unit.id);
    await renewLeg(context, unit.id);
  }
  return act.recorded;
}
