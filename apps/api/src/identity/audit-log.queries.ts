import { AUDIT_KINDS } from '@coldchain/api-contract';
import type { OrganisationTransaction } from '@coldchain/database';

interface Signed {
  readonly kind: 'decision-signed';
  readonly case_id: number;
  readonly entry: number;
  readonly decision: 'release' | 'reject';
  readonly shown: string;
}
interface Failed {
  readonly kind: 'password-wrong' | 'password-refused';
  readonly purpose: 'decision' | 'password-change';
}
interface Changed {
  readonly kind: 'password-changed';
  readonly changed_by: string;
}

/** What an account of the organisation signed or tried to sign with. */
export type AuditRow = (Signed | Failed | Changed) & {
  readonly id: number;
  readonly at: Date;
  readonly account: string;
};

/** Where a page of the audit log begins: after this entry, in the order of the log. */
export interface AuditPosition {
  readonly at: Date;
  readonly kind: string;
  readonly id: number;
}

/** Where each kind of entries is kept. Constants: they become text of a statement. */
const SOURCES: Readonly<Record<AuditRow['kind'], string>> = {
  'decision-signed': `SELECT id, at, account_id, 'decision-signed' AS kind, case_id, entry, decision, shown,
    NULL AS purpose, NULL AS changed_by FROM decision_signature WHERE true`,
  'password-changed': `SELECT id, at, account_id, 'password-changed', NULL, NULL, NULL, NULL, NULL, changed_by
    FROM account_password_change WHERE true`,
  'password-refused': `SELECT id, at, account_id, 'password-refused', NULL, NULL, NULL, NULL, purpose, NULL
    FROM password_attempt WHERE refused`,
  'password-wrong': `SELECT id, at, account_id, 'password-wrong', NULL, NULL, NULL, NULL, purpose, NULL
    FROM password_attempt WHERE NOT proved AND NOT refused`,
};

/**
 * Entries before a position, newest first. Of each kind no more is read than the page may show, from an index: a page
 * costs the same however long the log is.
 */
export function auditBefore(
  transaction: OrganisationTransaction,
  asked: { readonly before: AuditPosition | null; readonly kind: AuditRow['kind'] | null },
  count: number,
): Promise<AuditRow[]> {
  const { before, kind } = asked;
  const kinds = AUDIT_KINDS.filter((one) => kind === null || one === kind);
  const parts = kinds.map((one, index) => {
    const [organisation, at, id] = ['coldchain_organisation()', '$2::timestamptz', `$${index + 3}::bigint`];
    return `(${SOURCES[one]} AND organisation_id = ${organisation} AND (at, id) < (${at}, ${id})
      ORDER BY at DESC, id DESC LIMIT $1)`;
  });
  return transaction.query<AuditRow>(
    `SELECT s.id, s.at, s.kind, a.name AS account, s.purpose, s.changed_by, s.case_id, s.entry, s.decision, s.shown
     FROM (${parts.join(' UNION ALL ')}) AS s (${COLUMNS}) JOIN account a ON a.id = s.account_id
     ORDER BY s.at DESC, s.kind COLLATE "C" DESC, s.id DESC LIMIT $1`,
    [count, before?.at ?? 'infinity', ...kinds.map((one) => idBefore(before, one))],
  );
}

const COLUMNS = 'id, at, account_id, kind, case_id, entry, decision, shown, purpose, changed_by';

/** Of the instant of a position those entries of a kind come after it whose number is below this. */
function idBefore(before: AuditPosition | null, kind: AuditRow['kind']): string {
  if (before === null || kind < before.kind) return MOST_ID;
  return kind === before.kind ? String(before.id) : '0';
}

const MOST_ID = '9223372036854775807';
