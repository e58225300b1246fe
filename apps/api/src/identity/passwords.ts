import { EntityDatabase, hashPassword, type OrganisationTransaction, verifyPassword } from '@coldchain/database';
import { Clock, Random } from '@coldchain/kernel';
import { Injectable } from '@nestjs/common';
import type { Account } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';

/** Wrong attempts in a row that cost nothing: people mistype. */
const FREE_ATTEMPTS = 5;
/** Each further one doubles the wait, from half a minute up to an hour. */
const FIRST_WAIT_S = 30;
const LONGEST_WAIT_S = 3_600;

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
    const now = new Date(this.clock.now());
    const attempt = await this.database.withOrganisation(account.organisation.id, (transaction) =>
      takeAttempt(transaction, account.id, now),
    );
    if (attempt.state === 'missing') throw new RequestProblem('password-missing', `${account.name} has none`);
    if (attempt.state === 'locked') {
      const seconds = Math.ceil((attempt.until.getTime() - now.getTime()) / 1000);
      throw new RequestProblem('password-locked', `the next attempt is possible in ${seconds} s`);
    }
    if (!(await verifyPassword(Buffer.from(password, 'utf8'), attempt.hash))) {
      throw new RequestProblem('password-wrong', 'it is not the password of this account');
    }
    await this.database.withOrganisation(account.organisation.id, (transaction) =>
      transaction.query(
        `UPDATE account_password SET failures = 0, next_attempt_at = '-infinity' WHERE account_id = $1`,
        [account.id],
      ),
    );
  }

  /** Replaces the password of a person who has proved the old one. */
  async replace(transaction: OrganisationTransaction, account: Account, password: string): Promise<void> {
    await transaction.query('UPDATE account_password SET password_hash = $2, changed_at = $3 WHERE account_id = $1', [
      account.id,
      await hashPassword(password, this.random),
      new Date(this.clock.now()),
    ]);
  }
}

type Attempt =
  | { readonly state: 'taken'; readonly hash: string }
  | { readonly state: 'locked'; readonly until: Date }
  | { readonly state: 'missing' };

async function takeAttempt(transaction: OrganisationTransaction, accountId: number, now: Date): Promise<Attempt> {
  const [taken] = await transaction.query<{ password_hash: string }>(
    `UPDATE account_password SET failures = failures + 1,
       next_attempt_at = CASE WHEN failures + 1 < $3 THEN '-infinity'::timestamptz
         ELSE $2::timestamptz + least($5, $4 * power(2, least(failures + 1 - $3, 20))) * interval '1 s' END
     WHERE account_id = $1 AND next_attempt_at <= $2 RETURNING password_hash`,
    [accountId, now, FREE_ATTEMPTS, FIRST_WAIT_S, LONGEST_WAIT_S],
  );
  if (taken !== undefined) return { state: 'taken', hash: taken.password_hash };
  const [locked] = await transaction.query<{ next_attempt_at: Date }>(
    'SELECT next_attempt_at FROM account_password WHERE account_id = $1',
    [accountId],
  );
  return locked === undefined ? { state: 'missing' } : { state: 'locked', until: locked.next_attempt_at };
}
