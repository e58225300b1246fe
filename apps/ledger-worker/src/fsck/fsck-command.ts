import { Database } from '@coldchain/database';
import { DomainError, SystemClock, SystemRandom } from '@coldchain/kernel';
import { loadConfiguration } from '@coldchain/runtime';
import { openLedger } from '../open-ledger.js';
import type { FsckReport } from './finding.js';
import { fsck } from './fsck.js';

const CLEAN = 0;
const FINDINGS = 1;
const INCOMPLETE = 2;
const USAGE = 64;

/**
 * `fsck [--json]`: prints a line per finding and a summary, or one JSON document.
 * @returns the exit status: 0 clean, 1 findings, 2 not everything could be checked, 64 usage
 */
export async function runFsck(arguments_: readonly string[]): Promise<number> {
  const json = arguments_.includes('--json');
  if (arguments_.some((argument) => argument !== '--json')) {
    process.stderr.write('usage: fsck [--json]\n');
    return USAGE;
  }
  try {
    const report = await checked();
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : printed(report));
    if (report.findings.length > 0) return FINDINGS;
    return report.unchecked.length > 0 ? INCOMPLETE : CLEAN;
  } catch (error) {
    const code = error instanceof DomainError ? error.code : 'fsck-failed';
    const nextStep = error instanceof DomainError ? error.details['nextStep'] : undefined;
    const advice = typeof nextStep === 'string' ? ` – ${nextStep}` : '';
    process.stderr.write(`${code}: ${error instanceof Error ? error.message : String(error)}${advice}\n`);
    return INCOMPLETE;
  }
}

async function checked(): Promise<FsckReport> {
  const configuration = loadConfiguration('ledger-worker');
  const database = Database.open({
    url: configuration.databaseUrl,
    role: 'cct_worker',
    applicationName: 'ledger-worker-fsck',
    maxConnections: 4,
  });
  try {
    const ledger = await openLedger(configuration, database.pool, new SystemClock(), new SystemRandom());
    try {
      return await fsck(database.pool, ledger);
    } finally {
      await ledger.close();
    }
  } finally {
    await database.close();
  }
}

function printed(report: FsckReport): string {
  const { findings, unchecked, events, blocks, anchors, roots } = report;
  const lines = [
    ...findings.map(({ code, subject, detail }) => `${code}: ${subject}${detail === '' ? '' : ` (${detail})`}`),
    ...unchecked.map((text) => `not checked: ${text}`),
    `${events.checked} events (${events.anchored} anchored, ${events.pending} pending, ${events.refused} refused), ` +
      `${blocks} blocks, ${anchors} anchors, ${roots.checked} telemetry roots (${roots.pending} pending) over ` +
      `${roots.frames} frames (${roots.pendingFrames} pending): ${findings.length} findings`,
  ];
  return `${lines.join('\n')}\n`;
}
