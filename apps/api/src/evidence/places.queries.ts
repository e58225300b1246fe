import type { OrganisationTransaction } from '@coldchain/database';

/** A place of the organisation, what watches it and what is in it. */
export interface PlaceRow {
  readonly id: number;
  readonly name: string;
  readonly kind: 'location' | 'vehicle';
  readonly gln: string | null;
  readonly extension: string | null;
  readonly giai: string | null;
  readonly loggers: readonly {
    readonly serial: string;
    readonly since: string;
    readonly lastReadingAt: string | null;
    readonly silentSince: string | null;
  }[];
  readonly units: readonly { readonly sscc: string; readonly since: string }[];
}

/** Places after an id, oldest first. */
export function placesAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<PlaceRow[]> {
  return transaction.query<PlaceRow>(
    `SELECT p.id, p.name, p.kind, p.gln, p.extension, p.giai,
            coalesce((SELECT jsonb_agg(jsonb_build_object('serial', g.serial, 'since', w.since,
                        'lastReadingAt', g.last_reading_at, 'silentSince', g.silent_since) ORDER BY g.serial)
                      FROM place_logger w JOIN logger g ON g.id = w.logger_id
                      WHERE w.place_id = p.id AND w.until IS NULL), '[]') AS loggers,
            coalesce((SELECT jsonb_agg(jsonb_build_object('sscc', i.sscc, 'since', i.entered_at) ORDER BY i.entered_at, i.sscc)
                      FROM (SELECT u.sscc, n.entered_at FROM unit_presence n JOIN unit u ON u.id = n.unit_id
                            WHERE n.place_id = p.id AND n.left_at IS NULL ORDER BY n.entered_at, u.sscc LIMIT 1000) i),
                     '[]') AS units
     FROM place p WHERE $1::integer IS NULL OR p.id > $1 ORDER BY p.id LIMIT $2`,
    [after, count],
  );
}

/** A qualified packaging. */
export interface PackagingRow {
  readonly id: number;
  readonly name: string;
  readonly qualifiedMs: number;
  readonly minMilliCelsius: number;
  readonly maxMilliCelsius: number;
  readonly certificate: string;
}

/** Packagings after an id, oldest first. */
export function packagingsAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<PackagingRow[]> {
  return transaction.query<PackagingRow>(
    `SELECT id, name, qualified_ms AS "qualifiedMs", min_milli_celsius AS "minMilliCelsius",
            max_milli_celsius AS "maxMilliCelsius", certificate
     FROM packaging WHERE $1::integer IS NULL OR id > $1 ORDER BY id LIMIT $2`,
    [after, count],
  );
}
