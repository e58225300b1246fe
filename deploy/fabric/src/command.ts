import { spawn } from 'node:child_process';
import { FabricError } from './fabric-error.js';
import type { Settings } from './node-settings.js';

/** How a program ended. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longest that a program of Fabric may take; the slowest asks three peers and waits for a block. */
const COMMAND_TIMEOUT_MS = 120_000;
const SHOWN_CHARACTERS = 1_500;

/** What every started program gets of our own environment: nothing that could set Fabric behind our back. */
export function baseEnvironment(): Settings {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

/** Runs a program to its end, without a shell, and gives what it wrote. Only a program that cannot run throws. */
export function runCommand(program: string, args: readonly string[], settings: Settings): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...baseEnvironment(), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_TIMEOUT_MS,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new FabricError(
          'program-missing',
          `${program} does not run (${error.code ?? error.message})`,
          'run `npm run fabric -- install`, or correct CCT_FABRIC_BIN',
          { cause: error },
        ),
      ),
    );
    child.once('close', (code, signal) =>
      resolve({
        status: code ?? 1,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: `${Buffer.concat(stderr).toString('utf8')}${signal === null ? '' : `ended by ${signal}`}`,
      }),
    );
  });
}

/**
 * Runs a program that must succeed and gives its standard output.
 * @throws FabricError `program-missing`, `command-failed` with the end of what the program said
 */
export async function demandCommand(
  what: string,
  program: string,
  args: readonly string[],
  settings: Settings,
): Promise<string> {
  const { status, stdout, stderr } = await runCommand(program, args, settings);
  if (status === 0) return stdout;
  const said = `${stdout}${stderr}`.trim().slice(-SHOWN_CHARACTERS);
  throw new FabricError('command-failed', `${what} failed with status ${status}: ${said}`, 'see the logs of the nodes');
}
