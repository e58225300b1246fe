import type { ActContext } from '@coldchain/custody';
import { appendCaseEntries, lockCase } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import { type CaseChange, type CaseState, judgeCase, NEW_CASE } from '@coldchain/telemetry';
import { Injectable } from '@nestjs/common';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { type CaseRow, caseOf, lockUnitOfCase, ownEntriesOf } from './cases.queries.js';

/** Entries of the free kinds that one organisation may add to a case, so that nobody fills it for the others. */
const MOST_FREE_ENTRIES = 2_000;
/** What people add as often as they like. What is measured, and what leads to a decision, is always kept. */
const FREE_KINDS: readonly CaseChange['kind'][] = ['commented', 'evidence-added', 'assigned'];

/** What a change does besides: which holds the ledger is told about, and the event that tells it. */
export interface CaseEffect {
  readonly holds: readonly string[];
  readonly eventId: number | null;
  /** What the ledger is not told, and why, for the person who decided; null where nothing is left to be told. */
  readonly untold: string | null;
}
const NO_EFFECT: CaseEffect = { holds: [], eventId: null, untold: null };

/** Who may make a change: everybody who sees the case, whose hands it happened in or has the goods, only who has them. */
export type CaseStanding = 'viewer' | 'party' | 'custodian';

/** A change that somebody asks for. */
export interface AskedChange {
  readonly caseId: number;
  readonly standing: CaseStanding;
  readonly change: CaseChange;
  /** Looks at the case as it is under its lock, before it is changed. @returns null: there is nothing to change */
  readonly before?: (row: CaseRow, context: ActContext) => Promise<'go-on' | 'nothing'>;
  /** What else happens in the same transaction. */
  readonly effect?: (row: CaseRow, context: ActContext) => Promise<CaseEffect>;
}

/** The one way in which people change a case: judged, kept as one entry, with its effects in one transaction. */
@Injectable()
export class CaseChanges {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  /** @throws RequestProblem `not-found`, `not-custodian`, `case-full`, and why the case cannot change so */
  make(request: ContextRequest, account: Account, asked: AskedChange): Promise<Reply> {
    const { caseId, change } = asked;
    return this.work.change(request, async (context) => {
      const { transaction } = context;
      await lockUnitOfCase(transaction, caseId);
      const locked = await lockCase<CaseState>(transaction, caseId);
      const row = locked === undefined ? undefined : await caseOf(transaction, caseId);
      if (locked === undefined || row === undefined) throw noSuchCase();
      requireStanding(asked.standing, row, account);
      const before = locked.state ?? NEW_CASE;
      // What the case itself does not allow is told first: another look at it would not help.
      const judged = judgeCase(before, change);
      if (!judged.ok) throw new RequestProblem(judged.code, `case ${caseId} is not changed`);
      if ((await asked.before?.(row, context)) === 'nothing') {
        return { body: { case: caseId, entry: locked.entries, holds: [], untold: null }, status: 200 };
      }
      if (FREE_KINDS.includes(change.kind) && locked.entries >= MOST_FREE_ENTRIES) {
        const own = await ownEntriesOf(transaction, caseId, FREE_KINDS);
        if (own >= MOST_FREE_ENTRIES) {
          throw new RequestProblem(
            'case-full',
            `${own} comments, files and assignments are of ${account.organisation.slug}`,
          );
        }
      }
      const { holds, eventId, untold } = (await asked.effect?.(row, context)) ?? NO_EFFECT;
      const at = new Date(this.clock.now());
      await appendCaseEntries(transaction, locked, [
        { at, account: account.name, change, before, after: judged.state, eventId },
      ]);
      return { body: { case: caseId, entry: locked.entries + 1, holds, untold } };
    });
  }
}

export const noSuchCase = (): RequestProblem =>
  new RequestProblem('not-found', 'no case of this number is visible to the account');

/** @throws RequestProblem `not-custodian` */
function requireStanding(standing: CaseStanding, row: CaseRow, { organisation }: Account): void {
  const hasGoods = row.unit?.custodian === organisation.party;
  switch (standing) {
    case 'viewer':
      return;
    case 'party':
      if (hasGoods || row.organisation_id === organisation.id) return;
      break;
    case 'custodian':
      if (hasGoods) return;
      break;
  }
  throw new RequestProblem('not-custodian', `the unit of case ${row.id} is not with ${organisation.slug}`);
}
