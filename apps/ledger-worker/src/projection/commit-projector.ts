import type { Ledger } from '@coldchain/ledger';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Pool } from 'pg';
import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import { ensureCheckpoint, projectBlock, readCheckpoint } from './project-block.js';

/** What a projector is made of. */
export interface CommitProjectorOptions {
  readonly pool: Pool;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How often the height is compared. */
  readonly heightCheckMs: number;
  /** Wait after a failure. */
  readonly retryMs: number;
}

/** Follows the ledger from the checkpoint and keeps the read model at its height. */
export class CommitProjector {
  constructor(private readonly options: CommitProjectorOptions) {}

  /** Projects until the signal is aborted. Does not reject. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.repeat(signal, 'cannot project', () => this.follow(signal), this.options.retryMs),
      this.repeat(signal, 'cannot confirm the height', () => this.confirm(), this.options.heightCheckMs),
    ]);
  }

  private async repeat(signal: AbortSignal, failed: string, step: () => Promise<void>, pauseMs: number): Promise<void> {
    while (!signal.aborted) {
      try {
        await step();
      } catch (error) {
        this.options.logger.error({ err: error }, failed);
      }
      await sleep(pauseMs, signal);
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { pool, ledger, logger } = this.options;
    await ensureCheckpoint(pool);
    const checkpoint = await readCheckpoint(pool);
    for await (const block of ledger.events(checkpoint, signal)) {
      if (!(await projectBlock(pool, block))) {
        // Another projector was here: go on from where it is.
        logger.warn({ block: block.number }, 'block is not next after the checkpoint');
        return;
      }
    }
  }

  /**
   * Notes the ledger's height, and the time at which the projection was seen to be at it. An idle ledger makes no blocks,
   * so the age of the last one says nothing; this does.
   */
  private async confirm(): Promise<void> {
    const { pool, ledger, clock } = this.options;
    const askedAt = clock.now();
    const { height } = await ledger.health();
    await pool.query(
      `UPDATE ledger_checkpoint
       SET height = greatest($2, block + 1),
           confirmed_at = CASE WHEN block + 1 >= $2 THEN to_timestamp($3::double precision / 1000) ELSE confirmed_at END
       WHERE channel = $1`,
      [CHANNEL_NAME, height, askedAt],
    );
  }
}
