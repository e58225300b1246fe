import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sleep } from '@coldchain/kernel';
import { sampleCodeLines } from '../announcement.js';
import { readAccounts } from '../first-start/accounts.js';
import { type Installation, REPOSITORY, type StartedInstallation } from '../installation.js';
import type { Demonstration, DemonstrationContext, SampleCode } from './demonstration.js';
import { packInThePast } from './past-packing.js';
import { readProgress, writeProgress } from './progress.js';

const run = promisify(execFile);
const COLDCHAIN = join(REPOSITORY, 'apps', 'cli', 'bin', 'coldchain.js');

/**
 * Seeds the demonstration on an empty data folder (or ends what an earlier start began or intended) and starts its
 * gateways. A data folder that began without a demonstration never gets one.
 */
export async function runDemonstration(
  demonstration: Demonstration,
  installation: Installation,
  started: StartedInstallation,
  report: (line: string) => void,
): Promise<void> {
  const { dataDir } = started;
  let progress = readProgress(dataDir);
  if (progress.state === 'none') return;
  const context = contextOf(installation, started, report);
  const isFirst = progress.state !== 'complete';
  if (progress.state !== 'complete') {
    report('Preparing the demonstration …');
    progress = { state: 'complete', sampleCodes: await demonstration.seed(context) };
    writeProgress(dataDir, progress);
  }
  await demonstration.startGateways(context);
  const [good] = progress.sampleCodes;
  if (good === undefined) return;
  if (isFirst) await untilUsable(context, good);
  report(sampleCodeLines(progress.sampleCodes));
}

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * Waits until the pack that shows "ok" does: readings of its past are evaluated some seconds after they were sent, and who
 * tries it before is told that temperatures are missing.
 */
async function untilUsable(context: DemonstrationContext, { code, organisation }: SampleCode): Promise<void> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS && !context.signal.aborted; waitedMs += LOOK_EVERY_MS) {
    try {
      await context.coldchain(['verify', code, '--as', organisation]);
      return;
    } catch {
      // Any other answer is an exit status other than 0; asked again.
      await sleep(LOOK_EVERY_MS, context.signal);
    }
  }
  context.report('What the loggers measured is still being evaluated: until then packs are called unknown.');
}

function contextOf(
  installation: Installation,
  { apiUrl, mqttUrl, dataDir, environment }: StartedInstallation,
  report: (line: string) => void,
): DemonstrationContext {
  return {
    apiUrl,
    mqttUrl,
    dataDir,
    accounts: readAccounts(dataDir),
    signal: installation.signal,
    report,
    packInThePast: (organisation, unit, packedAt) =>
      packInThePast(environment['CCT_DATABASE_URL'] ?? '', organisation, unit, packedAt),
    coldchain: async (parameters, extra = {}) => {
      const { stdout } = await run(process.execPath, [COLDCHAIN, ...parameters], {
        cwd: REPOSITORY,
        env: { ...environment, ...extra },
        signal: installation.signal,
        maxBuffer: 64_000_000,
      });
      return stdout;
    },
    launchColdchain: (name, parameters, extra = {}) => {
      installation.launch(name, dataDir, [COLDCHAIN, ...parameters], { ...environment, ...extra }, (child) => {
        if (child.end !== 'status 0') report(`${name} ended (${child.end ?? 'unknown'}), see ${child.logFile}`);
      });
    },
  };
}
