import { type LoggerFile, parseOffset, readLoggerFile } from '@coldchain/telemetry';
import { usageError } from '../cli-error.js';
import type { Invocation } from '../command.js';
import { readInput } from '../input.js';

/** Minutes from UTC that `--zone` names; undefined without it. @throws CliError `usage` */
export function zoneOf({ options }: Invocation, commandName: string): number | undefined {
  const zone = options.text('zone');
  const offsetMinutes = zone === undefined ? undefined : parseOffset(zone);
  if (offsetMinutes === null) throw usageError(`'${zone}' is no offset from UTC such as Z or +02:00`, commandName);
  return offsetMinutes;
}

/** The logger export that a command names, read with its `--zone`; says so where a zone had to be assumed. */
export async function loggerFileOf(invocation: Invocation, commandName: string): Promise<LoggerFile> {
  const { positionals, terminal } = invocation;
  const offsetMinutes = zoneOf(invocation, commandName);
  const bytes = await readInput(positionals[0] ?? '-', terminal);
  const file = readLoggerFile(bytes, offsetMinutes === undefined ? {} : { offsetMinutes });
  if (file.zone.assumed) terminal.note('zone assumed: UTC, the file names none; --zone says another');
  return file;
}
