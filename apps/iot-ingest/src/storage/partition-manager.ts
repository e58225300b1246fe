import type { Database } from '@coldchain/database';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';

const LOOK_EVERY_MS = 10 * 60_000;
const RETRY_MS = 60_000;
const DAY_MS = 86_400_000;
/** Days whose partitions are there before their first reading: at midnight nobody waits for a table to be made. */
const AHEAD_DAYS = 3;

/**
 * Makes the partitions of today and the next days ahead, and detaches those that are older than what is to be kept at
 * hand. Detached tables stay in the database under another name; deleting or moving them is for people.
 */
export class PartitionManager {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** Null: nothing is ever detached. */
    private readonly keepDays: number | null,
  ) {}

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Looks once. */
  async look(): Promise<void> {
    const now = this.clock.now();
    for (let day = 0; day <= AHEAD_DAYS; day++) {
      await this.database.query('SELECT ensure_reading_partition($1)', [dayText(now + day * DAY_MS)]);
    }
    if (this.keepDays === null) return;
    const [row] = await this.database.query<{ detached: number }>('SELECT detach_reading_partitions($1) AS detached', [
      dayText(now - this.keepDays * DAY_MS),
    ]);
    if (row !== undefined && row.detached > 0) this.logger.info({ tables: row.detached }, 'old partitions detached');
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      let waitMs = LOOK_EVERY_MS;
      try {
        await this.look();
      } catch (error) {
        // For one a deadlock with who reads the tables: partitions are ahead by days, so nothing is in a hurry.
        this.logger.warn({ err: error }, 'partitions cannot be looked after now');
        waitMs = RETRY_MS;
      }
      await sleep(waitMs, signal);
    }
  }
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
