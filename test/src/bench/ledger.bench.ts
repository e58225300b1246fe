import { FabricLedger } from '@coldchain/ledger/fabric';
import { TestNetwork } from '../support/fabric/test-network.js';
import { type BenchContext, ROUNDS } from './bench.js';
import { MAKER, preparations, REGULATOR, WHOLESALER } from './ledger/custody-acts.js';
import { closedLoop, type LoopResult, type LoopTimes } from './ledger/closed-loop.js';
import { CustodyLoad, LARGE } from './ledger/custody-load.js';
import { holdTimes } from './ledger/hold-latency.js';
import { type Kind, KINDS, memoryOf, usageOf } from './ledger/resource-usage.js';
import type { Measured, Report } from './report.js';
import { quantile } from './statistics.js';

/** The default of a real network. */
const BLOCK_MS = 200;
const PARTIES = [MAKER, WHOLESALER];
const LEVELS = [1, 8, 64, 128];
const TIMES: LoopTimes = { warmMs: 1_500, measureMs: 4_500 };
/** Longest time for making the units of large events, ms. */
const PREPARE_MS = 120_000;
const HOLDS = { count: 100, betweenMs: 300 };
const QUICK = { levels: [8], times: { warmMs: 500, measureMs: 1_500 }, holds: { count: 5, betweenMs: 300 } };
const SUBJECTS = ['empty', 'single', 'large'] as const;
type Subject = (typeof SUBJECTS)[number];

/** What one subject did in one round. */
interface Cell extends LoopResult {
  /** Per transaction. */
  readonly cpuMs: Readonly<Record<Kind, number>>;
  readonly chainBytes: number;
}
type Round = Readonly<Record<Subject, Cell>>;

/**
 * Transactions with one unit, with {@link LARGE}, and with nothing, by turns on one network of four organisations; then the
 * way of a hold through the outbox under half of the load that was reached.
 */
export default async function ledgerBench({ report, quick }: BenchContext): Promise<void> {
  const { levels, times, holds } = quick ? QUICK : { levels: LEVELS, times: TIMES, holds: HOLDS };
  const most = Math.max(...levels);
  const reached = await withNetwork(report, async (network, ledger) => {
    const load = new CustodyLoad(ledger, most);
    report.note('making units');
    const perSecond = await load.prepare(PREPARE_MS);
    report.figure(`new units, ${most} in flight`, 'transactions/s', [{ value: perSecond }]);
    if (load.mostLarge < most) report.note(`slow machine: at most ${load.mostLarge} large events in flight`);
    let last: Round[] = [];
    for (const level of levels) {
      report.note(`${level} in flight`);
      last = [];
      for (let round = 0; round < (quick ? 1 : ROUNDS); round++) last.push(await oneRound(network, load, level, times));
      printLevel(report, level, last);
    }
    printCosts(report, most, last);
    const memory = memoryOf(network);
    for (const kind of KINDS) report.figure(`memory of the largest ${kind}`, 'MB', [{ value: memory[kind] }]);
    report.note(`${load.retries} proposals had to be made again`);
    return Math.max(...last.map(({ single }) => single.perSecond));
  });
  report.note('holds under half of that');
  const network = await TestNetwork.make({ parties: PARTIES, blockMs: BLOCK_MS });
  try {
    const found = await holdTimes(network, reached / 2, holds.count, holds.betweenMs);
    report.figure('background of the holds', 'transactions/s', [
      { value: found.backgroundPerSecond, baseline: reached },
    ]);
    report.figure('processor time of the ledger worker', 'ms/transaction', [{ value: found.workerCpuMs }]);
    for (const [name, share] of [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const)
      report.figure(`hold from outbox row to settled row, ${name}`, 'ms', [{ value: quantile(found.holds, share) }]);
  } finally {
    await network.destroy();
  }
}

/** A network of its own, and how long it took from nothing to the first event in a block. */
async function withNetwork<Result>(
  report: Report,
  work: (network: TestNetwork, ledger: FabricLedger) => Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  const network = await TestNetwork.make({ parties: PARTIES, blockMs: BLOCK_MS });
  try {
    const ledger = await FabricLedger.open({ networkDirectory: network.networkDirectory, reader: REGULATOR });
    try {
      const [first] = preparations();
      if (first !== undefined) await new CustodyLoad(ledger, 0).commit(first);
      const seconds = (performance.now() - began) / 1000;
      report.figure('from nothing to the first committed event, programs built', 's', [{ value: seconds }]);
      return await work(network, ledger);
    } finally {
      await ledger.close();
    }
  } finally {
    await network.destroy();
  }
}

async function oneRound(network: TestNetwork, load: CustodyLoad, level: number, times: LoopTimes): Promise<Round> {
  const measured = async (subject: Subject): Promise<Cell> => {
    const { observed, ...loop } = await closedLoop(
      subject === 'large' ? Math.min(level, load.mostLarge) : level,
      times,
      () => load[subject](),
      () => {
        const before = usageOf(network);
        return () => {
          const after = usageOf(network);
          const cpuMs = { ...after.cpuMs };
          for (const kind of KINDS) cpuMs[kind] -= before.cpuMs[kind];
          return { cpuMs, chainBytes: after.chainBytes - before.chainBytes };
        };
      },
    );
    const cpuMs = { ...observed.cpuMs };
    for (const kind of KINDS) cpuMs[kind] /= loop.calls;
    return { ...loop, cpuMs, chainBytes: observed.chainBytes / loop.calls };
  };
  return { empty: await measured('empty'), single: await measured('single'), large: await measured('large') };
}

const NAMES: Readonly<Record<Exclude<Subject, 'empty'>, string>> = {
  single: 'event with one unit',
  large: `event with ${LARGE} units`,
};
const against = (rounds: readonly Round[], subject: Subject, of: (cell: Cell) => number): Measured[] =>
  rounds.map((round) => ({ value: of(round[subject]), baseline: of(round.empty) }));

function printLevel(report: Report, level: number, rounds: readonly Round[]): void {
  for (const subject of ['single', 'large'] as const) {
    const name = `${NAMES[subject]}, ${level} in flight`;
    report.figure(
      name,
      'transactions/s',
      against(rounds, subject, (cell) => cell.perSecond),
    );
    for (const part of ['p50', 'p95', 'p99'] as const)
      report.figure(
        `${name}, ${part}`,
        'ms',
        against(rounds, subject, (cell) => cell[part]),
      );
  }
  report.figure(
    `units in events with ${LARGE}, ${level} in flight`,
    'units/s',
    rounds.map(({ single, large }) => ({ value: large.perSecond * LARGE, baseline: single.perSecond })),
  );
}

function printCosts(report: Report, level: number, rounds: readonly Round[]): void {
  for (const subject of ['single', 'large'] as const) {
    const name = `${NAMES[subject]}, ${level} in flight`;
    for (const kind of KINDS)
      report.figure(
        `${name}, processor time of all ${kind}s`,
        'ms/transaction',
        against(rounds, subject, (cell) => cell.cpuMs[kind]),
      );
    report.figure(
      `${name}, chain`,
      'bytes/transaction',
      against(rounds, subject, (cell) => cell.chainBytes),
    );
  }
}
