import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LogStorage } from './log-storage.js';

const SEGMENT = /^\d{10}\.frames$/;

/** Segments as files of a folder of their own, readable by their owner only. */
export class FileLogStorage extends LogStorage {
  /** The one segment that is written now: a log that waits for long has more of them than a process may have open. */
  private open: { readonly name: string; readonly descriptor: number } | null = null;
  /** Names that are not known to be in the folder on the disk. */
  private readonly unnamed = new Set<string>();

  /** Makes the folder where it is not there. */
  constructor(private readonly folder: string) {
    super();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  names(): string[] {
    return readdirSync(this.folder)
      .filter((name) => SEGMENT.test(name))
      .sort();
  }

  read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  append(name: string, bytes: Buffer): void {
    const descriptor = this.descriptorOf(name);
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
  }

  /** fdatasync of the file, and fsync of the folder once for a new name: either may be lost without the other. */
  flush(name: string): void {
    fdatasyncSync(this.descriptorOf(name));
    if (!this.unnamed.has(name)) return;
    const folder = openSync(this.folder, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    this.unnamed.delete(name);
  }

  truncate(name: string, length: number): void {
    const descriptor = this.descriptorOf(name);
    ftruncateSync(descriptor, length);
    fdatasyncSync(descriptor);
  }

  remove(name: string): void {
    if (this.open?.name === name) this.close();
    this.unnamed.delete(name);
    // Where there was no room for the file itself there is nothing to remove.
    rmSync(join(this.folder, name), { force: true });
  }

  close(): void {
    const { open } = this;
    this.open = null;
    if (open !== null) closeSync(open.descriptor);
  }

  private descriptorOf(name: string): number {
    if (this.open?.name === name) return this.open.descriptor;
    this.close();
    const descriptor = openSync(join(this.folder, name), 'a', 0o600);
    this.open = { name, descriptor };
    this.unnamed.add(name);
    return descriptor;
  }
}
