import type { Database } from '@coldchain/database';

/** Partitions of readings by day; made when the first frame of a day arrives, and remembered. */
export class Partitions {
  private readonly known = new Map<string, Promise<void>>();

  constructor(private readonly database: Database) {}

  /** Makes sure that frames of these days can be stored. */
  async ensure(days: Iterable<string>): Promise<void> {
    for (const day of [...new Set(days)].sort()) {
      const made = this.known.get(day) ?? this.make(day);
      // Remembered before it is there: two writers of this process that meet a new day make it once.
      this.known.set(day, made);
      await made;
    }
  }

  /** After a day was found to have no partition any more. */
  forget(): void {
    this.known.clear();
  }

  private async make(day: string): Promise<void> {
    try {
      await this.database.query('SELECT ensure_reading_partition($1)', [day]);
    } catch (error) {
      this.known.delete(day);
      throw error;
    }
  }
}
