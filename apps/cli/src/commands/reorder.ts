import type { ReorderPolicy } from '@coldchain/forecast';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { csvField } from '../demand/csv-lines.js';
import { frequencyOf, numberBetween } from '../demand/demand-options.js';
import { tellProblem } from '../demand/row-problem.js';
import { type DoneResult, runSeries } from '../demand/run-series.js';
import { readStockFile } from '../demand/stock-file.js';

/** Reorder levels and orders of every series as CSV, or one JSON line for each. 2: some series were refused. */
export async function runReorder(invocation: Invocation): Promise<ExitCode> {
  const { options, terminal, json } = invocation;
  const frequency = frequencyOf(invocation, 'reorder');
  const policy = policyOf(invocation);
  const stockFile = options.text('stock');
  if (stockFile === '-' && invocation.positionals[0] === '-') {
    throw usageError('only one of FILE and --stock can be standard input', 'reorder');
  }
  const stock = stockFile === undefined ? undefined : await readStockFile(stockFile, terminal);
  if (!json) terminal.out('series,reorder_point,order_up_to,safety_stock,order_quantity,model');
  const advised = new Set<string>();
  const print = (result: DoneResult): void => {
    if (result.kind !== 'reorder') return;
    advised.add(result.series);
    const { series, reorderPoint, orderUpTo, safetyStock, orderQuantity, model, expectedWaste, sentence } = result;
    if (json) {
      terminal.out(
        JSON.stringify({ series, reorderPoint, orderUpTo, safetyStock, orderQuantity, expectedWaste, sentence, model }),
      );
    } else {
      terminal.out([csvField(series), reorderPoint, orderUpTo, safetyStock, orderQuantity ?? '', model].join(','));
    }
    if (options.flag('sentences') && sentence !== null) terminal.note(`${series}: ${sentence}`);
  };
  const status = await runSeries(invocation, { kind: 'reorder', frequency, policy }, print, stock);
  const unmatched = [...(stock?.keys() ?? [])].filter((series) => !advised.has(series));
  if (unmatched.length > 0) {
    const names = unmatched.slice(0, 5).join(', ');
    const text = `${unmatched.length} series of the stock list got no advice (${names}${unmatched.length > 5 ? ', …' : ''})`;
    tellProblem(invocation, {
      code: 'stock-unmatched',
      text,
      nextStep: 'compare their names with those of the demand',
    });
  }
  return status;
}

function policyOf(invocation: Invocation): ReorderPolicy {
  const between = (name: string, least: number, most: number): number =>
    numberBetween(invocation, name, 'reorder', [least, most]);
  const service = between('service', 0.01, 0.9999);
  const leadTime = between('lead-time', 0, 200);
  const review = between('review', 0, 200);
  if (leadTime + review === 0) throw usageError('--lead-time and --review cannot both be 0', 'reorder');
  const spread = invocation.options.text('lead-time-spread');
  return { leadTime, review, service, leadTimeSpread: spread === undefined ? 0 : between('lead-time-spread', 0, 200) };
}
