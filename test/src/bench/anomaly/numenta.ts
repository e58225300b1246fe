import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sharedData } from '../../support/repository.js';

/** A series of the Numenta Anomaly Benchmark, with the index of the first and last row of each window. */
export interface NumentaFile {
  readonly name: string;
  readonly rows: readonly (readonly [at: number, value: number])[];
  readonly windows: readonly (readonly [first: number, last: number])[];
}

const instant = (text: string): number => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);

/** The files of the corpus that lie in the shared data; null where the folder is missing. */
export function numentaFiles(): NumentaFile[] | null {
  const folder = sharedData('anomaly');
  if (folder === null) return null;
  const windows = JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8')) as Record<string, [string, string][]>;
  return Object.entries(windows).map(([path, ranges]) => {
    const file = join(folder, path.startsWith('artificial') ? 'artificial' : '', basename(path));
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line): [number, number] => {
        const [timestamp = '', value = ''] = line.split(',');
        return [instant(timestamp), Number(value)];
      });
    return {
      name: basename(path),
      rows,
      windows: ranges.map(([from, to]) => [
        rows.findIndex(([at]) => at >= instant(from)),
        rows.findLastIndex(([at]) => at <= instant(to)),
      ]),
    };
  });
}

const sigmoid = (position: number): number => 2 / (1 + Math.exp(5 * position)) - 1;

/** Profile "standard": a window found early scores 1, a missed one −1, a false alarm up to −0.11. */
function rawScore({ rows, windows }: NumentaFile, scores: readonly number[], threshold: number): number {
  const probation = Math.min(Math.floor(0.15 * rows.length), 750);
  const best: number[] = windows.map(() => -1);
  let raw = 0;
  for (let row = probation; row < rows.length; row++) {
    if ((scores[row] ?? 0) < threshold) continue;
    const inside = windows.findIndex(([first, last]) => row >= first && row <= last);
    const window = windows[inside];
    if (window !== undefined) {
      const [first, last] = window;
      const position = -(last - row + 1) / (last - first + 1);
      best[inside] = Math.max(best[inside] ?? -1, sigmoid(position) / sigmoid(-1));
      continue;
    }
    const before = windows.findLast(([, last]) => last < row);
    const position = before === undefined ? Number.POSITIVE_INFINITY : (row - before[1]) / (before[1] - before[0]);
    raw -= 0.11 * Math.abs(position > 3 ? -1 : sigmoid(position));
  }
  return raw + best.reduce((sum, score) => sum + score, 0);
}

/**
 * The score of the benchmark: one threshold for all files, the best one; 100 for every window found at once and no false
 * alarm, 0 for no alarm at all.
 */
export function numentaScore(
  files: readonly NumentaFile[],
  scores: ReadonlyMap<NumentaFile, readonly number[]>,
  thresholds: readonly number[],
): { readonly score: number; readonly threshold: number } {
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0);
  let found = { score: Number.NEGATIVE_INFINITY, threshold: 1 };
  for (const threshold of thresholds) {
    const raw = files.reduce((sum, file) => sum + rawScore(file, scores.get(file) ?? [], threshold), 0);
    const score = (100 * (raw + windows)) / (2 * windows);
    if (score > found.score) found = { score, threshold };
  }
  return found;
}
