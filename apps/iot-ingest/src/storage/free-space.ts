import { statfs } from 'node:fs/promises';
import { sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';

const LOOK_EVERY_MS = 2_000;
const MIB = 1024 * 1024;
/** Room above the mark before storing goes on, so that it does not go on and off. */
const AGAIN = 1.1;

/** Options of {@link FreeSpace}. */
export interface FreeSpaceOptions {
  /** A folder on the disk of the database. */
  readonly path: string;
  /** 0: not watched. */
  readonly leastMib: number;
  readonly logger: Logger;
  /** Free bytes of the disk that a folder is on. */
  readonly freeBytes?: (path: string) => Promise<number>;
}

/**
 * Stops storing, and with it acknowledging, while the disk has less room than the mark: a PostgreSQL whose disk is full
 * may not even start again, whereas gateways keep what is not acknowledged. Where the disk cannot be looked at (a database
 * on another machine) it does not stand in the way.
 */
export class FreeSpace {
  private freeMib: number | null = null;
  private short = false;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(private readonly options: FreeSpaceOptions) {}

  /** Room when it was last looked at, to a MiB; null: it is not watched, or cannot be read. */
  get freeBytes(): number | null {
    return this.freeMib === null ? null : this.freeMib * MIB;
  }

  /** Whether storing stands still. */
  get isShort(): boolean {
    return this.short;
  }

  /** Looks before it returns, and then every two seconds. */
  async start(): Promise<void> {
    if (this.options.leastMib === 0) return;
    await this.look();
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Resolves with true when there is room, with false when stopped before. */
  async passed(): Promise<boolean> {
    const { signal } = this.stopping;
    while (this.short && !signal.aborted) await sleep(100, signal);
    return !signal.aborted;
  }

  /** Looks once. */
  async look(): Promise<void> {
    const { path, leastMib, logger, freeBytes = freeBytesOf } = this.options;
    try {
      this.freeMib = Math.floor((await freeBytes(path)) / MIB);
    } catch (error) {
      if (this.freeMib !== null) logger.warn({ err: error }, 'free space cannot be read');
      this.freeMib = null;
    }
    const short = this.freeMib !== null && this.freeMib < leastMib * (this.short ? AGAIN : 1);
    if (short === this.short) return;
    this.short = short;
    if (short) logger.error({ freeMib: this.freeMib, leastMib }, 'disk nearly full, nothing is stored or acknowledged');
    else logger.info({ freeMib: this.freeMib }, 'there is room again');
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, signal);
      if (!signal.aborted) await this.look();
    }
  }
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
