import { SystemClock } from '@coldchain/kernel';
import { tellFailure, withDatabase } from '../open-database.js';
import { databaseStatus, type DatabaseStatus } from './database-status.js';
import { askLedger, exitStatusOf, type LedgerAnswer, type LedgerReport, problemsOf } from './ledger-status.js';

const INCOMPLETE = 2;
const USAGE = 64;

interface StatusReport extends DatabaseStatus, LedgerReport {}

/**
 * `status [--json]`: heights of all organisations, what waits, what is parked, the last block and its signers.
 * @returns the exit status: 0 all is well, 1 something is wrong, 2 something could not be found out, 64 usage
 */
export async function runStatus(arguments_: readonly string[]): Promise<number> {
  const json = arguments_.includes('--json');
  if (arguments_.some((argument) => argument !== '--json')) {
    process.stderr.write('usage: status [--json]\n');
    return USAGE;
  }
  try {
    const report = await withDatabase('status', async ({ pool, ledger }): Promise<StatusReport> => {
      const asked = await askLedger(ledger);
      const database = await databaseStatus(pool);
      return { ...database, ...asked, problems: problemsOf(database, asked, new SystemClock().now()) };
    });
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : printed(report));
    return exitStatusOf(report.problems);
  } catch (error) {
    tellFailure(error);
    return INCOMPLETE;
  }
}

function printed({ ledger, projection, outbox, leader, problems }: StatusReport): string {
  const { oldest, parked } = outbox;
  const lines = [
    ...(ledger === null ? [] : ledgerLines(ledger)),
    `projection  block ${projection.block}, confirmed ${projection.confirmedAt?.toISOString() ?? 'never'}`,
    `outbox      ${outbox.backlog} waiting, ${outbox.unknown} of unknown outcome, ${parked.length} parked, ${outbox.held} behind them`,
    ...(oldest === null ? [] : [`oldest      ${oldest.id} ${oldest.command} of ${oldest.createdAt.toISOString()}`]),
    ...parked.map(
      (row) =>
        `parked      ${row.id} ${row.command} by ${row.party} since ${row.parkedAt.toISOString()}, ${row.held} behind it: ${row.code}: ${row.reason}`,
    ),
    ...(leader === null
      ? []
      : [`worker      ${leader.holder}, epoch ${leader.epoch} since ${leader.since.toISOString()}`]),
    ...problems.map(({ code, severity, text }) => `${severity === 'wrong' ? '!' : '?'} ${code}: ${text}`),
  ];
  return `${lines.join('\n')}\n`;
}

function ledgerLines({ adapter, height, organisations, lastBlock, builds }: LedgerAnswer): string[] {
  return [
    `ledger      ${adapter}, ${height} blocks`,
    ...organisations.map((copy) => `            ${copy.mspid}: ${copy.height ?? 'does not answer'}`),
    ...(lastBlock === null
      ? []
      : [
          `last block  ${lastBlock.number}, ${lastBlock.transactions} transactions, hash ${lastBlock.headerHash}`,
          `            signed by ${lastBlock.signers.join(', ') || 'nobody'}`,
        ]),
    ...(builds === null ? [] : [`contracts   agreed: ${builds.agreed ?? 'none'} (sequence ${builds.sequence})`]),
  ];
}
