import type { OrganisationTransaction } from './transaction.js';

/** A case that is locked for a change; `State` is what its newest entry made of it, null before the first. */
export interface LockedCase<State> {
  readonly id: number;
  /** Number of the newest entry; 0 before the first. */
  readonly entries: number;
  readonly state: State | null;
}

/** One entry to be appended. `change`, `before` and `after` are plain JSON. */
export interface NewCaseEntry<State extends CaseColumns> {
  readonly at: Date;
  /** null: the platform, by what was measured. */
  readonly account: string | null;
  readonly change: { readonly kind: string };
  readonly before: State;
  readonly after: State;
  readonly eventId?: number | null;
}

/** What of a state is a column of its own, for lists. */
export interface CaseColumns {
  readonly active: readonly unknown[];
  readonly standing: readonly unknown[];
  readonly acknowledged: boolean;
  readonly decision: string | null;
}

/** Locks a case until the end of the transaction; undefined when it does not exist for the organisation. */
export async function lockCase<State>(
  transaction: OrganisationTransaction,
  caseId: number,
): Promise<LockedCase<State> | undefined> {
  const [row] = await transaction.query<{ entries: number }>(
    'SELECT entries FROM deviation_case WHERE id = $1 FOR NO KEY UPDATE',
    [caseId],
  );
  if (row === undefined) return undefined;
  const [newest] = await transaction.query<{ after: State }>(
    'SELECT after FROM case_entry WHERE case_id = $1 AND number = $2',
    [caseId, row.entries],
  );
  return { id: caseId, entries: row.entries, state: newest?.after ?? null };
}

/** Appends entries to a locked case and brings its columns to the last one. */
export async function appendCaseEntries<State extends CaseColumns>(
  transaction: OrganisationTransaction,
  locked: Pick<LockedCase<State>, 'id' | 'entries'>,
  entries: readonly NewCaseEntry<State>[],
): Promise<void> {
  const last = entries.at(-1);
  if (last === undefined) return;
  for (const [index, entry] of entries.entries()) {
    await transaction.query(
      `INSERT INTO case_entry (case_id, number, at, organisation_id, account, kind, change, before, after, event_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        locked.id,
        locked.entries + index + 1,
        entry.at,
        transaction.organisationId,
        entry.account,
        entry.change.kind,
        JSON.stringify(entry.change),
        JSON.stringify(entry.before),
        JSON.stringify(entry.after),
        entry.eventId ?? null,
      ],
    );
  }
  const { active, standing, acknowledged, decision } = last.after;
  await transaction.query(
    `UPDATE deviation_case SET entries = $2, active_alarms = $3, standing_alarms = $4, acknowledged = $5, decision = $6
     WHERE id = $1`,
    [locked.id, locked.entries + entries.length, active.length, standing.length, acknowledged, decision],
  );
}
