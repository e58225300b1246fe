import { sleep } from '@coldchain/kernel';
import { freePort } from '@coldchain/deploy-local';
import { TestNetwork } from '../support/fabric/test-network.js';
import type { BenchContext } from './bench.js';
import { Background } from './hold/background.js';
import { HoldWorld } from './hold/hold-world.js';
import { MAKER, WHOLESALER } from './ledger/custody-acts.js';
import type { Report } from './report.js';
import { quantile } from './statistics.js';

/** The default of a real network. */
const BLOCK_MS = 200;
const TRIALS = 200;
const QUICK_TRIALS = 8;
/** Between two trials a prime number of ms, and a little more each time: no timer of the platform keeps step with it. */
const PAUSE_MS = 53;
/** `BENCH_LEDGER=embedded` or `fabric` for one of them alone. */
const LEDGERS = ['embedded', 'fabric'] as const;

/**
 * From the PUBLISH of a reading that breaks a rule to the thermal hold in a valid block: broker, durable frame, evaluation,
 * custody event, outbox, ledger, projection. Idle, and while the ledger does half of what it can.
 */
export default async function holdBench({ report, quick }: BenchContext): Promise<void> {
  const trials = quick ? QUICK_TRIALS : TRIALS;
  const only = process.env['BENCH_LEDGER'] ?? '';
  for (const ledger of LEDGERS) {
    if (only !== '' && only !== ledger) continue;
    if (ledger === 'embedded') await measure(report, ledger, { CCT_LEDGER: 'embedded' }, trials);
    else await onFabric(report, trials);
  }
}

async function onFabric(report: Report, trials: number): Promise<void> {
  report.note('making a network of four organisations');
  const network = await TestNetwork.make({ parties: [MAKER, WHOLESALER], blockMs: BLOCK_MS });
  try {
    const settings = { CCT_LEDGER: 'fabric', CCT_FABRIC_NETWORK: network.networkDirectory };
    await measure(report, 'fabric', settings, trials);
  } finally {
    await network.destroy();
  }
}

async function measure(
  report: Report,
  ledger: (typeof LEDGERS)[number],
  settings: Readonly<Record<string, string>>,
  trials: number,
): Promise<void> {
  const world = await HoldWorld.open(await freePort(), settings);
  try {
    report.note(`${ledger}: putting ${2 * trials} units on the ledger`);
    await world.prepare(2 * trials);
    const background = new Background(world.owner);
    const reached = await background.prepare(() => world.settled());
    report.figure(`${ledger}, acts at once`, 'acts/s', [{ value: reached }]);
    report.note(`${ledger}: ${trials} holds, idle`);
    const idle = await holds(world, trials);
    tell(report, `${ledger}, idle`, idle);
    report.note(`${ledger}: ${trials} holds under half of that load`);
    const stopping = new AbortController();
    const before = await background.taken();
    const began = performance.now();
    const driven = background.drive(reached / 2, stopping.signal);
    const loaded = await holds(world, trials).finally(() => stopping.abort());
    await driven;
    const seconds = (performance.now() - began) / 1000;
    const taken = ((await background.taken()) - before) / seconds;
    report.figure(`${ledger}, background`, 'acts/s', [{ value: taken, baseline: reached }]);
    tell(report, `${ledger}, half load`, loaded);
  } finally {
    await world.close();
  }
}

async function holds(world: HoldWorld, trials: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    took.push(await world.hold());
    await sleep(PAUSE_MS + (trial % 37));
  }
  return took;
}

function tell(report: Report, name: string, took: readonly number[]): void {
  for (const [part, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
  ] as const)
    report.figure(`${name}, reading to hold, ${part} of ${took.length}`, 'ms', [{ value: quantile(took, share) }]);
}
