import { basename } from 'node:path';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readInput } from '../input.js';

const HANDLERS = ['quality', 'responsible-person', 'shipper', 'dispenser'];

export const runCaseAcknowledge = (invocation: Invocation): Promise<ExitCode> =>
  change(invocation, HANDLERS, 'acknowledgement', { reason: required(invocation, 'reason', 'case acknowledge') });

export const runCaseComment = (invocation: Invocation): Promise<ExitCode> =>
  change(invocation, HANDLERS, 'comments', { text: invocation.positionals[1] ?? '' });

export const runCaseAssign = (invocation: Invocation): Promise<ExitCode> =>
  change(invocation, HANDLERS, 'assignment', { to: invocation.positionals[1] ?? null });

export const runCaseCause = (invocation: Invocation): Promise<ExitCode> =>
  change(invocation, HANDLERS, 'cause', {
    cause: invocation.positionals[1] ?? '',
    reason: required(invocation, 'reason', 'case cause'),
  });

/** Keeps a file with a case. */
export async function runCaseEvidence(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, terminal } = invocation;
  const file = positionals[1] ?? '-';
  const name = options.text('name') ?? (file === '-' ? undefined : basename(file));
  if (name === undefined) throw usageError('--name is missing: standard input has no name', 'case evidence');
  const content = (await readInput(file, terminal)).toString('base64');
  return change(invocation, HANDLERS, 'evidence', { name, content });
}

export const runCaseAssess = (invocation: Invocation): Promise<ExitCode> =>
  change(invocation, ['quality'], 'assessment', {
    conclusion: required(invocation, 'conclusion', 'case assess'),
    reason: required(invocation, 'reason', 'case assess'),
  });

interface CaseActAnswer {
  readonly entry: number;
  readonly holds: readonly string[];
  readonly untold: string | null;
}

/** A signed decision. */
export async function runCaseDecide(invocation: Invocation): Promise<ExitCode> {
  const need = (name: string): string => required(invocation, name, 'case decide');
  const decision = { decision: need('decision'), reason: need('reason'), shown: need('shown') };
  const bytes = await readInput(need('password-file'), invocation.terminal);
  const password = bytes.toString('utf8').replace(/\r?\n$/, '');
  return change(invocation, ['responsible-person'], 'decision', { ...decision, password });
}

async function change(
  invocation: Invocation,
  roles: readonly string[],
  part: string,
  body: unknown,
): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, roles));
  const path = `/v1/cases/${encodeURIComponent(positionals[0] ?? '')}/${part}`;
  const answer = (await client.post(path, body)) as CaseActAnswer;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    terminal.out(`recorded as entry ${answer.entry}`);
    for (const hold of answer.holds) terminal.out(`told to the ledger: ${hold}`);
    if (answer.untold !== null) terminal.out(`not told to the ledger: ${answer.untold}`);
  }
  return 0;
}

function required({ options }: Invocation, name: string, commandName: string): string {
  const value = options.text(name);
  if (value === undefined) throw usageError(`--${name} is missing`, commandName);
  return value;
}
