import type { ClaimResolution, ResolveDiscrepancyPayload, UnitState } from '../protocol';
import { type Context, notAhead, notBeforePrevious, withParty } from './context';
import { released } from './holds';
import { Refused } from './refused';
import { invalid } from './shape';
import { freeUnit, unitState } from './unit';

/** What stands after the caller spoke. @throws Refused `not-custodian`, `payload-invalid` (who keeps the unit). */
function spoken(unit: UnitState, custodyTo: string | null, context: Context): ClaimResolution {
  const caller = context.caller.party;
  // What a former custodian said binds nobody.
  const known = unit.resolution?.custodian?.party === unit.custodian ? unit.resolution.custodian : null;
  const agreed = unit.resolution?.claimant === unit.claimedBy ? unit.claimedBy : null;
  if (unit.custodian === caller) {
    if (custodyTo === null || (custodyTo !== unit.custodian && custodyTo !== unit.claimedBy)) {
      return invalid('/custodyTo', 'custodian or claimant');
    }
    // A custodian who is the claimant too (it was sent to him since) speaks for both.
    return { custodian: { party: caller, custodyTo }, claimant: unit.claimedBy === caller ? caller : agreed };
  }
  if (unit.claimedBy !== caller) throw new Refused('not-custodian', { unit: unit.unit, caller: 'nor claimant' });
  if (custodyTo !== null) return invalid('/custodyTo', 'null from the claimant');
  return { custodian: known, claimant: caller };
}

/** Claim and its holds end; the unit is where the custodian said. */
function settled(unit: UnitState, custodyTo: string, context: Context): UnitState {
  const moves = custodyTo !== unit.custodian;
  const ended = unit.holds.filter((hold) => hold.reason === 'unannounced-receipt');
  const { resolution: _, ...rest } = released(unit, ended, context);
  return unitState({
    ...rest,
    status: moves ? 'held-by-custodian' : unit.status,
    custodian: custodyTo,
    receiver: moves ? null : unit.receiver,
    claimedBy: null,
    previousCustodians: moves ? withParty(unit.previousCustodians, unit.custodian) : unit.previousCustodians,
    lastEventTime: context.eventTime,
  });
}

/**
 * Custodian and claimant of unannounced goods agree, each with an act of his own, in any order. The custodian says who
 * keeps the units; the claimant says that he leaves it to him.
 * @throws Refused `unit-not-claimed`, `not-custodian` (nor claimant), `payload-invalid` (who keeps the units),
 * `event-in-future` (no tolerance here), `event-before-previous` and what {@link freeUnit} refuses.
 */
export async function resolveDiscrepancy(payload: ResolveDiscrepancyPayload, context: Context): Promise<void> {
  for (const key of payload.units) {
    const unit = await freeUnit(key, context.draft);
    if (unit.claimedBy === null) throw new Refused('unit-not-claimed', { unit: key });
    const resolution = spoken(unit, payload.custodyTo, context);
    notAhead(context);
    notBeforePrevious({ type: 'unit', key }, unit, context.eventTime);
    const { custodian, claimant } = resolution;
    const after =
      custodian !== null && claimant !== null
        ? settled(unit, custodian.custodyTo, context)
        : unitState({ ...unit, resolution, lastEventTime: context.eventTime });
    context.draft.put('unit', key, after);
  }
}
