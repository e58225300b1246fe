import type { AccessState, ObjectReference, PartyId } from '@coldchain/chaincode/protocol';
import type { Gtin, Lot, Sscc } from '@coldchain/gs1';
import type { ActContext } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { type KnownOrganisation, organisationOf, visibleBatch, visibleUnit } from './objects.js';
import { recordStanding, type Standing } from './record-act.js';

/** What access is about: a unit with what is in it and what was measured on it, or a batch. */
export type GrantedObject = { readonly sscc: Sscc } | { readonly gtin: Gtin; readonly lot: Lot };

/** Access for another organisation, until an instant. */
export interface GrantAccess {
  readonly object: GrantedObject;
  /** Slug or ledger party. */
  readonly receiver: string;
  /** ms since 1970 UTC; after it the data is as invisible as before. */
  readonly until: number;
}

/** A grant, by its number here, and what the ledger will say about it. */
export interface GrantedAccess extends Standing<AccessState> {
  readonly id: number;
}

/**
 * Lets another organisation read what the acting one can see of an object now, and what it captures about it itself while
 * the grant stands. Granting again replaces the end, and shows what came in between.
 *
 * @throws ActRefused `unit-unknown`, `batch-unknown`, `organisation-unknown`, `until-passed`, `not-custodian`,
 * `batch-not-owned` and what else the contract refuses.
 */
export async function grantAccess(context: ActContext, input: GrantAccess): Promise<GrantedAccess> {
  const now = context.clock.now();
  if (input.until <= now) throw new ActRefused('until-passed', { until: new Date(input.until).toISOString() });
  const object = await referenceOf(context, input.object);
  const receiver = await receiverOf(context, input.receiver);
  const { until } = input;
  const payload = { object, party: receiver.party, until };
  const granted = await recordStanding<AccessState>(context, 'grantAccess', payload, [object]);
  const [grant] = await context.transaction.query<{ id: number }>(
    `INSERT INTO access_grant (organisation_id, receiver_id, object_type, object_key, granted_at, until)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organisation_id, object_key, receiver_id)
     DO UPDATE SET granted_at = excluded.granted_at, until = excluded.until, revoked_at = NULL
     RETURNING id`,
    [context.organisation.id, receiver.id, object.type, object.key, new Date(now), new Date(until)],
  );
  if (grant === undefined) throw new Error('access_grant: insert returned no row');
  await context.transaction.query('SELECT apply_grant($1)', [grant.id]);
  return { ...granted, id: grant.id };
}

/**
 * Ends a grant of the acting organisation at once. Where the ledger knows of none (it refused it), what was shown here
 * ends nevertheless.
 *
 * @throws ActRefused `access-unknown` and what else the contract refuses.
 */
export async function revokeAccess(context: ActContext, id: number): Promise<{ readonly repeated: boolean }> {
  const [grant] = await context.transaction.query<{ object: ObjectReference; party: PartyId; open: boolean }>(
    `SELECT jsonb_build_object('type', g.object_type, 'key', g.object_key) AS object, o.party, g.revoked_at IS NULL AS open
     FROM access_grant g JOIN organisation o ON o.id = g.receiver_id
     WHERE g.id = $1 AND g.organisation_id = $2 FOR UPDATE OF g`,
    [id, context.organisation.id],
  );
  if (grant === undefined) throw new ActRefused('access-unknown', { grant: id });
  const { object, party, open } = grant;
  if (open) {
    await context.transaction.query('UPDATE access_grant SET revoked_at = $2 WHERE id = $1', [
      id,
      new Date(context.clock.now()),
    ]);
    await context.transaction.query('SELECT end_grant($1)', [id]);
  }
  try {
    return await recordStanding<AccessState>(context, 'revokeAccess', { object, party });
  } catch (error) {
    if (error instanceof ActRefused && error.code === 'access-unknown') return { repeated: !open };
    throw error;
  }
}

async function referenceOf(context: ActContext, object: GrantedObject): Promise<ObjectReference> {
  if ('sscc' in object) return { type: 'unit', key: (await visibleUnit(context, object.sscc)).key };
  return { type: 'batch', key: (await visibleBatch(context, object.gtin, object.lot)).key };
}

async function receiverOf(context: ActContext, name: string): Promise<KnownOrganisation> {
  const organisation = await organisationOf(context, name);
  if (organisation === undefined) throw new ActRefused('organisation-unknown', { organisation: name });
  return organisation;
}
