import { EntityDatabase, hashPassword, type OrganisationTransaction, verifyPassword } from '@coldchain/database';
import { Clock, Random } from '@coldchain/kernel';
import type { CaseDecision } from '@coldchain/telemetry';
import { Injectable } from '@nestjs/common';
import type { Account } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';

/** Wrong attempts in a row that cost nothing: people mistype. */
const FREE_ATTEMPTS = 5;
/** Each further one doubles the wait, from half a minute up to an hour. */
const FIRST_WAIT_S = 30;
const LONGEST_WAIT_S = 3_600;
/** So long after a change the same change is taken as a repetition, because its answer may have been lost. */
const REPEATED_WITHIN_MS = 86_400_000;

/** Passwords that persons sign decisions with: typed again for each one, because a key may lie in an open browser. */
@Injectable()
export class Passwords {
  constructor(
    private readonly database: EntityDatabase,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /**
   * Whether the person who asks knows his password. The attempt is counted, in a transaction of its own, before it is
   * judged: whatever becomes of the request, and however many come at once.
   * @throws RequestProblem `password-missing`, `password-locked`, `password-wrong`
   */
  async prove(account: Account, password: string): Promise<void> {
    const { id, hash } = await this.takeAttempt(account, 'decision');
    if (!(await belongs(password, hash))) throw wrong();
    await this.keepProof(account, id);
  }

  /**
   * As `prove`, for a change: `changed-before` when the new password is in force since a short time. Nothing of the
   * passwords is kept to know a repetition: it would help to guess them.
   * @throws RequestProblem `password-missing`, `password-locked`, `password-wrong`
   */
  async proveForChange(account: Account, asked: PasswordChange): Promise<'may-change' | 'changed-before'> {
    const { id, hash, changedAt } = await this.takeAttempt(account, 'password-change');
    const mayChange = await belongs(asked.current, hash);
    if (!mayChange) {
      const isRecent = this.clock.now() - changedAt.getTime() <= REPEATED_WITHIN_MS;
      if (!isRecent || !(await belongs(asked.password, hash))) throw wrong();
    }
    await this.keepProof(account, id);
    return mayChange ? 'may-change' : 'changed-before';
  }

  /** Replaces the password of a person who has proved the old one, and keeps that he did. */
  async replace(transaction: OrganisationTransaction, account: Account, password: string): Promise<void> {
    const at = new Date(this.clock.now());
    await transaction.query('UPDATE account_password SET password_hash = $2, changed_at = $3 WHERE account_id = $1', [
      account.id,
      await hashPassword(password, this.random),
      at,
    ]);
    await transaction.query('INSERT INTO account_password_change (account_id, changed_by, at) VALUES ($1, $2, $3)', [
      account.id,
      account.name,
      at,
    ]);
  }

  /** Keeps in the organisation's audit log what a person signed, in the transaction that keeps the decision. */
  async keepSignature(
    transaction: OrganisationTransaction,
    account: Account,
    { caseId, entry, decision, shown }: SignedDecision,
  ): Promise<void> {
    await transaction.query(
      `INSERT INTO decision_signature (account_id, case_id, entry, decision, shown, at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [account.id, caseId, entry, decision, shown, new Date(this.clock.now())],
    );
  }

  private async takeAttempt(
    account: Account,
    purpose: Purpose,
  ): Promise<Extract<Attempt, { readonly state: 'taken' }>> {
    const now = new Date(this.clock.now());
    const attempt = await this.database.withOrganisation(account.organisation.id, (transaction) =>
      takeAttempt(transaction, account.id, purpose, now),
    );
    if (attempt.state === 'missing') throw new RequestProblem('password-missing', `${account.name} has none`);
    if (attempt.state === 'locked') {
      const seconds = Math.ceil((attempt.until.getTime() - now.getTime()) / 1000);
      throw new RequestProblem('password-locked', `the next attempt is possible in ${seconds} s`, [], seconds);
    }
    return attempt;
  }

  private async keepProof(account: Account, attemptId: number): Promise<void> {
    await this.database.withOrganisation(account.organisation.id, async (transaction) => {
      await transaction.query('INSERT INTO password_proof (attempt_id) VALUES ($1)', [attemptId]);
      await transaction.query(
        `UPDATE account_password SET failures = 0, next_attempt_at = '-infinity' WHERE account_id = $1`,
        [account.id],
      );
    });
  }
}

/** What a password is typed for. */
type Purpose = 'decision' | 'password-change';

/** A decision as its signature names it. */
export interface SignedDecision {
  readonly caseId: number;
  /** Number of the entry that keeps it. */
  readonly entry: number;
  readonly decision: CaseDecision;
  /** Digest of what was shown to the person. */
  readonly shown: string;
}

/** The password that is, and the one that shall be. */
interface PasswordChange {
  readonly current: string;
  readonly password: string;
}

const belongs = (password: string, hash: string): Promise<boolean> =>
  verifyPassword(Buffer.from(password, 'utf8'), hash);
const wrong = (): RequestProblem => new RequestProblem('password-wrong', 'it is not the password of this account');

type Attempt =
  | { readonly state: 'taken'; readonly id: number; readonly hash: string; readonly changedAt: Date }
  | { readonly state: 'locked'; readonly until: Date }
  | { readonly state: 'missing' };

async function takeAttempt(
  transaction: OrganisationTransaction,
  accountId: number,
  purpose: Purpose,
  now: Date,
): Promise<Attempt> {
  const [taken] = await transaction.query<{ id: number; password_hash: string; changed_at: Date }>(
    `WITH taken AS (UPDATE account_password SET failures = failures + 1,
       next_attempt_at = CASE WHEN failures + 1 < $3 THEN '-infinity'::timestamptz
         ELSE $2::timestamptz + least($5, $4 * power(2, least(failures + 1 - $3, 20))) * interval '1 s' END
     WHERE account_id = $1 AND next_attempt_at <= $2 RETURNING password_hash, changed_at),
     kept AS (INSERT INTO password_attempt (account_id, purpose, at) SELECT $1, $6, $2 FROM taken RETURNING id)
     SELECT kept.id, taken.password_hash, taken.changed_at FROM taken, kept`,
    [accountId, now, FREE_ATTEMPTS, FIRST_WAIT_S, LONGEST_WAIT_S, purpose],
  );
  if (taken !== undefined)
    return { state: 'taken', id: taken.id, hash: taken.password_hash, changedAt: taken.changed_at };
  const [locked] = await transaction.query<{ next_attempt_at: Date }>(
    'SELECT next_attempt_at FROM account_password WHERE account_id = $1',
    [accountId],
  );
  if (locked === undefined) return { state: 'missing' };
  // As many rows as an account may make requests.
  await transaction.query('INSERT INTO password_attempt (account_id, purpose, at, refused) VALUES ($1, $2, $3, true)', [
    accountId,
    purpose,
    now,
  ]);
  return { state: 'locked', until: locked.next_attempt_at };
}
