import { ANOMALY_SETTINGS, anomalyDetector, type AnomalyRow, type AnomalySetting } from '@coldchain/forecast';
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
  const print = json ? jsonLine : csvLine;
  const pending: string[] = [];
  for await (const { line, fields } of rows) {
    const [timestamp, value, humidity] = [columns.timestamp, columns.value, columns.humidity].map(
      (column) => fields[column] ?? '',
    );
    const { at } = parseInstant(timestamp ?? '', offset, line);
    const reading = { at, value: numberOf(value, line), humidityPercent: numberOf(humidity, line) };
    const found = reading.value === null ? NOTHING : detector.next({ ...reading, value: reading.value });
    pending.push(print(timestamp ?? '', value ?? '', found));
    if (pending.length >= ROWS_PER_WRITE) terminal.out(pending.splice(0).join('\n'));
  }
  if (pending.length > 0) terminal.out(pending.join('\n'));
  return 0;
}

const NOTHING: AnomalyRow = { score: 0, alert: false, begins: [], cause: null };
const shown = (score: number): number => Number(score.toFixed(4));

const csvLine = (timestamp: string, value: string, { score, alert, cause }: AnomalyRow): string =>
  `${csvField(timestamp)},${csvField(value)},${shown(score)},${alert ? 1 : 0},${cause ?? ''}`;

const jsonLine = (timestamp: string, value: string, { score, alert, cause }: AnomalyRow): string =>
  JSON.stringify({ timestamp, value: value === '' ? null : Number(value), score: shown(score), alert, cause });

function settingNamed(name: string): AnomalySetting {
  const setting = ANOMALY_SETTINGS.find((known) => known === name);
  if (setting === undefined) {
    throw usageError(`there is no setting '${name}', only ${ANOMALY_SETTINGS.join(', ')}`, 'anomalies');
  }
  return setting;
}

/** null for an empty field. @throws CliError `csv-invalid` */
function numberOf(text: string | undefined, line: number): number | null {
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new CliError('csv-invalid', `line ${line}: '${text}' is not a number`, 'correct the file');
  }
  return value;
}
