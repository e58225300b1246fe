import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ours without `CCT_` names: a child's configuration is what a spec says. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CCT_')));
}

/** Runs a built program of the repository with Node to its end. @param program path from the repository's top folder */
export function runNode(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(repositoryRoot, program), ...args], {
    env: { ...ownEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')));
  return new Promise((resolve, reject) =>
    child.once('error', reject).once('close', (status) => resolve({ status, ...output })),
  );
}
