import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { hasLargeParameters, queryWithLargeParameters } from './large-parameters.js';
import { retrying } from './retrying.js';
import { statementName } from './statement-name.js';
import { OrganisationTransaction, Transaction } from './transaction.js';

/** The role that a process takes on its connections; it owns nothing (see the first migration). */
export type DatabaseRole = 'cct_api' | 'cct_ingest' | 'cct_worker';

/** Options of {@link Database.open}. */
export interface DatabaseOptions {
  readonly url: string;
  /** null: the owner, for migrations, first-start accounts and tests only. */
  readonly role: DatabaseRole | null;
  readonly maxConnections?: number;
  readonly applicationName: string;
  /**
   * Statements of transactions are prepared once per connection: for processes that run few constant statements over and
   * over. Planning took half of an evaluation (views over a partition per day).
   */
  readonly preparesStatements?: boolean;
}

class ClientTransaction extends OrganisationTransaction {
  constructor(
    private readonly client: PoolClient,
    readonly organisationId: number,
    private readonly prepares: boolean,
  ) {
    super();
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = [], given?: string): Promise<Row[]> {
    const name = given ?? (this.prepares ? statementName(sql) : undefined);
    const values = [...parameters];
    const statement = name === undefined ? { text: sql, values } : { name, text: sql, values };
    const result = hasLargeParameters(values)
      ? await queryWithLargeParameters(this.client, statement)
      : await this.client.query(statement);
    return result.rows as Row[];
  }
}

/**
 * PostgreSQL as one process sees it: a pool whose connections carry the process's role from the start, and transactions
 * that name the organisation they act for. Instants come back as `Date`, bigints as numbers (ids stay far below 2^53).
 */
export class Database {
  private constructor(
    readonly pool: Pool,
    private readonly prepares: boolean,
  ) {}

  /** Opens the pool; no connection is made before the first query. */
  static open(options: DatabaseOptions): Database {
    const config: PoolConfig = {
      connectionString: options.url,
      max: options.maxConnections ?? 8,
      application_name: options.applicationName,
      options: sessionOptions(options),
      types: { getTypeParser: typeParser },
    };
    const pool = new Pool(config);
    // An idle connection that breaks (server restart) is replaced by the pool; without a listener it would end the process.
    pool.on('error', () => undefined);
    return new Database(pool, options.preparesStatements ?? false);
  }

  /**
   * Runs `work` in a transaction of one organisation. Rolls back when it throws; after a deadlock or a serialisation
   * failure `work` runs again from the start, so it must not have effects outside of the transaction.
   */
  withOrganisation<Result>(
    organisationId: number,
    work: (transaction: OrganisationTransaction) => Promise<Result>,
  ): Promise<Result> {
    return this.inTransaction(async (client) => {
      await client.query(`SELECT set_config('coldchain.organisation', $1, true)`, [String(organisationId)]);
      return work(new ClientTransaction(client, organisationId, this.prepares));
    });
  }

  /** Runs `work` in a transaction of the process itself: no organisation is set, its role's own policies hold. */
  asProcess<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return this.inTransaction((client) => work(new ClientTransaction(client, 0, this.prepares)));
  }

  /** One statement outside of a transaction. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const result = await this.pool.query(sql, [...parameters]);
    return result.rows as Row[];
  }

  /** Ends all connections after their current work. */
  async close(): Promise<void> {
    await this.pool.end();
  }

  private inTransaction<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    return retrying(() => this.inOneTransaction(work));
  }

  private async inOneTransaction<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // A connection that breaks between two statements says so by an event; without a listener it would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((cause: unknown) => {
        broken = cause instanceof Error ? cause : new Error(String(cause));
      });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}

/**
 * Settings of every session. The role is its reset value: a statement cannot fall back to the login role by RESET ROLE.
 * A transaction that is forgotten open would keep followers from seeing what was committed after it.
 */
export function sessionOptions({ role }: Pick<DatabaseOptions, 'role'>): string {
  const settings = [
    'TimeZone=UTC',
    'idle_in_transaction_session_timeout=60s',
    ...(role === null ? [] : [`role=${role}`]),
  ];
  return settings.map((setting) => `-c ${setting}`).join(' ');
}

const INT8 = 20;
const DATE = 1082;

/** Numbers for int8 (counts and ids of this system are below 2^53); days as `YYYY-MM-DD`, never shifted by a time zone. */
export function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  if (oid === DATE) return (value) => value;
  return types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}
