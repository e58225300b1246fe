import type { OrganisationTransaction } from '@coldchain/database';

/** An organisation and how it stands on the ledger, by what was captured. */
export interface OrganisationRow {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly party: string;
  readonly gln: string;
  readonly roles: readonly string[];
  readonly served: boolean;
  readonly state: 'authorised' | 'suspended' | 'not-anchored';
}

/** Organisations after an id, oldest first. */
export function organisationsAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<OrganisationRow[]> {
  return transaction.query<OrganisationRow>(
    `SELECT o.id, o.slug, o.name, o.party, o.gln, o.roles, o.served,
            coalesce(e.state ->> 'state', l.state ->> 'state', 'not-anchored') AS state
     FROM organisation o
     LEFT JOIN ledger_object l ON l.object_type = 'party' AND l.object_key = o.party
     LEFT JOIN expected_object e ON e.object_type = 'party' AND e.object_key = o.party
     WHERE $1::integer IS NULL OR o.id > $1 ORDER BY o.id LIMIT $2`,
    [after, count],
  );
}
