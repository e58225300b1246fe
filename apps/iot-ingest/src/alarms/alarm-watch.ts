import type { Database } from '@coldchain/database';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import { raiseMissing } from './missing-data.js';
import { renewWarnings } from './warnings.js';

const LOOK_EVERY_MS = 15_000;
/** How long open pages can be away and go on where they were. */
const CHANGES_KEPT_MS = 3 * 86_400_000;

/** What alarms that depend on the clock are looked for with. */
export interface AlarmWatchOptions {
  readonly database: Pick<Database, 'asProcess' | 'withOrganisation'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Looks for what no reading brings: loggers that fall silent, and limits that are about to be broken. */
export class AlarmWatch {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(private readonly options: AlarmWatchOptions) {}

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Looks once. */
  async look(): Promise<void> {
    const { database, clock } = this.options;
    const now = clock.now();
    await raiseMissing(database, now);
    await renewWarnings(database, now);
    await database.asProcess((transaction) =>
      transaction.query('DELETE FROM live_change WHERE at < $1', [new Date(now - CHANGES_KEPT_MS)]),
    );
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      try {
        await this.look();
      } catch (error) {
        this.options.logger.warn({ err: error }, 'alarms cannot be looked for now');
      }
    }
  }
}
