import type { OrganisationTransaction } from '@coldchain/database';

/** Events that one trail shows at most. */
export const MOST_ENTRIES = 1000;

/** An event of the trail, with the kinds of the asked objects that it is about. */
export interface TrailRow {
  readonly event_id: number;
  readonly captured_by_slug: string;
  readonly captured_by: string;
  readonly biz_step: string | null;
  readonly disposition: string | null;
  readonly event_time: Date;
  readonly recorded_at: Date;
  readonly zone_offset: string | null;
  readonly event_hash: string;
  readonly digest: string;
  readonly commitment: string;
  readonly command: string;
  readonly anchor_state: 'pending' | 'anchored' | 'refused';
  readonly refusal: { readonly code: string } | null;
  readonly transaction_id: string | null;
  readonly block: number | null;
  readonly anchored_at: Date | null;
  readonly about: readonly ('pack' | 'batch' | 'unit')[];
}

/** Visible events about any of the objects, newest first; uses of other packs of the same unit or batch are left out. */
export function trailOf(
  transaction: OrganisationTransaction,
  keys: readonly string[],
  packKey: string | null,
): Promise<TrailRow[]> {
  return transaction.query<TrailRow>(
    `SELECT event_id, captured_by_slug, captured_by, biz_step, disposition, event_time, recorded_at,
            document::jsonb ->> 'eventTimeZoneOffset' AS zone_offset, event_hash, digest, commitment, command,
            anchor_state, refusal, transaction_id, block, anchored_at,
            array_agg(DISTINCT object_type ORDER BY object_type) AS about
     FROM trail_entry
     WHERE object_key = ANY($1)
       AND (command <> 'decommissionPack' OR $2::text IS NULL
            OR EXISTS (SELECT 1 FROM custody_event_object o
                       WHERE o.event_id = trail_entry.event_id AND o.object_key = $2))
     GROUP BY event_id, captured_by_slug, captured_by, biz_step, disposition, event_time, recorded_at, document,
              event_hash, digest, commitment, command, anchor_state, refusal, transaction_id, block, anchored_at
     ORDER BY event_time DESC, event_id DESC LIMIT $3`,
    [keys, packKey, MOST_ENTRIES + 1],
  );
}
