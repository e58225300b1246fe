import type { AggregateUnitPayload, BatchState, DisaggregateUnitPayload, UnitState } from '../protocol';
import { type Context, withParty } from './context';
import { holdsOfChild, unitedHolds, unitedReleases } from './holds';
import { Refused } from './refused';
import { maximumOf, openingState, restrictedTo } from './thermal-state';
import { judged, profilesOf, takenOverAt, unitAtHand, unitState, withHeir } from './unit';

async function batchFromProduction(key: string, context: Context): Promise<BatchState> {
  const batch = await context.draft.batch(key);
  if (batch.owner !== context.caller.party) throw new Refused('batch-not-owned', { batch: key });
  return batch;
}

/**
 * Packs a new unit. What its contents have been through it has been through: per profile and range the maximum of the
 * children, the sources and the opening balance of packs straight from production; extremes merged; holds united.
 * @throws Refused `unit-empty`, `unit-exists`, `batch-unknown`, `batch-not-owned`, and what {@link unitAtHand} refuses.
 */
export async function aggregateUnit(payload: AggregateUnitPayload, context: Context): Promise<void> {
  const { draft, eventTime } = context;
  if (payload.children.length + payload.sources.length + payload.batches.length === 0) {
    throw new Refused('unit-empty', { unit: payload.unit });
  }
  if ((await draft.find('unit', payload.unit)) !== undefined) throw new Refused('unit-exists', { unit: payload.unit });
  const children: UnitState[] = [];
  for (const key of payload.children) children.push(await unitAtHand(key, context));
  const sources: UnitState[] = [];
  for (const key of payload.sources) sources.push(await unitAtHand(key, context));
  const batches: BatchState[] = [];
  for (const key of payload.batches) batches.push(await batchFromProduction(key, context));
  const openings = [];
  for (const batch of batches) openings.push(openingState(await draft.profile(batch.profile), batch.profile));

  const givers = [...children, ...sources];
  const contents = new Map(
    [...givers.flatMap((unit) => unit.batches), ...batches].map(({ batch, profile }) => [batch, { batch, profile }]),
  );
  const inherited = maximumOf([...givers.map((unit) => unit.total), ...openings]);
  const unit = unitState({
    unit: payload.unit,
    status: 'held-by-custodian',
    custodian: context.caller.party,
    receiver: null,
    claimedBy: null,
    parent: null,
    children: [...payload.children].sort(),
    batches: [...contents.values()].sort((a, b) => (a.batch < b.batch ? -1 : 1)),
    inherited,
    legs: [],
    heirs: [],
    heirTimes: [],
    previousCustodians: [],
    loosePacks: payload.sources.length + payload.batches.length > 0,
    holds: unitedHolds(...givers.map((giver) => giver.holds)),
    lastEventTime: eventTime,
    releases: unitedReleases(...givers),
  });
  draft.put('unit', payload.unit, await judged(unit, context));
  for (const giver of givers) {
    const parent = payload.children.includes(giver.unit) ? payload.unit : null;
    draft.put(
      'unit',
      giver.unit,
      withHeir(unitState({ ...giver, parent, lastEventTime: eventTime }), payload.unit, context),
    );
  }
}

/**
 * Takes children out of a unit. They leave with its custodian, its thermal state and its holds, so unpacking washes
 * nothing; their own legs are inside that state already. The unit dissolves with its last child when no loose packs lie
 * in it.
 * @throws Refused `unit-not-child` and what {@link unitAtHand} refuses for the unit.
 */
export async function disaggregateUnit(payload: DisaggregateUnitPayload, context: Context): Promise<void> {
  const { draft, eventTime } = context;
  let unit = await unitAtHand(payload.unit, context);
  for (const key of payload.children) {
    if (!unit.children.includes(key)) throw new Refused('unit-not-child', { unit: payload.unit, child: key });
    const child = await draft.unit(key);
    const packedAt = takenOverAt(child, payload.unit) ?? eventTime;
    const taken = unitState({
      ...child,
      custodian: unit.custodian,
      parent: null,
      inherited: restrictedTo(unit.total, profilesOf(child)),
      // Legs from before the packing are inside the parent's state; a leg that began later is not, and counts on its own.
      legs: child.legs.map((leg) => ({ ...leg, absorbed: leg.absorbed || (leg.startedAt ?? 0) <= packedAt })),
      previousCustodians: withParty(child.previousCustodians, child.custodian, ...unit.previousCustodians),
      holds: holdsOfChild(child, unit),
      lastEventTime: eventTime,
      releases: unitedReleases(child, unit),
    });
    draft.put('unit', key, await judged(taken, context));
    unit = withHeir(unit, key, context);
  }
  const children = unit.children.filter((key) => !payload.children.includes(key));
  const status = children.length === 0 && !unit.loosePacks ? 'dissolved' : unit.status;
  draft.put('unit', payload.unit, unitState({ ...unit, status, children, lastEventTime: eventTime }));
}
