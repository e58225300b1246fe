import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleCode } from './demonstration.js';

/** How far the demonstration of a data folder is; kept in `<data dir>/demonstration.json`. */
export type DemonstrationProgress =
  | { readonly state: 'none' }
  | { readonly state: 'begun' }
  | { readonly state: 'complete'; readonly sampleCodes: readonly SampleCode[] };

const FILE = 'demonstration.json';

/** `none` where no demonstration was ever begun. */
export function readProgress(dataDir: string): DemonstrationProgress {
  try {
    return JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')) as DemonstrationProgress;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'none' };
    throw error;
  }
}

/** Replaces the file as a whole. */
export function writeProgress(dataDir: string, progress: DemonstrationProgress): void {
  const file = join(dataDir, FILE);
  writeFileSync(`${file}.partial`, `${JSON.stringify(progress, null, 2)}\n`);
  renameSync(`${file}.partial`, file);
}

/** Notes that a data folder is to have the demonstration, before its first start can fail. */
export function intendDemonstration(dataDir: string): void {
  writeProgress(dataDir, { state: 'begun' });
}
