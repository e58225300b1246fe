import { DomainError } from '@coldchain/kernel';

/** The database's transaction numbers begin anew: it was restored into another server by a dump. */
export class FollowerAhead extends DomainError {
  readonly code = 'follower-ahead';
}

/**
 * What a follower has followed cannot lie beyond the first transaction that has not begun: going on would pass over
 * everything that is stored until the numbers have caught up.
 * @throws FollowerAhead
 */
export function notAhead(followed: string, next: string): void {
  if (BigInt(followed) > BigInt(next)) {
    throw new FollowerAhead('transactions of this server are older than what was followed', { followed, next });
  }
}
