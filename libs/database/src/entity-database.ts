import 'reflect-metadata';
import { DataSource, type EntityManager } from 'typeorm';
import { type DatabaseOptions, sessionOptions, typeParser } from './database.js';
import { Gateway } from './entities/gateway.entity.js';
import { LoggerDevice } from './entities/logger.entity.js';
import { Organisation } from './entities/organisation.entity.js';
import { ProductProfileVersion } from './entities/product-profile.entity.js';
import { retrying } from './retrying.js';
import { OrganisationTransaction } from './transaction.js';
import { TrailEntry } from './views/trail-entry.view.js';
import { UnitThermal } from './views/unit-thermal.view.js';

/** Every entity and view entity; the drift test compares them with the migrated schema. */
export const ENTITIES = [Organisation, ProductProfileVersion, Gateway, LoggerDevice, TrailEntry, UnitThermal] as const;

/** A transaction in which entities and views can be read as well. */
export abstract class EntityTransaction extends OrganisationTransaction {
  abstract readonly manager: EntityManager;
}

class ManagedTransaction extends EntityTransaction {
  constructor(
    readonly manager: EntityManager,
    readonly organisationId: number,
  ) {
    super();
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const answer: unknown = await this.manager.query(sql, [...parameters]);
    return rowsOf(answer) as Row[];
  }
}

/** TypeORM answers UPDATE and DELETE with `[rows, count]` and everything else with the rows. */
function rowsOf(answer: unknown): unknown[] {
  if (!Array.isArray(answer)) return [];
  const [first, count] = answer as unknown[];
  return answer.length === 2 && Array.isArray(first) && typeof count === 'number' ? first : answer;
}

/** PostgreSQL for the API: the same transactions as {@link Database}, with TypeORM's entities and views on top. */
export class EntityDatabase {
  private constructor(private readonly dataSource: DataSource) {}

  /** Connects. @throws when the server cannot be reached */
  static async open(options: DatabaseOptions): Promise<EntityDatabase> {
    const dataSource = new DataSource({
      type: 'postgres',
      url: options.url,
      entities: [...ENTITIES],
      applicationName: options.applicationName,
      poolSize: options.maxConnections ?? 8,
      extra: {
        options: sessionOptions(options),
        types: { getTypeParser: typeParser },
      },
    });
    await dataSource.initialize();
    return new EntityDatabase(dataSource);
  }

  /** Runs `work` in a transaction of one organisation. Rolls back, and runs again, as {@link Database} does. */
  withOrganisation<Result>(
    organisationId: number,
    work: (transaction: EntityTransaction) => Promise<Result>,
  ): Promise<Result> {
    return retrying(() =>
      this.dataSource.transaction(async (manager) => {
        await manager.query(`SELECT set_config('coldchain.organisation', $1, true)`, [String(organisationId)]);
        return work(new ManagedTransaction(manager, organisationId));
      }),
    );
  }

  /** One statement outside of a transaction: probes, and what precedes authentication. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return rowsOf(await this.dataSource.query(sql, [...parameters])) as Row[];
  }

  /**
   * Statements that would bring the schema to the entities: none, unless they have drifted apart. Foreign keys and
   * checks belong to the migrations alone and are left out.
   */
  async drift(): Promise<string[]> {
    const log = await this.dataSource.driver.createSchemaBuilder().log();
    return log.upQueries
      .map((statement) => statement.query)
      .filter((query) => !/DROP CONSTRAINT "\w+_(fkey|check)"$/.test(query));
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
  }
}
