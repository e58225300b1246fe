import type { Exposure, PartyId, ProductProfile, ProfileId } from '@coldchain/chaincode/protocol';
import { profileId } from '@coldchain/chaincode/protocol';
import {
  attribute,
  type AttributedExcursion,
  type Attribution,
  type LegShare,
  undeterminedOf,
} from '@coldchain/telemetry';
import type { UnitFacts } from '../verification/verdict-facts.js';

/** Excursions of a leg that are nobody's, by the leg's key. */
export type UndeterminedExcursions = ReadonlyMap<
  string,
  readonly (AttributedExcursion & { readonly profile: string })[]
>;

/** A leg that is visible here, and who had the unit then. */
export interface LegHolder {
  readonly key: string;
  readonly party: PartyId;
}

/**
 * Whose time of a profile's budget a unit has spent: what it inherited, and what each custodian spent on it and on the
 * units that it lies in. What is measured here goes before what the ledger was told; legs that are not visible here count
 * as the ledger tells them.
 */
export function attributionOf(
  chain: readonly UnitFacts[],
  holders: readonly LegHolder[],
  profile: ProductProfile,
  undetermined: UndeterminedExcursions,
): Attribution {
  const id = profileId(profile);
  const [inner] = chain;
  const inherited = exposureIn((inner?.expected ?? inner?.ledger)?.inherited.exposures ?? [], id, profile);
  return attribute(
    inherited,
    chain.flatMap((unit) => sharesOf(unit, holders, profile, undetermined)),
  );
}

function sharesOf(
  unit: UnitFacts,
  holders: readonly LegHolder[],
  profile: ProductProfile,
  undetermined: UndeterminedExcursions,
): LegShare[] {
  const id = profileId(profile);
  const recorded = (unit.expected ?? unit.ledger)?.legs ?? [];
  const absorbed = new Set(recorded.filter((leg) => leg.absorbed).map(({ leg }) => leg));
  const measured = unit.own.filter(({ key }) => !absorbed.has(key) && holders.some((holder) => holder.key === key));
  const known = new Set(measured.map(({ key }) => key));
  const told = recorded
    .filter((leg) => !leg.absorbed && !known.has(leg.leg))
    .map((leg) => ({
      leg: leg.leg,
      custodian: leg.custodian,
      startedAt: leg.startedAt ?? 0,
      exposure: exposureIn(leg.exposures, id, profile),
    }));
  const seen = measured.map(({ key, startedAt, exposures }) => ({
    leg: key,
    custodian: holders.find((holder) => holder.key === key)?.party ?? '',
    startedAt,
    exposure: exposureIn(exposures, id, profile),
    undeterminedMs: undeterminedOf(
      profile,
      (undetermined.get(key) ?? []).filter((excursion) => excursion.profile === id),
    ),
  }));
  return [...told, ...seen].sort((one, other) => one.startedAt - other.startedAt);
}

function exposureIn(exposures: readonly Exposure[], id: ProfileId, profile: ProductProfile): Exposure {
  return (
    exposures.find((exposure) => exposure.profile === id) ?? {
      profile: id,
      usedMs: profile.ranges.map(() => 0),
      freezeRunMs: 0,
    }
  );
}
