import type { ExitCode, Invocation } from '../command.js';
import { loggerFileOf } from './logger-file.js';

/** A logger export as CSV `timestamp,celsius,humidity` in UTC, or as JSON with what else the file says. */
export async function runLoggerRead(invocation: Invocation): Promise<ExitCode> {
  const file = await loggerFileOf(invocation, 'logger read');
  const { terminal, json } = invocation;
  const rows = file.readings.map(({ at, milliCelsius, humidityPermille }) => ({
    timestamp: new Date(at).toISOString(),
    celsius: milliCelsius / 1000,
    humidity: humidityPermille === null ? null : humidityPermille / 10,
  }));
  if (json) {
    const { readings: _readings, dailySummaries, ...head } = file;
    terminal.out(JSON.stringify({ ...head, dailySummaries: dailySummaries.length, readings: rows }));
  } else {
    const lines = rows.map(({ timestamp, celsius, humidity }) => `${timestamp},${celsius},${humidity ?? ''}`);
    terminal.out(['timestamp,celsius,humidity', ...lines].join('\n'));
  }
  for (const { code, line, message } of file.problems) terminal.note(`line ${line}: ${code}: ${message}`);
  if (file.readings.length > 0) return 0;
  terminal.note('no readings in this file: the device keeps daily summaries only');
  return 2;
}
