import { DomainError } from '@coldchain/kernel';

export type PostgresLauncherCode =
  | 'platform-unsupported'
  | 'postgres-not-runnable'
  | 'server-account-missing'
  | 'cluster-foreign'
  | 'cluster-password-missing'
  | 'cluster-creation-failed'
  | 'postgres-start-failed'
  | 'postgres-stop-failed';

/** The embedded PostgreSQL cannot run here; `details.nextStep` says what to do instead. */
export class PostgresLauncherError extends DomainError<PostgresLauncherCode> {
  constructor(
    readonly code: PostgresLauncherCode,
    message: string,
    nextStep = 'set CCT_DATABASE_URL to a PostgreSQL server of your own',
    options?: ErrorOptions,
  ) {
    super(message, { nextStep }, options);
  }
}
