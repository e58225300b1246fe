import type { UnitState } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Sscc } from '@coldchain/gs1';
import type { CaseDecision, CaseState } from '@coldchain/telemetry';

/** A visible case. */
export interface CaseRow {
  readonly id: number;
  readonly organisation_id: number;
  /** Slug of whose hands it happened in. */
  readonly organisation: string;
  readonly unit_id: number;
  readonly sscc: Sscc;
  readonly unit_key: string;
  readonly unit: UnitState | null;
  readonly custodian: string | null;
  readonly opened_at: Date;
  readonly entries: number;
  readonly active_alarms: number;
  readonly standing_alarms: number;
  readonly acknowledged: boolean;
  readonly decision: CaseDecision | null;
  readonly coldest_milli_celsius: number | null;
  readonly hottest_milli_celsius: number | null;
}

const SELECT_CASE = `
  SELECT c.id, c.organisation_id, o.slug AS organisation, c.unit_id, u.sscc, u.unit_key, e.state AS unit,
         (SELECT slug FROM organisation WHERE party = e.state ->> 'custodian') AS custodian,
         c.opened_at, c.entries, c.active_alarms, c.standing_alarms, c.acknowledged, c.decision, a.coldest_milli_celsius, a.hottest_milli_celsius
  FROM deviation_case c
  JOIN organisation o ON o.id = c.organisation_id
  JOIN unit u ON u.id = c.unit_id
  LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
  LEFT JOIN LATERAL (SELECT min(a.coldest_milli_celsius) AS coldest_milli_celsius,
                            max(a.hottest_milli_celsius) AS hottest_milli_celsius
                     FROM alarm a WHERE a.case_id = c.id AND a.withdrawn_at IS NULL) a ON true`;

/** Cases before an id, newest first. */
export function casesBefore(
  transaction: OrganisationTransaction,
  asked: { readonly before: number | null; readonly state: 'open' | 'decided' | 'all'; readonly sscc: string | null },
  count: number,
): Promise<CaseRow[]> {
  return transaction.query<CaseRow>(
    `${SELECT_CASE} WHERE ($1::bigint IS NULL OR c.id < $1) AND ($3::text IS NULL OR u.sscc = $3)
       AND CASE $2 WHEN 'open' THEN c.decision IS NULL AND c.standing_alarms > 0 WHEN 'decided' THEN c.decision IS NOT NULL ELSE true END
     ORDER BY c.id DESC LIMIT $4`,
    [asked.before, asked.state, asked.sscc, count],
  );
}

export async function caseOf(transaction: OrganisationTransaction, id: number): Promise<CaseRow | undefined> {
  const [row] = await transaction.query<CaseRow>(`${SELECT_CASE} WHERE c.id = $1`, [id]);
  return row;
}

/** Locks what the ledger is expected to hold about the unit of a case: before the case itself, as the evaluator does. */
export async function lockUnitOfCase(transaction: OrganisationTransaction, id: number): Promise<void> {
  await transaction.query(
    `SELECT 1 FROM deviation_case c JOIN unit u ON u.id = c.unit_id
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     WHERE c.id = $1 FOR UPDATE OF e`,
    [id],
  );
}

/** Another case of the same unit. */
export interface OtherCaseRow {
  readonly id: number;
  readonly organisation: string;
  readonly decision: CaseDecision | null;
  readonly standing_alarms: number;
}

/** The other cases of the same unit. */
export function otherCasesOf(
  transaction: OrganisationTransaction,
  { id, unit_id }: Pick<CaseRow, 'id' | 'unit_id'>,
): Promise<OtherCaseRow[]> {
  return transaction.query(
    `SELECT c.id, o.slug AS organisation, c.decision, c.standing_alarms FROM deviation_case c JOIN organisation o ON o.id = c.organisation_id
     WHERE c.unit_id = $1 AND c.id <> $2 ORDER BY c.id`,
    [unit_id, id],
  );
}

/** An entry of a case. */
export interface EntryRow {
  readonly number: number;
  readonly at: Date;
  readonly organisation: string;
  readonly account: string | null;
  readonly kind: string;
  readonly change: Readonly<Record<string, unknown>>;
  readonly after: CaseState;
}

export function entriesOf(transaction: OrganisationTransaction, id: number): Promise<EntryRow[]> {
  return transaction.query<EntryRow>(
    `SELECT n.number, n.at, o.slug AS organisation, n.account, n.kind, n.change, n.after
     FROM case_entry n JOIN organisation o ON o.id = n.organisation_id WHERE n.case_id = $1 ORDER BY n.number`,
    [id],
  );
}

/** How many entries of some kinds the asking organisation has added to a case. */
export async function ownEntriesOf(
  transaction: OrganisationTransaction,
  id: number,
  kinds: readonly string[],
): Promise<number> {
  const [row] = await transaction.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM case_entry
     WHERE case_id = $1 AND organisation_id = $2 AND account IS NOT NULL AND kind = ANY ($3)`,
    [id, transaction.organisationId, kinds],
  );
  return row?.count ?? 0;
}

/** A file of a case. */
export interface EvidenceRow {
  readonly sha256: string;
  readonly name: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly added_by: string;
  readonly added_at: Date;
}

export function evidenceOf(transaction: OrganisationTransaction, id: number): Promise<EvidenceRow[]> {
  return transaction.query<EvidenceRow>(
    `SELECT encode(sha256, 'hex') AS sha256, name, media_type, octet_length(content) AS bytes, added_by, added_at
     FROM case_evidence WHERE case_id = $1 ORDER BY added_at, sha256`,
    [id],
  );
}

export async function evidenceContent(
  transaction: OrganisationTransaction,
  id: number,
  sha256: Buffer,
): Promise<{ content: Buffer } | undefined> {
  const [row] = await transaction.query<{ content: Buffer }>(
    'SELECT content FROM case_evidence WHERE case_id = $1 AND sha256 = $2',
    [id, sha256],
  );
  return row;
}

/** Keeps a file; false: the case has it. */
export async function keepEvidence(
  transaction: OrganisationTransaction,
  file: {
    readonly caseId: number;
    readonly sha256: Buffer;
    readonly name: string;
    readonly mediaType: string;
    readonly content: Buffer;
    readonly addedBy: string;
    readonly addedAt: Date;
  },
): Promise<boolean> {
  const rows = await transaction.query(
    `INSERT INTO case_evidence (case_id, sha256, name, media_type, content, added_by, added_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING 1`,
    [file.caseId, file.sha256, file.name, file.mediaType, file.content, file.addedBy, file.addedAt],
  );
  return rows.length > 0;
}

/** Whether the asking organisation has an account of this name that is not closed. */
export async function hasAccount(transaction: OrganisationTransaction, name: string): Promise<boolean> {
  const rows = await transaction.query('SELECT 1 FROM account WHERE name = $1 AND disabled_at IS NULL', [name]);
  return rows.length > 0;
}

/** Whether a party owns a batch in the unit of a case. */
export async function ownsBatchOf(
  transaction: OrganisationTransaction,
  { unit }: CaseRow,
  party: string,
): Promise<boolean> {
  const rows = await transaction.query(
    `SELECT 1 FROM expected_object WHERE object_type = 'batch' AND object_key = ANY($1) AND state ->> 'owner' = $2`,
    [(unit?.batches ?? []).map(({ batch }) => batch), party],
  );
  return rows.length > 0;
}
