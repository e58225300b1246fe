/**
 * Where a log keeps its segments: flat named files that grow at their end. A port, so that a test can cut a write short,
 * fill the disk, or lose what was not flushed. Every method throws what the medium says.
 */
export abstract class LogStorage {
  /** Names of all segments, ascending. */
  abstract names(): string[];

  abstract read(name: string): Buffer;

  /** Adds to the end of a segment, and makes it first where it is not there. May have written a part when it throws. */
  abstract append(name: string, bytes: Buffer): void;

  /** Returns when everything appended to a segment so far, and its name, survive a loss of power. */
  abstract flush(name: string): void;

  /** Cuts a segment to its first `length` bytes. */
  abstract truncate(name: string, length: number): void;

  abstract remove(name: string): void;

  /** Gives up what is open. */
  abstract close(): void;
}

/** A log that ends with its process: for a replay that can be given again, and for tests. */
export class MemoryLogStorage extends LogStorage {
  private readonly segments = new Map<string, Buffer[]>();

  names(): string[] {
    return [...this.segments.keys()].sort();
  }

  read(name: string): Buffer {
    return Buffer.concat(this.segments.get(name) ?? []);
  }

  append(name: string, bytes: Buffer): void {
    const chunks = this.segments.get(name);
    if (chunks === undefined) this.segments.set(name, [bytes]);
    else chunks.push(bytes);
  }

  flush(): void {
    // Memory has nothing behind it.
  }

  truncate(name: string, length: number): void {
    this.segments.set(name, [this.read(name).subarray(0, length)]);
  }

  remove(name: string): void {
    this.segments.delete(name);
  }

  close(): void {
    this.segments.clear();
  }
}
