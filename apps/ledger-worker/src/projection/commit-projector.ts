import type { Ledger, LedgerHealth } from '@coldchain/ledger';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Pool } from 'pg';
import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import { compareHeights, type HeightProblem } from './height-watch.js';
import { ensureCheckpoint, projectBlock, readCheckpoint } from './project-block.js';

/** What a projector is made of. */
export interface CommitProjectorOptions {
  readonly pool: Pool;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Of the leadership under which it writes. */
  readonly epoch: number;
  /** How often the heights are compared. */
  readonly heightCheckMs: number;
  /** Wait after a failure. */
  readonly retryMs: number;
  /** Hears of every comparison of the organisations' copies. */
  readonly onHeights: (health: LedgerHealth, problems: readonly HeightProblem[]) => void;
}

/** Follows the ledger from the checkpoint and keeps the read model at its height. */
export class CommitProjector {
  /** The greatest height at the comparison before. */
  private before = 0;

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
    const { pool, ledger, logger, epoch } = this.options;
    await ensureCheckpoint(pool);
    const checkpoint = await readCheckpoint(pool);
    for await (const block of ledger.events(checkpoint, signal)) {
      if (!(await projectBlock(pool, block, epoch))) {
        // Another projector was here, or the read model was built anew: go on from where it is.
        logger.warn({ block: block.number }, 'block is not next after the checkpoint');
        return;
      }
    }
  }

  /**
   * Notes the ledger's height, and the time at which the projection was seen to be at it. An idle ledger makes no blocks,
   * so the age of the last one says nothing; this does. Organisations that hold different blocks confirm nothing.
   */
  private async confirm(): Promise<void> {
    const { pool, ledger, clock, epoch } = this.options;
    const askedAt = clock.now();
    const health = await ledger.health();
    const agreed = await this.compare(health);
    // A leader that was paused here must not set the time back.
    await pool.query(
      `UPDATE ledger_checkpoint
       SET height = greatest($2, block + 1),
           confirmed_at = CASE WHEN $4 AND block + 1 >= $2
             THEN greatest(confirmed_at, to_timestamp($3::double precision / 1000)) ELSE confirmed_at END
       WHERE channel = $1 AND EXISTS (SELECT 1 FROM ledger_leadership WHERE channel = $1 AND epoch = $5)`,
      [CHANNEL_NAME, health.height, askedAt, agreed, epoch],
    );
  }

  /** False when organisations hold different blocks. */
  private async compare(health: LedgerHealth): Promise<boolean> {
    const { ledger, logger, onHeights } = this.options;
    const lasts = new Set((health.organisations ?? []).flatMap(({ height }) => (height === null ? [] : [height - 1])));
    const blocks = await Promise.all([...lasts].map((number) => ledger.block(number)));
    const hashes = new Map(blocks.flatMap((block) => (block === undefined ? [] : [[block.number, block.headerHash]])));
    const problems = compareHeights(health, this.before, (block) => hashes.get(block));
    this.before = health.height;
    for (const { code, mspid, text } of problems) logger.warn({ code, organisation: mspid }, text);
    onHeights(health, problems);
    return !problems.some(({ code }) => code === 'peer-differs');
  }
}
