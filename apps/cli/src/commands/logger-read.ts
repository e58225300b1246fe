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
    const { format, device, serial, intervalMs, zone, rowsWithoutValue, dailySummaries } = file;
    const summaries = dailySummaries.length;
    terminal.out(
      JSON.stringify({
        format,
        device,
        serial,
        intervalMs,
        zone,
        rowsWithoutValue,
        dailySummaries: summaries,
        readings: rows,
      }),
    );
  } else {
    const lines = rows.map(({ timestamp, celsius, humidity }) => `${timestamp},${celsius},${humidity ?? ''}`);
    terminal.out(['timestamp,celsius,humidity', ...lines].join('\n'));
  }
  if (file.readings.length > 0) return 0;
  terminal.note('no readings in this file: the device keeps daily summaries only');
  return 2;
}
