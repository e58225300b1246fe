import { overallScores, type SeriesBacktest } from '@coldchain/forecast';
import type { ExitCode, Invocation } from '../command.js';
import { frequencyOf, wholeNumber } from '../demand/demand-options.js';
import { runSeries } from '../demand/run-series.js';

/** Scores by rolling origins as one JSON document, a line for each series and the mean over series last. */
export async function runBacktest(invocation: Invocation): Promise<ExitCode> {
  const { terminal } = invocation;
  const frequency = frequencyOf(invocation, 'backtest');
  const horizon = wholeNumber(invocation, 'horizon', 'backtest');
  const origins = wholeNumber(invocation, 'origins', 'backtest', 1, 10_000);
  const all: SeriesBacktest[] = [];
  let text = `{"frequency":"${frequency}","horizon":${horizon},"origins":${origins},"series":[`;
  const status = await runSeries(invocation, { kind: 'backtest', frequency, horizon, origins }, (result) => {
    if (result.kind !== 'backtest') return;
    const { series, model, scores } = result;
    terminal.out(all.length === 0 ? text : `${text},`);
    text = JSON.stringify({ series, model, origins: result.origins, ...scores });
    all.push({ origins: result.origins, model, scores });
  });
  terminal.out(`${text}],`);
  terminal.out(`"overall":${JSON.stringify({ series: all.length, ...overallScores(all) })}}`);
  return status;
}
