import { createHash } from 'node:crypto';
import { type Action, ROLES, type Role } from '@coldchain/api-contract';
import { Injectable } from '@nestjs/common';
import { EntityDatabase } from '@coldchain/database';
import { parseGln } from '@coldchain/gs1';
import { mayTry } from './policy.js';
import type { Account } from './request-context.js';
import { RequestProblem } from './request-problem.js';

interface AccountRow {
  readonly account_id: number;
  readonly account_name: string;
  readonly kind: 'person' | 'machine';
  readonly roles: readonly string[];
  readonly organisation_id: number;
  readonly organisation_slug: string;
  readonly organisation_name: string;
  readonly party: string;
  readonly gln: string;
}

/** RFC 6750 §2.1; keys are 256 random bits, anything longer is none. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{16,256})$/i;

const isRole = (role: string): role is Role => (ROLES as readonly string[]).includes(role);

/** Finds the account of a key. Keys are random enough that their plain SHA-256 can be the index (architecture §8). */
@Injectable()
export class Authentication {
  constructor(private readonly database: EntityDatabase) {}

  /**
   * The account of a key whose roles allow an action.
   * @throws RequestProblem `unauthenticated`, `forbidden`
   */
  async allowed(authorization: string | undefined, action: Action): Promise<Account> {
    const account = await this.accountOf(authorization);
    requireRole(account, action);
    return account;
  }

  /** @throws RequestProblem `unauthenticated`, the same for a missing, malformed, unknown and disabled key */
  async accountOf(authorization: string | undefined): Promise<Account> {
    const key = BEARER.exec(authorization ?? '')?.[1];
    if (key === undefined) throw refused();
    const [row] = await this.database.query<AccountRow>(
      `SELECT a.*, o.name AS organisation_name, o.gln
       FROM authenticate_account($1) a JOIN organisation o ON o.id = a.organisation_id`,
      [createHash('sha256').update(key).digest()],
    );
    if (row === undefined) throw refused();
    return {
      id: row.account_id,
      name: row.account_name,
      kind: row.kind,
      roles: row.roles.filter(isRole),
      organisation: {
        id: row.organisation_id,
        slug: row.organisation_slug,
        name: row.organisation_name,
        party: row.party,
        gln: parseGln(row.gln),
      },
    };
  }
}

/** @throws RequestProblem `forbidden` */
export function requireRole({ roles }: Account, action: Action): void {
  if (mayTry(roles, action)) return;
  throw new RequestProblem('forbidden', `the account needs a role that may \`${action}\``);
}

const refused = (): RequestProblem =>
  new RequestProblem('unauthenticated', 'send `Authorization: Bearer <key>` with the key of an active account');
