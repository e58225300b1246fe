import { createReadStream } from 'node:fs';
import type { EntityDatabase } from '@coldchain/database';
import { RequestProblem } from '../http/request-problem.js';
import { csvRows } from './csv-rows.js';
import * as queries from './demand-import.queries.js';
import {
  type BadLine,
  columnsOf,
  type DemandLine,
  type LineDefaults,
  type LineProblem,
  readDemandLine,
} from './demand-line.js';

/** What came of an import. */
export interface ImportOutcome {
  readonly rows: number;
  readonly series: number;
  readonly refusedSeries: number;
  readonly problems: readonly LineProblem[];
}

/** A file that arrived. */
export interface DemandFile {
  readonly path: string;
  readonly sha256: Buffer;
}

/** On whose behalf, and what holds for rows that name none. */
export interface ImportOrder extends LineDefaults {
  readonly organisationId: number;
  readonly importedBy: string;
}

/** Rows of one transaction: a longer one would keep readers that follow a table waiting. */
const ROWS_AT_ONCE = 2_000;
const MOST_PROBLEMS = 100;
/** More series than this in one file are a column in the wrong place. */
const MOST_SERIES = 200_000;

/**
 * Imports a demand list, row by row and in constant memory but for the names of its series. The same file counts once.
 * Of a series with a bad row nothing is taken.
 * @throws RequestProblem `csv-invalid`, `import-under-way`
 */
export async function importDemand(
  database: EntityDatabase,
  file: DemandFile,
  order: ImportOrder,
): Promise<ImportOutcome & { readonly repeated: boolean }> {
  const { organisationId, source } = order;
  const earlier = await database.withOrganisation(organisationId, (tx) => queries.importOf(tx, file.sha256, source));
  if (earlier?.outcome != null) return { ...(earlier.outcome as unknown as ImportOutcome), repeated: true };
  const rows = csvRows(createReadStream(file.path, { highWaterMark: 1 << 18 }));
  const header = (await rows.next()).value ?? undefined;
  const columns = columnsOf(header?.fields ?? []);
  if ('length' in columns) {
    throw new RequestProblem('csv-invalid', `the first line lacks the columns ${columns.join(', ')}`);
  }
  const claim = await database.withOrganisation(organisationId, (tx) =>
    queries.beginImport(tx, file.sha256, source, order.importedBy),
  );
  if (claim === null) throw underWay();
  const stored = new StoredImport(database, organisationId, claim);
  await stored.removeRemains();
  for await (const row of rows) {
    if (row.fields === null) {
      throw new RequestProblem('csv-invalid', `line ${row.line}: a quote is not closed, or it is too long for a row`);
    }
    const read = readDemandLine(row.line, row.fields, columns, order);
    if ('problem' in read) stored.refuse(read);
    else await stored.add(read);
  }
  return { ...(await stored.complete()), repeated: false };
}

const underWay = (): RequestProblem => new RequestProblem('import-under-way', 'another request imports the same file');

const nameOf = ({ product, site, source }: Pick<DemandLine, 'product' | 'site' | 'source'>): string =>
  `${source} ${product} ${site}`;

/** Rows of one day of a series came twice: what was stored by this transaction is taken back. */
class DayRepeated extends Error {}

/** The rows of one import on their way into the database. */
class StoredImport {
  private waiting: DemandLine[] = [];
  private readonly ids = new Map<string, number>();
  private readonly refused = new Set<string>();
  private readonly problems: LineProblem[] = [];
  private rows = 0;

  constructor(
    private readonly database: EntityDatabase,
    private readonly organisationId: number,
    private readonly claim: queries.ImportClaim,
  ) {}

  /** What an interrupted attempt has left. */
  async removeRemains(): Promise<void> {
    for (let removed = ROWS_AT_ONCE; removed === ROWS_AT_ONCE;) {
      removed = await this.inTransaction((tx) => queries.removeRows(tx, this.claim.id, ROWS_AT_ONCE));
    }
  }

  /** @throws RequestProblem `csv-invalid`, as {@link store}: names of series that are refused take memory as well */
  refuse(bad: BadLine): void {
    this.refused.add(nameOf(bad));
    this.refuseSeriesAbove(this.ids.size);
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(bad.problem);
  }

  async add(line: DemandLine): Promise<void> {
    if (this.refused.has(nameOf(line))) return;
    if (this.waiting.push(line) === ROWS_AT_ONCE) await this.store();
  }

  async complete(): Promise<ImportOutcome> {
    await this.store();
    for (const name of this.refused) {
      const id = this.ids.get(name);
      if (id === undefined) continue;
      this.rows -= await this.inTransaction((tx) => queries.removeSeries(tx, this.claim.id, id));
      this.ids.delete(name);
    }
    const outcome: ImportOutcome = {
      rows: this.rows,
      series: this.ids.size,
      refusedSeries: this.refused.size,
      problems: this.problems.sort((a, b) => a.line - b.line),
    };
    await this.inTransaction((tx) => queries.completeImport(tx, this.claim.id, outcome));
    return outcome;
  }

  private async store(): Promise<void> {
    const lines = this.waiting.filter((line) => !this.refused.has(nameOf(line)));
    this.waiting = [];
    if (lines.length === 0) return;
    const unseen = [...new Map(lines.map((line) => [nameOf(line), line])).values()].filter(
      (line) => !this.ids.has(nameOf(line)),
    );
    this.refuseSeriesAbove(this.ids.size + unseen.length);
    const insert = <Stored>(by: (...row: Parameters<typeof queries.insertRows>) => Promise<Stored>): Promise<Stored> =>
      this.inTransaction(async (tx) => {
        const found = await queries.seriesIds(tx, unseen);
        unseen.forEach((line, at) => this.ids.set(nameOf(line), found[at] ?? 0));
        const ids = lines.map((line) => this.ids.get(nameOf(line)) ?? 0);
        return by(tx, this.claim.id, ids, lines);
      });
    try {
      await insert(async (...row) => {
        if ((await queries.insertRows(...row)) < lines.length) throw new DayRepeated();
      });
      this.rows += lines.length;
    } catch (error) {
      if (!(error instanceof DayRepeated)) throw error;
      // Nothing was stored; once more, with the rows that were.
      const stored = await insert(queries.insertRowsNamed);
      this.rows += stored.length;
      this.refuseRepeated(lines, stored);
    }
  }

  /** A day that stands twice: which of both is meant cannot be known. */
  private refuseRepeated(
    lines: readonly DemandLine[],
    stored: readonly { readonly series_id: number; readonly day: string }[],
  ): void {
    const once = new Set(stored.map(({ series_id: id, day }) => `${id} ${day}`));
    for (const line of lines) {
      if (once.delete(`${this.ids.get(nameOf(line))} ${line.day}`)) continue;
      const detail = `${line.day} of ${line.product} at ${line.site} stands twice`;
      this.refuse({ ...line, problem: { line: line.line, code: 'day-repeated', detail } });
    }
  }

  private refuseSeriesAbove(taken: number): void {
    if (this.refused.size + taken > MOST_SERIES) {
      throw new RequestProblem('csv-invalid', `the file names more than ${MOST_SERIES} series`);
    }
  }

  /** Runs `work` while the attempt has the import. @throws RequestProblem `import-under-way` */
  private inTransaction<Result>(
    work: (transaction: Parameters<Parameters<EntityDatabase['withOrganisation']>[1]>[0]) => Promise<Result>,
  ): Promise<Result> {
    return this.database.withOrganisation(this.organisationId, async (tx) => {
      if (!(await queries.renewImport(tx, this.claim))) throw underWay();
      return work(tx);
    });
  }
}
