import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { csvField } from '../demand/csv-lines.js';
import { frequencyOf, wholeNumber } from '../demand/demand-options.js';
import { runSeries } from '../demand/run-series.js';

/** Forecasts of every series as CSV, or one JSON line for each. 2: some series were refused. */
export async function runForecast(invocation: Invocation): Promise<ExitCode> {
  const { options, terminal, json } = invocation;
  const levels = levelsOf(options.text('level') ?? '80,95');
  const frequency = frequencyOf(invocation, 'forecast');
  const horizon = wholeNumber(invocation, 'horizon', 'forecast');
  if (!json) {
    const ends = levels.flatMap((level) => [`lower${level}`, `upper${level}`]);
    terminal.out(['series', 'date', 'step', 'mean', ...ends, 'model'].join(','));
  }
  return runSeries(invocation, { kind: 'forecast', frequency, horizon, levels }, (result) => {
    if (result.kind !== 'forecast') return;
    const { series, model, steps } = result;
    if (json) {
      terminal.out(JSON.stringify({ series, model, steps: steps.map((step) => ({ ...step, levels })) }));
      return;
    }
    const lines = steps.map(({ date, step, mean, ends }) =>
      [csvField(series), date, step, mean, ...ends.flat(), model].join(','),
    );
    terminal.out(lines.join('\n'));
  });
}

function levelsOf(text: string): number[] {
  const levels = text.split(',').map(Number);
  if (
    levels.length > 0 &&
    levels.every((level) => level > 0 && level < 100) &&
    new Set(levels).size === levels.length
  ) {
    return levels;
  }
  throw usageError(`--level '${text}' must be levels between 0 and 100, such as 80,95`, 'forecast');
}
