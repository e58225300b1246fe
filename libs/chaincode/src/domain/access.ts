import {
  accessKey,
  type AccessState,
  type GrantAccessPayload,
  type ObjectReference,
  type RevokeAccessPayload,
} from '../protocol';
import type { Draft } from './draft';
import { Refused } from './refused';
import type { Registered, StandingContext } from './standing';
import { freeUnit, needsCustodian } from './unit';

/** Custodian of the unit, or owner of the batch or of a batch in it. @throws Refused `batch-not-owned`, `not-custodian`. */
async function needsSay(object: ObjectReference, caller: string, draft: Draft): Promise<void> {
  if (object.type === 'batch') {
    const batch = await draft.batch(object.key);
    if (batch.owner !== caller) throw new Refused('batch-not-owned', { batch: object.key });
    return;
  }
  const unit = await freeUnit(object.key, draft);
  for (const content of unit.batches) {
    if ((await draft.batch(content.batch)).owner === caller) return;
  }
  needsCustodian(unit, caller);
}

/**
 * A party that has the say over an object lets another one see its data until an instant. Granting again replaces that
 * instant. What was granted stays when custody goes on: it is about the data that was there.
 * @throws Refused `batch-unknown`, `batch-not-owned`, `unit-unknown`, `not-custodian`, `party-unknown`,
 * `party-suspended` and what {@link freeUnit} refuses.
 */
export async function grantAccess(
  { object, party, until }: GrantAccessPayload,
  { caller, draft }: StandingContext,
): Promise<Registered<AccessState>> {
  await draft.caller(caller);
  const state: AccessState = { object, grantedBy: caller, party, until, state: 'granted' };
  const key = accessKey(state);
  const known = await draft.find('access', key);
  if (known?.state === 'granted' && known.until === until) return { state: known, replay: true };
  await needsSay(object, caller, draft);
  // Who is to see it must be able to act as well.
  await draft.caller(party);
  draft.put('access', key, state);
  return { state, replay: false };
}

/**
 * Who granted access ends it, also when the object is not his any more. Again is a replay.
 * @throws Refused `access-unknown` and what `Draft.caller` refuses.
 */
export async function revokeAccess(
  { object, party }: RevokeAccessPayload,
  { caller, draft }: StandingContext,
): Promise<Registered<AccessState>> {
  await draft.caller(caller);
  const key = accessKey({ object, grantedBy: caller, party });
  const known = await draft.find('access', key);
  if (known === undefined) throw new Refused('access-unknown', { type: object.type, key: object.key, party });
  if (known.state === 'revoked') return { state: known, replay: true };
  const state: AccessState = { object, grantedBy: caller, party, until: known.until, state: 'revoked' };
  draft.put('access', key, state);
  return { state, replay: false };
}
