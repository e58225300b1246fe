import type { PartyId, PartyRole, PartyState } from '@coldchain/chaincode/protocol';
import type { Gln } from '@coldchain/gs1';
import type { ActContext } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { expectedStateReader } from './expected-state.js';
import { organisationOf } from './objects.js';
import { recordStanding, type Standing } from './record-act.js';

/** An organisation that the regulator lets take part. Name and slug stay here; the ledger gets party, roles, prefixes. */
export interface RegisterOrganisation {
  readonly slug: string;
  readonly name: string;
  readonly party: PartyId;
  readonly gln: Gln;
  readonly roles: readonly PartyRole[];
  /** GS1 company prefixes, digits. */
  readonly prefixes: readonly string[];
}

/**
 * The regulator registers an organisation: it can be named as receiver from now on. The same again changes nothing, or
 * reinstates one that is suspended.
 *
 * @throws ActRefused `role-missing`, `party-exists-differently`, `organisation-exists` (slug or party stands for another
 * one) and what else the contract refuses.
 */
export async function registerOrganisation(
  context: ActContext,
  input: RegisterOrganisation,
): Promise<Standing<PartyState>> {
  const { slug, name, party, gln, roles, prefixes } = input;
  const registered = await recordStanding<PartyState>(context, 'registerParty', { party, roles, prefixes });
  await context.transaction.query('SELECT register_organisation($1, $2, $3, $4, $5, $6)', [
    slug,
    name,
    party,
    gln,
    registered.state.prefixes,
    registered.state.roles,
  ]);
  const same = await context.transaction.query(
    'SELECT 1 FROM organisation WHERE slug = $1 AND name = $2 AND party = $3 AND gln = $4',
    [slug, name, party, gln],
  );
  if (same.length === 0) throw new ActRefused('organisation-exists', { slug, party });
  return registered;
}

/**
 * The regulator suspends an organisation: it can do nothing, and nothing can be sent to it.
 *
 * @throws ActRefused `organisation-unknown`, `role-missing`, `party-suspends-itself`, …
 */
export async function suspendOrganisation(context: ActContext, slug: string): Promise<Standing<PartyState>> {
  return recordStanding<PartyState>(context, 'suspendParty', { party: await partyOf(context, slug) });
}

/**
 * The regulator ends a suspension: roles and prefixes are those that were registered.
 *
 * @throws ActRefused `organisation-unknown`, `party-unknown` (never registered), `role-missing`, …
 */
export async function reinstateOrganisation(context: ActContext, slug: string): Promise<Standing<PartyState>> {
  const party = await partyOf(context, slug);
  const [known] = await expectedStateReader(context.transaction, 'registerParty')([{ type: 'party', key: party }]);
  if (known === undefined) throw new ActRefused('party-unknown', { party });
  // The rules wrote it.
  const { roles, prefixes } = known as PartyState;
  return recordStanding<PartyState>(context, 'registerParty', { party, roles, prefixes });
}

async function partyOf(context: ActContext, slug: string): Promise<PartyId> {
  const organisation = await organisationOf(context, slug);
  if (organisation === undefined) throw new ActRefused('organisation-unknown', { organisation: slug });
  return organisation.party;
}
