import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '@coldchain/kernel';
import type { Daemons } from './daemon.js';
import { FabricError } from './fabric-error.js';
import type { NodePlan } from './plans.js';
import { demandFree } from './ports.js';

const READY_PATIENCE_MS = 60_000;
const BETWEEN_PROBES_MS = 50;

/** Refuses before anything is started when a port that will be needed is taken. @throws FabricError `port-taken` */
export async function demandPorts(daemons: Daemons, plans: readonly NodePlan[]): Promise<void> {
  for (const plan of plans) if (daemons.running(plan.name) === null) await demandFree(plan.name, plan.ports);
}

/**
 * Starts what does not run, replaces what runs otherwise than planned, and waits until all are ready. What was started
 * here is stopped again when one of them does not get ready.
 * @returns names of the processes that were started
 * @throws FabricError `port-taken`, `program-missing`, `process-ended` with the end of its log, `process-not-ready`
 */
export async function ensureRunning(daemons: Daemons, plans: readonly NodePlan[]): Promise<string[]> {
  const missing = plans.filter((plan) => !daemons.runsAs(plan));
  await Promise.all(missing.map(({ name }) => daemons.stop(name)));
  await demandPorts(daemons, missing);
  const started: string[] = [];
  try {
    for (const plan of missing) {
      clearUnfounded(plan);
      daemons.start(plan);
      started.push(plan.name);
    }
    await Promise.all(plans.map((plan) => untilReady(daemons, plan)));
  } catch (error) {
    await Promise.all(started.map((name) => daemons.stop(name)));
    throw error;
  }
  return started;
}

async function untilReady(daemons: Daemons, plan: NodePlan): Promise<void> {
  const until = Date.now() + READY_PATIENCE_MS;
  for (;;) {
    if (daemons.running(plan.name) === null) {
      throw new FabricError(
        'process-ended',
        `${plan.name} ended while starting`,
        `see ${daemons.logFile(plan.name)}, its last lines:\n${daemons.tail(plan.name)}`,
      );
    }
    if (await plan.ready()) {
      markFounded(plan);
      return;
    }
    if (Date.now() > until) {
      throw new FabricError(
        'process-not-ready',
        `${plan.name} is not ready after ${READY_PATIENCE_MS / 1000} s`,
        `see ${daemons.logFile(plan.name)}, its last lines:\n${daemons.tail(plan.name)}`,
      );
    }
    await sleep(BETWEEN_PROBES_MS);
  }
}

const FOUNDED = 'founded';

/**
 * A node that is killed while it makes its databases for the first time leaves half of them, and does not start again.
 * It joins the channel only after it was ready once, so before that there is nothing to lose.
 */
function clearUnfounded({ dataFolder }: NodePlan): void {
  if (dataFolder === null || existsSync(join(dataFolder, FOUNDED))) return;
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true });
}

function markFounded({ dataFolder }: NodePlan): void {
  if (dataFolder !== null) writeFileSync(join(dataFolder, FOUNDED), '');
}
