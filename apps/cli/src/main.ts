import { runCommandLine } from './command-line.js';
import { COMMANDS } from './commands/commands.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
// A reader that has seen enough (`coldchain … | head`) closes the pipe; that is no failure of ours.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCommandLine(process.argv.slice(2), COMMANDS, {
  out: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
  input: process.stdin,
  interactive: process.stderr.isTTY,
  environment: process.env,
  stopped: stop.signal,
});
