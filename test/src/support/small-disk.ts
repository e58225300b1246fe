import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024);

/** A disk of some MiB (tmpfs), which a spec can fill. It goes with this process, also when that is killed. */
export class SmallDisk {
  private constructor(
    readonly folder: string,
    private readonly keeper: ChildProcess,
  ) {}

  /** Null: this user may not mount here. */
  static mount(sizeMib: number): SmallDisk | null {
    const folder = mkdtempSync(join(tmpdir(), 'coldchain-disk-'));
    const options = `size=${sizeMib}m,mode=0755`;
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    if (mounted.status !== 0) {
      rmSync(folder, { recursive: true });
      return null;
    }
    const keeper = spawn('/bin/sh', ['-c', 'read -r line; umount -l "$1" && rmdir "$1"', 'sh', folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    return new SmallDisk(folder, keeper);
  }

  get freeMib(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return (bavail * bsize) / MIB;
  }

  /** Takes room until so much is left. */
  fill(leftMib: number): void {
    const file = openSync(this.filler, 'a');
    try {
      while (this.freeMib > leftMib) writeSync(file, PIECE);
    } finally {
      closeSync(file);
    }
  }

  /** Gives the room back. */
  empty(): void {
    rmSync(this.filler, { force: true });
  }

  async unmount(): Promise<void> {
    const gone = once(this.keeper, 'exit');
    this.keeper.stdin?.end();
    await gone;
  }

  private get filler(): string {
    return join(this.folder, 'filler');
  }
}
