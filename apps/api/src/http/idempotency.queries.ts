import type { OrganisationTransaction } from '@coldchain/database';

/** The answer that a key stands for. */
export interface StoredAnswer {
  readonly requestSha256: Buffer;
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly eventIds: readonly number[];
}

/** Takes the key for this transaction; false while another request works under it. */
export async function lockKey(transaction: OrganisationTransaction, key: string): Promise<boolean> {
  const [row] = await transaction.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2)) AS taken',
    [`idempotency ${key}`, transaction.organisationId],
  );
  return row?.taken === true;
}

/** The stored answer of a key, if there is one. */
export async function storedAnswer(
  transaction: OrganisationTransaction,
  key: string,
): Promise<StoredAnswer | undefined> {
  const [row] = await transaction.query<{
    request_sha256: Buffer;
    status: number;
    body: Record<string, unknown>;
    event_ids: number[];
  }>('SELECT request_sha256, status, body, event_ids::integer[] FROM idempotency_key WHERE key = $1', [key]);
  return row === undefined
    ? undefined
    : { requestSha256: row.request_sha256, status: row.status, body: row.body, eventIds: row.event_ids };
}

/** Keeps an answer, and forgets what has expired. */
export async function keepAnswer(
  transaction: OrganisationTransaction,
  key: string,
  answer: StoredAnswer,
  now: Date,
  expiresAt: Date,
): Promise<void> {
  await transaction.query('DELETE FROM idempotency_key WHERE organisation_id = $1 AND expires_at < $2', [
    transaction.organisationId,
    now,
  ]);
  await transaction.query(
    `INSERT INTO idempotency_key (organisation_id, key, request_sha256, status, body, event_ids, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      transaction.organisationId,
      key,
      answer.requestSha256,
      answer.status,
      JSON.stringify(answer.body),
      answer.eventIds,
      now,
      expiresAt,
    ],
  );
}

/** How far the anchors of some events are. */
export interface AnchorRow {
  readonly id: number;
  readonly commitment: string;
  readonly anchor_state: 'pending' | 'anchored' | 'refused';
  readonly refusal: { readonly code: string; readonly details?: Record<string, unknown> } | null;
  readonly transaction_id: string | null;
  readonly block: number | null;
}

export async function anchorsOf(
  transaction: OrganisationTransaction,
  eventIds: readonly number[],
): Promise<readonly AnchorRow[]> {
  return transaction.query(
    'SELECT id, commitment, anchor_state, refusal, transaction_id, block FROM custody_event WHERE id = ANY($1)',
    [eventIds],
  );
}
