import { createHash } from 'node:crypto';
import { EntityTransaction } from '@coldchain/database';

/** What is used of the connection below TypeORM. */
interface NamedStatements {
  query(statement: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<{ readonly rows: unknown[] }>;
}

/** Names of statements by their text. The texts are constants of the source, so that this does not grow. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('hex').slice(0, 24);
    names.set(text, name);
  }
  return name;
}

/**
 * A transaction whose statements are prepared once per connection. Row-level security multiplies the planner's work: a
 * verdict spent four fifths of its time planning (measured: 32 ms without, 9 ms with prepared statements).
 */
class PreparedTransaction extends EntityTransaction {
  readonly manager: EntityTransaction['manager'];
  readonly organisationId: number;

  constructor(
    transaction: EntityTransaction,
    private readonly connection: NamedStatements,
  ) {
    super();
    this.manager = transaction.manager;
    this.organisationId = transaction.organisationId;
  }

  async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.connection.query({ name: nameOf(text), text, values: [...parameters] });
    return rows as Row[];
  }
}

/** The same transaction with prepared statements. Only for statements whose text is a constant. */
export async function prepared(transaction: EntityTransaction): Promise<EntityTransaction> {
  const runner = transaction.manager.queryRunner;
  if (runner === undefined) throw new Error('a transaction has a query runner');
  // TypeORM types the driver's connection as any; for PostgreSQL it is the pool's client.
  const connection: NamedStatements = await runner.connect();
  // The planner would plan anew for each set of keys; what is asked here is always a handful of keys through an index.
  await transaction.query(`SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`);
  return new PreparedTransaction(transaction, connection);
}
