import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessName } from '@coldchain/deploy-fabric';
import type { TestNetwork } from '../../support/fabric/test-network.js';

/** Processes by what they are; `client` is this process. */
export const KINDS = ['orderer', 'peer', 'chaincode', 'client'] as const;
export type Kind = (typeof KINDS)[number];

/** Use of all processes of a kind together. */
export interface Usage {
  readonly cpuMs: Readonly<Record<Kind, number>>;
  /** Bytes of the block file of one peer. */
  readonly chainBytes: number;
}

const kindOf = (name: ProcessName): Kind => KINDS.find((kind) => name.startsWith(kind)) ?? 'client';
/** Clock ticks per second of /proc. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What the network and this process have used so far (Linux). */
export function usageOf(network: TestNetwork): Usage {
  const { user, system } = process.cpuUsage();
  const cpuMs: Record<Kind, number> = { orderer: 0, peer: 0, chaincode: 0, client: (user + system) / 1000 };
  for (const { name, pid } of network.fabric.processes()) if (pid !== null) cpuMs[kindOf(name)] += cpuMsOf(pid);
  return { cpuMs, chainBytes: chainBytesOf(network) };
}

/** Resident memory per process, MB: of each kind the largest. */
export function memoryOf(network: TestNetwork): Readonly<Record<Kind, number>> {
  const largest: Record<Kind, number> = { orderer: 0, peer: 0, chaincode: 0, client: process.memoryUsage.rss() / 1e6 };
  for (const { name, pid } of network.fabric.processes()) {
    const kind = kindOf(name);
    if (pid !== null) largest[kind] = Math.max(largest[kind], residentBytesOf(pid) / 1e6);
  }
  return largest;
}

/** User and system time so far, proc_pid_stat(5) fields 14 and 15. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

function residentBytesOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

function chainBytesOf({ networkDirectory }: TestNetwork): number {
  const folder = join(
    ...[networkDirectory, 'peers', 'manufacturer', 'production', 'ledgersData', 'chains', 'chains', 'coldchain'],
  );
  const files = readdirSync(folder).filter((name) => name.startsWith('blockfile_'));
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
