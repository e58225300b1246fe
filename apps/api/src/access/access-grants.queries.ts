import type { OrganisationTransaction } from '@coldchain/database';

/** A grant that the organisation gave or received. */
export interface GrantRow {
  readonly id: number;
  readonly given: boolean;
  /** Slug of the other side. */
  readonly other: string;
  /** null when it is not visible (any more). */
  readonly object: { readonly sscc: string } | { readonly gtin: string; readonly lot: string } | null;
  readonly granted_at: Date;
  readonly until: Date;
  readonly revoked_at: Date | null;
}

/** Grants after an id, oldest first. */
export function grantsAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<GrantRow[]> {
  return transaction.query<GrantRow>(
    `SELECT g.id, g.organisation_id = $3 AS given, o.slug AS other, g.granted_at, g.until, g.revoked_at,
            CASE g.object_type
              WHEN 'unit' THEN (SELECT jsonb_build_object('sscc', sscc) FROM unit WHERE unit_key = g.object_key)
              ELSE (SELECT jsonb_build_object('gtin', gtin, 'lot', lot) FROM batch WHERE batch_key = g.object_key)
            END AS object
     FROM access_grant g
     JOIN organisation o ON o.id = CASE WHEN g.organisation_id = $3 THEN g.receiver_id ELSE g.organisation_id END
     WHERE $1::bigint IS NULL OR g.id > $1 ORDER BY g.id LIMIT $2`,
    [after, count, transaction.organisationId],
  );
}
