import { ANOMALY_SETTINGS, anomalyDetector, type AnomalySetting } from '@coldchain/forecast';
import { parseInstant } from '@coldchain/telemetry';
import { CliError, usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { columnsOf, csvField, csvRows } from '../demand/csv-lines.js';
import { zoneOf } from './logger-file.js';

/** Rows that go to the terminal at once. */
const ROWS_PER_WRITE = 500;

/** Judges a series row by row, as it comes. A row without a value stays one, and is a gap for those after it. */
export async function runAnomalies(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const file = positionals[0] ?? '-';
  const detector = anomalyDetector(settingNamed(options.text('setting') ?? 'cold-chain'));
  const offset = zoneOf(invocation, 'anomalies') ?? 0;
  const rows = csvRows(file, terminal);
  const header = await rows.next();
  const columns = columnsOf(
    header.done === true ? undefined : header.value,
    file,
    ['timestamp', 'value'],
    ['humidity'],
  );
  if (!json) terminal.out('timestamp,value,score,alert,cause');
  let pending: string[] = [];
  for await (const { line, fields } of rows) {
    const timestamp = fields[columns.timestamp] ?? '';
    const text = fields[columns.value] ?? '';
    const { at } = parseInstant(timestamp, offset, line);
    const humidity = columns.humidity < 0 ? '' : (fields[columns.humidity] ?? '');
    const humidityPercent = humidity === '' ? null : numberOf(humidity, line);
    const found = text === '' ? null : detector.next({ at, value: numberOf(text, line), humidityPercent });
    const score = Number((found?.score ?? 0).toFixed(4));
    const alert = found?.alert === true;
    const cause = found?.cause ?? null;
    pending.push(
      json
        ? JSON.stringify({ timestamp, value: text === '' ? null : Number(text), score, alert, cause })
        : `${csvField(timestamp)},${csvField(text)},${score},${alert ? 1 : 0},${cause ?? ''}`,
    );
    if (pending.length >= ROWS_PER_WRITE) {
      terminal.out(pending.join('\n'));
      pending = [];
    }
  }
  if (pending.length > 0) terminal.out(pending.join('\n'));
  return 0;
}

function settingNamed(name: string): AnomalySetting {
  const setting = ANOMALY_SETTINGS.find((known) => known === name);
  if (setting === undefined) {
    throw usageError(`there is no setting '${name}', only ${ANOMALY_SETTINGS.join(', ')}`, 'anomalies');
  }
  return setting;
}

function numberOf(text: string, line: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new CliError('csv-invalid', `line ${line}: '${text}' is not a number`, 'correct the file');
  }
  return value;
}
