import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { runWorkerCommand } from './worker-command.js';

/** Re-hashes every stored event and compares with the ledger, both ways. */
export function runFsck({ json, terminal }: Invocation): Promise<ExitCode> {
  return runWorkerCommand(['fsck', ...jsonFlag(json)], terminal);
}

/** Heights per organisation, what waits, what is parked, the last block and its signers. */
export function runLedgerStatus({ json, terminal }: Invocation): Promise<ExitCode> {
  return runWorkerCommand(['status', ...jsonFlag(json)], terminal);
}

/** Builds the read model anew from block 0. */
export function runLedgerRebuild({ json, terminal }: Invocation): Promise<ExitCode> {
  return runWorkerCommand(['rebuild', ...jsonFlag(json)], terminal);
}

/** Lets parked outbox rows go again, with all that waits for them. */
export function runLedgerUnpark({ positionals, options, json, terminal }: Invocation): Promise<ExitCode> {
  const all = options.flag('all');
  if (all === positionals.length > 0) throw usageError('give ids of parked rows, or --all', 'ledger unpark');
  const rows = all ? ['--all'] : positionals;
  return runWorkerCommand(['unpark', ...rows, ...jsonFlag(json)], terminal);
}

const jsonFlag = (json: boolean): string[] => (json ? ['--json'] : []);
