import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedData } from '../../support/repository.js';

/** A public series. */
export interface DemandSeries {
  readonly id: string;
  readonly values: readonly number[];
}

/** A series with the split that its competition scored. */
export interface SplitSeries extends DemandSeries {
  readonly test: readonly number[];
}

/** The sets of `../shared/data/demand`. @throws Error where the folder is missing */
export interface DemandSets {
  readonly weekly: readonly DemandSeries[];
  readonly hospital: readonly DemandSeries[];
  readonly sparse: readonly DemandSeries[];
  readonly m3: readonly SplitSeries[];
}

/** Reads every set; `share` keeps every n-th series. */
export function demandSets(share: number): DemandSets {
  const folder = sharedData('demand');
  if (folder === null) throw new Error('../shared/data/demand is missing beside the repository: nothing to measure on');
  const rows = (file: string): string[][] =>
    readFileSync(join(folder, file), 'utf8')
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(',').map((field) => field.trim()));
  const columns = (file: string): DemandSeries[] => {
    const [header = [], ...body] = rows(file);
    return header
      .slice(1)
      .map((id, column) => ({ id, values: body.map((row) => Number(row[column + 1])) }))
      .filter((_, index) => index % share === 0);
  };
  return {
    weekly: columns('pharmacy-weekly.csv'),
    hospital: columns('hospital-monthly.csv'),
    sparse: columns('intermittent-spare-parts.csv'),
    m3: splitSeries(rows('m3-monthly-quarter.csv').slice(1)).filter((_, index) => index % share === 0),
  };
}

function splitSeries(rows: readonly (readonly string[])[]): SplitSeries[] {
  const parts = new Map<string, number[]>();
  for (const [id = '', part = '', , , ...values] of rows) {
    parts.set(`${id} ${part}`, values.filter((value) => value !== '').map(Number));
  }
  return [...parts.keys()]
    .filter((key) => key.endsWith(' train'))
    .map((key) => {
      const id = key.slice(0, -' train'.length);
      return { id, values: parts.get(key) ?? [], test: parts.get(`${id} test`) ?? [] };
    });
}
