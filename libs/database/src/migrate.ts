import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations/order.js';

/** Brings the database to the newest schema, as its owner; returns the names of the migrations that ran. */
export async function migrate(url: string): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migration',
    applicationName: 'coldchain-migrate',
  });
  await dataSource.initialize();
  try {
    // Two processes may start at once: the second waits here and then finds nothing to do.
    const guard = dataSource.createQueryRunner();
    try {
      await guard.query(`SELECT pg_advisory_lock(hashtext('coldchain-migrate'))`);
      const ran = await dataSource.runMigrations({ transaction: 'each' });
      return ran.map((migration) => migration.name);
    } finally {
      await guard.query(`SELECT pg_advisory_unlock(hashtext('coldchain-migrate'))`);
      await guard.release();
    }
  } finally {
    await dataSource.destroy();
  }
}
