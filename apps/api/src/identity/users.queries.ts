import type { OrganisationTransaction } from '@coldchain/database';

/** An account of the organisation. */
export interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly kind: 'person' | 'machine';
  readonly roles: readonly string[];
}

/** Accounts after an id that are not closed, oldest first. */
export function usersAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<UserRow[]> {
  return transaction.query<UserRow>(
    `SELECT id, name, kind, roles FROM account
     WHERE disabled_at IS NULL AND ($1::integer IS NULL OR id > $1) ORDER BY id LIMIT $2`,
    [after, count],
  );
}
