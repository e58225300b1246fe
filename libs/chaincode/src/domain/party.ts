import {
  PARTY_ROLES,
  type PartyId,
  type PartyState,
  type RegisterPartyPayload,
  REGULATOR_MSP,
  type SuspendPartyPayload,
} from '../protocol';
import { canonicalJson } from './canonical';
import { needsRole } from './context';
import { parseParty } from './payload';
import { Refused } from './refused';
import type { Registered, StandingContext } from './standing';

/**
 * The regulator registers a party with its roles and prefixes. The same content again is a replay, and reinstates a
 * party that was suspended since.
 * @throws Refused `role-missing`, `party-exists-differently` and what `Draft.caller` refuses.
 */
export async function registerParty(
  payload: RegisterPartyPayload,
  { caller, draft }: StandingContext,
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
  if (canonicalJson({ ...known, state: 'authorised' }) !== canonicalJson(state)) {
    throw new Refused('party-exists-differently', { party: payload.party });
  }
  if (known.state === 'authorised') return { state: known, replay: true };
  draft.put('party', state.party, state);
  return { state, replay: false };
}

/**
 * The regulator suspends a party: every call of it is refused, and nothing can be sent to it. Not himself: an only
 * regulator could not be reinstated by anybody.
 * @throws Refused `role-missing`, `party-unknown`, `party-suspends-itself` and what `Draft.caller` refuses.
 */
export async function suspendParty(
  { party }: SuspendPartyPayload,
  { caller, draft }: StandingContext,
): Promise<Registered<PartyState>> {
  needsRole(await draft.caller(caller), 'regulator');
  if (party === caller) throw new Refused('party-suspends-itself', { party });
  const known = await draft.find('party', party);
  if (known === undefined) throw new Refused('party-unknown', { party });
  if (known.state === 'suspended') return { state: known, replay: true };
  const state: PartyState = {
    party: known.party,
    roles: known.roles,
    prefixes: known.prefixes,
    state: 'suspended',
  };
  draft.put('party', party, state);
  return { state, replay: false };
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
