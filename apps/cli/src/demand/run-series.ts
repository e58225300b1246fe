import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readDemandFile } from './demand-file.js';
import { ProblemNotes } from './row-problem.js';
import { resultsOf } from './series-workers.js';
import type { SeriesResult, SeriesTask } from './series-task.js';
import type { StockEntry } from './stock-file.js';

/** A result that is not a refusal. */
export type DoneResult = Exclude<SeriesResult, { kind: 'refused' }>;

/**
 * Does a task for every series of the FILE of a command and hands each result to `print`, in the order of the file.
 * Problems are told as they come. 0 all done, 2 some series were refused, 1 all were.
 */
export async function runSeries(
  { positionals: [file = '-'], terminal, json }: Invocation,
  task: SeriesTask,
  print: (result: DoneResult) => void,
  stock: ReadonlyMap<string, StockEntry> = new Map(),
): Promise<ExitCode> {
  const demand = await readDemandFile(file, terminal);
  const notes = new ProblemNotes(terminal, json);
  demand.refused.forEach((problem) => notes.add(problem));
  let refused = demand.refused.length;
  let done = 0;
  const works = mapped(demand.series, (rows) => ({ rows, stock: stock.get(rows.series) ?? null }));
  for await (const result of resultsOf(task, works, demand.count)) {
    if (terminal.stopped.aborted) throw new CliError('stopped', `stopped after ${done} series`, 'run it again', 2);
    if (result.kind === 'refused') {
      refused++;
      notes.add(result);
    } else {
      done++;
      print(result);
    }
  }
  notes.end();
  if (refused === 0) return 0;
  return done === 0 ? 1 : 2;
}

function* mapped<Input, Output>(inputs: Iterable<Input>, of: (input: Input) => Output): Generator<Output, void> {
  for (const input of inputs) yield of(input);
}
