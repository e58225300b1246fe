import type { Database } from '@coldchain/database';

/** Partitions of readings by day; made when the first frame of a day arrives, and remembered. */
export class Partitions {
  private readonly known = new Set<string>();

  constructor(private readonly database: Database) {}

  /** Makes sure that frames of these days can be stored. */
  async ensure(days: Iterable<string>): Promise<void> {
    const missing = [...new Set(days)].filter((day) => !this.known.has(day)).sort();
    for (const day of missing) {
      await this.database.query('SELECT ensure_reading_partition($1)', [day]);
      this.known.add(day);
    }
  }

  /** After a day was found to have no partition any more. */
  forget(): void {
    this.known.clear();
  }
}
