import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { CliError } from '../cli-error.js';

/** What a store is about; a store is only continued for the same. */
export interface StoreHeader {
  readonly boot: string;
  readonly gateway: string;
  /** What the readings come from: a simulated place, or a file by its hash. */
  readonly source: string;
  /** ms since 1970: when the readings began; a simulated place tells its past from there. */
  readonly startedAt: number;
}

/** A frame that is not acknowledged yet. */
export interface KeptFrame {
  readonly seq: number;
  readonly payload: Buffer;
  readonly readings: number;
}

interface FrameLine {
  readonly seq: number;
  readonly to: number;
  readonly n: number;
  readonly frame: string;
}

type Line = FrameLine | { readonly settled: number } | { readonly next: number; readonly to: number };

/** Settled lines after which the file is written anew without them. */
const COMPACT_AFTER = 5_000;

/**
 * Frames of a gateway until the platform has acknowledged them. In a file it is append-only: a frame is on the disk
 * before it is sent, so that a number is never used for other bytes, and what was not acknowledged survives the end of
 * the process at any moment; a line that was cut short by it is dropped.
 */
export class FrameStore {
  private readonly kept = new Map<number, KeptFrame>();
  private next = 0;
  private until: number | null = null;
  private descriptor: number | null = null;
  private settledLines = 0;

  private constructor(
    readonly header: StoreHeader,
    private readonly path: string | null,
  ) {}

  /** Frames in memory only. */
  static inMemory(header: StoreHeader): FrameStore {
    return new FrameStore(header, null);
  }

  /**
   * Continues the store of that path, or begins it.
   * @throws CliError `store-of-another` where it was begun for something else
   */
  static open(path: string, header: StoreHeader): FrameStore {
    const lines = existsSync(path) ? completeLines(path) : [];
    const first = lines[0];
    if (first === undefined) {
      const store = new FrameStore(header, path);
      store.descriptor = openSync(path, 'a', 0o600);
      store.write(JSON.stringify(header));
      return store;
    }
    const found = JSON.parse(first) as StoreHeader;
    if (found.gateway !== header.gateway || found.source !== header.source) {
      throw new CliError(
        'store-of-another',
        `${path} keeps frames of ${found.gateway}, ${found.source}`,
        'name another file with --store',
      );
    }
    const store = new FrameStore(found, path);
    for (const line of lines.slice(1)) store.apply(JSON.parse(line) as Line);
    store.descriptor = openSync(path, 'a', 0o600);
    return store;
  }

  /** The number that the next frame gets. */
  get nextSeq(): number {
    return this.next;
  }

  /** Time of the newest reading that is in a frame; null before the first. */
  get lastReadingAt(): number | null {
    return this.until;
  }

  /** How many frames are not acknowledged. */
  get pending(): number {
    return this.kept.size;
  }

  /** Frames that are not acknowledged, by number. */
  frames(): IterableIterator<KeptFrame> {
    return this.kept.values();
  }

  has(seq: number): boolean {
    return this.kept.has(seq);
  }

  /** Keeps frames, numbered on from {@link nextSeq}, with one flush to the disk for all. `lastAt`: time of its newest reading. */
  append(frames: readonly { readonly payload: Buffer; readonly readings: number; readonly lastAt: number }[]): void {
    const lines = frames.map(({ payload, readings, lastAt }) => {
      const line: FrameLine = { seq: this.next, to: lastAt, n: readings, frame: payload.toString('utf8') };
      this.apply(line);
      return JSON.stringify(line);
    });
    if (lines.length > 0) this.write(lines.join('\n'));
  }

  /** Forgets what is acknowledged. Not flushed: a frame that is sent once more is a duplicate that costs nothing. */
  settle(seqs: readonly number[]): void {
    const known = seqs.filter((seq) => this.kept.delete(seq));
    if (known.length === 0 || this.descriptor === null) return;
    writeSync(this.descriptor, `${known.map((seq) => JSON.stringify({ settled: seq })).join('\n')}\n`);
    this.settledLines += known.length;
    if (this.settledLines > COMPACT_AFTER && this.settledLines > this.kept.size) this.compact();
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }

  private apply(line: Line): void {
    if ('frame' in line) {
      this.kept.set(line.seq, { seq: line.seq, payload: Buffer.from(line.frame, 'utf8'), readings: line.n });
      this.next = line.seq + 1;
      this.until = Math.max(line.to, this.until ?? line.to);
    } else if ('settled' in line) {
      this.kept.delete(line.settled);
      this.settledLines++;
    } else {
      this.next = line.next;
      this.until = line.to;
    }
  }

  private write(text: string): void {
    if (this.descriptor === null) return;
    writeSync(this.descriptor, `${text}\n`);
    fdatasyncSync(this.descriptor);
  }

  private compact(): void {
    if (this.path === null || this.until === null) return;
    const partial = `${this.path}.partial`;
    const descriptor = openSync(partial, 'w', 0o600);
    const frames = [...this.kept.values()].map(({ seq, payload, readings }) => ({
      seq,
      to: this.until ?? 0,
      n: readings,
      frame: payload.toString('utf8'),
    }));
    const lines = [this.header, ...frames, { next: this.next, to: this.until }];
    writeSync(descriptor, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
    fdatasyncSync(descriptor);
    closeSync(descriptor);
    this.close();
    renameSync(partial, this.path);
    this.descriptor = openSync(this.path, 'a', 0o600);
    this.settledLines = 0;
  }
}

/** Lines that end in a line break; what follows the last one is cut off, because the next line goes there. */
function completeLines(path: string): string[] {
  const content = readFileSync(path);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end < content.length) truncateSync(path, end);
  return content
    .toString('utf8', 0, end)
    .split('\n')
    .filter((line) => line !== '');
}
