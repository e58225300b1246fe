import { type PartyState, type ProductProfile, profileId, type PublishProfilePayload } from '../protocol';
import { canonicalJson } from './canonical';
import { needsRole } from './context';
import { Refused } from './refused';
import type { Registered, StandingContext } from './standing';

/**
 * Does the party's company prefix stand in the GTIN? The first digit of a GTIN-14 is the indicator, the prefix follows
 * (GS1 General Specifications §2.1.1.3).
 * @throws Refused `prefix-not-owned`.
 */
export function needsPrefix(party: PartyState, gtin: string): void {
  if (!party.prefixes.some((prefix) => gtin.startsWith(prefix, 1))) {
    throw new Refused('prefix-not-owned', { party: party.party, gtin });
  }
}

/**
 * A manufacturer publishes a version of a profile under its own prefix. The same content again is a replay.
 * @throws Refused `role-missing`, `prefix-not-owned`, `profile-exists-differently`.
 */
export async function publishProfile(
  { profile }: PublishProfilePayload,
  { caller, draft }: StandingContext,
): Promise<Registered<ProductProfile>> {
  const party = await draft.caller(caller);
  needsRole(party, 'manufacturer');
  needsPrefix(party, profile.gtin);
  const key = profileId(profile);
  const known = await draft.find('profile', key);
  if (known === undefined) {
    draft.put('profile', key, profile);
    return { state: profile, replay: false };
  }
  if (canonicalJson(known) !== canonicalJson(profile)) {
    throw new Refused('profile-exists-differently', { profile: key });
  }
  return { state: known, replay: true };
}
