import type { OrganisationTransaction } from '@coldchain/database';

interface Signed {
  readonly kind: 'decision-signed';
  readonly case_id: number;
  readonly entry: number;
  readonly decision: 'release' | 'reject';
  readonly shown: string;
}
interface Wrong {
  readonly kind: 'password-wrong';
  readonly purpose: 'decision' | 'password-change';
}
interface Changed {
  readonly kind: 'password-changed';
  readonly changed_by: string;
}

/** What an account of the organisation signed or tried to sign with. */
export type AuditRow = (Signed | Wrong | Changed) & {
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

/** Entries before a position, newest first. */
export function auditBefore(
  transaction: OrganisationTransaction,
  asked: { readonly before: AuditPosition | null; readonly kind: AuditRow['kind'] | null },
  count: number,
): Promise<AuditRow[]> {
  return transaction.query<AuditRow>(
    `SELECT s.id, s.at, s.kind, a.name AS account, s.purpose, s.changed_by, s.case_id, s.entry, s.decision, s.shown
     FROM signature_audit s JOIN account a ON a.id = s.account_id
     WHERE ($1::timestamptz IS NULL OR (s.at, s.kind, s.id) < ($1, $2::text, $3::bigint)) AND ($4::text IS NULL OR s.kind = $4)
     ORDER BY s.at DESC, s.kind DESC, s.id DESC LIMIT $5`,
    [asked.before?.at ?? null, asked.before?.kind ?? null, asked.before?.id ?? null, asked.kind, count],
  );
}
