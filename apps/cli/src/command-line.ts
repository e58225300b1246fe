import { parseArgs } from 'node:util';
import { DomainError } from '@coldchain/kernel';
import { CliError, usageError } from './cli-error.js';
import { type Command, type ExitCode, Options, parseConfigOf, type Terminal } from './command.js';
import { commandHelp, overview } from './help.js';

/** Runs one command line (without `node` and the script) and answers with the exit code. Never throws. */
export async function runCommandLine(
  parameters: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<ExitCode> {
  const json = parameters.includes('--json');
  try {
    const command = find(parameters, commands);
    if (command === null) {
      const asked = parameters.length === 0 || parameters.includes('--help') || parameters.includes('-h');
      if (!asked) throw usageError(`there is no command '${parameters.filter(isWord).join(' ')}'`, '');
      terminal.out(overview(commands));
      return parameters.length === 0 ? 64 : 0;
    }
    return await runCommand(command, parameters.slice(command.name.split(' ').length), json, terminal);
  } catch (error) {
    return report(error, json, terminal);
  }
}

async function runCommand(
  command: Command,
  parameters: readonly string[],
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const { values, positionals } = parse(command, parameters);
  if (values['help'] === true) {
    terminal.out(commandHelp(command));
    return 0;
  }
  const needed = command.positionals.filter((name) => !name.startsWith('[')).length;
  const repeated = command.positionals.some((name) => name.includes('…'));
  if (positionals.length < needed) {
    throw usageError(`${command.positionals[positionals.length] ?? 'a parameter'} is missing`, command.name);
  }
  if (positionals.length > command.positionals.length && !repeated) {
    throw usageError(`'${positionals[command.positionals.length]}' is one parameter too many`, command.name);
  }
  return command.run({ positionals, options: new Options(values), json, terminal });
}

function parse(
  command: Command,
  parameters: readonly string[],
): Pick<ReturnType<typeof parseArgs>, 'values' | 'positionals'> {
  try {
    return parseArgs({ args: [...parameters], options: parseConfigOf(command), allowPositionals: true, strict: true });
  } catch (error) {
    // Of "Unknown option '--x'. To specify …" the first sentence.
    throw usageError(messageOf(error).split('. ')[0] ?? '', command.name);
  }
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** The command with the longest name that the parameters begin with. */
function find(parameters: readonly string[], commands: readonly Command[]): Command | null {
  const matching = commands.filter((command) =>
    command.name.split(' ').every((word, index) => parameters[index] === word),
  );
  return matching.sort((a, b) => b.name.length - a.name.length)[0] ?? null;
}

const isWord = (parameter: string): boolean => !parameter.startsWith('-');

function report(error: unknown, json: boolean, terminal: Terminal): ExitCode {
  const { code, text, nextStep, exitCode } = explain(error);
  if (json) terminal.note(JSON.stringify({ error: { code, text, nextStep } }));
  else terminal.note(`coldchain: ${code}: ${text} – ${nextStep}`);
  return exitCode;
}

function explain(error: unknown): { code: string; text: string; nextStep: string; exitCode: ExitCode } {
  if (error instanceof CliError) {
    return { code: error.code, text: error.message, nextStep: error.nextStep, exitCode: error.exitCode };
  }
  if (error instanceof DomainError) {
    const nextStep = typeof error.details['nextStep'] === 'string' ? error.details['nextStep'] : 'correct the input';
    return {
      code: error.code,
      text: error.message,
      nextStep,
      exitCode: error.code === 'configuration-invalid' ? 64 : 1,
    };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal-error', text, nextStep: 'this is a defect, please report it with these lines', exitCode: 1 };
}
