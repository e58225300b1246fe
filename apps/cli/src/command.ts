import type { ParseArgsConfig } from 'node:util';

/** 0 done or true, 1 refused, invalid or false, 2 unknown or incomplete, 64 wrong usage (sysexits.h EX_USAGE). */
export type ExitCode = 0 | 1 | 2 | 64;

/** One option of a command; every command also has `--help` and `--json`. */
export interface OptionDefinition {
  /** `flag` takes no value; `list` may be repeated. */
  readonly kind: 'text' | 'flag' | 'list';
  /** What stands for the value in the usage line; empty for a flag. */
  readonly value: string;
  readonly doc: string;
}

/** Options as given, by their names. */
export class Options {
  constructor(private readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>) {}

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }
}

/** Where a command reads and writes: the process's streams, or those of a test. */
export interface Terminal {
  /** Machine output. */
  out(text: string): void;
  /** Progress and errors. */
  note(text: string): void;
  readonly input: AsyncIterable<Uint8Array>;
  /** Whether notes reach a person. */
  readonly interactive: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted when the person or the system asks the command to stop. */
  readonly stopped: AbortSignal;
}

/** One call of a command. */
export interface Invocation {
  readonly positionals: readonly string[];
  readonly options: Options;
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** A command: how it is called and what it does. */
export interface Command {
  /** Words that name it, for example `event hash`. */
  readonly name: string;
  /** Positional parameters as the usage line shows them; in brackets when optional, `…` when repeated. */
  readonly positionals: readonly string[];
  readonly summary: string;
  /** Further lines of its help. */
  readonly help?: readonly string[];
  readonly options: Readonly<Record<string, OptionDefinition>>;
  run(invocation: Invocation): Promise<ExitCode>;
}

/** The options of a command as `node:util` parses them. */
export function parseConfigOf(command: Command): NonNullable<ParseArgsConfig['options']> {
  const own = Object.entries(command.options).map(([name, { kind }]) => [
    name,
    { type: kind === 'flag' ? 'boolean' : 'string', multiple: kind === 'list' } as const,
  ]);
  return { ...Object.fromEntries(own), help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } };
}
