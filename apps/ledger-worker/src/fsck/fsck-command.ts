import { tellFailure, withDatabase } from '../open-database.js';
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
    const report = await withDatabase('fsck', async ({ pool, ledger }) => fsck(pool, await ledger()));
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : printed(report));
    if (report.findings.length > 0) return FINDINGS;
    return report.unchecked.length > 0 ? INCOMPLETE : CLEAN;
  } catch (error) {
    tellFailure(error);
    return INCOMPLETE;
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
