import { PARTY_ROLES, type PartyId, type PartyState, type RegisterPartyPayload, REGULATOR_MSP } from '../protocol';
import { canonicalJson } from './canonical';
import { needsRole } from './context';
import type { Draft } from './draft';
import { parseParty } from './payload';
import { Refused } from './refused';

/** What {@link registerParty} and {@link publishProfile} found: the state, and whether it stood there before. */
export interface Registered<State> {
  readonly state: State;
  readonly replay: boolean;
}

/**
 * The regulator registers a party with its roles and prefixes. The same content again is a replay.
 * @throws Refused `role-missing`, `party-exists-differently` and what {@link Draft.caller} refuses.
 */
export async function registerParty(
  payload: RegisterPartyPayload,
  caller: PartyId,
  draft: Draft,
): Promise<Registered<PartyState>> {
  needsRole(await draft.caller(caller), 'regulator');
  const state: PartyState = {
    party: payload.party,
    roles: PARTY_ROLES.filter((role) => payload.roles.includes(role)),
    prefixes: [...payload.prefixes].sort(),
    state: 'authorised',
  };
  const known = await draft.find('party', payload.party);
  if (known === undefined) {
    draft.put('party', state.party, state);
    return { state, replay: false };
  }
  // A suspended party stays suspended: registering again with the same content does not lift it.
  if (canonicalJson({ ...known, state: 'authorised' }) !== canonicalJson(state)) {
    throw new Refused('party-exists-differently', { party: payload.party });
  }
  return { state: known, replay: true };
}

/**
 * The first party: the regulator registers himself, once. Anybody could call before him, so the identity must come from
 * the regulator's organisation.
 * @param seeded the party that was seeded before, if any
 * @throws Refused `role-missing`, `party-exists-differently`, `payload-invalid`.
 */
export function seedParty(caller: PartyId, seeded: PartyId | undefined): Registered<PartyState> {
  const party = parseParty(caller);
  if (!party.startsWith(`${REGULATOR_MSP}:`)) throw new Refused('role-missing', { party, role: 'regulator' });
  if (seeded !== undefined && seeded !== party) throw new Refused('party-exists-differently', { party: seeded });
  return {
    state: { party, roles: ['regulator'], prefixes: [], state: 'authorised' },
    replay: seeded !== undefined,
  };
}
