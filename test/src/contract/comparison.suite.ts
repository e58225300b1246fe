import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { COMMANDS, REFUSALS } from '@coldchain/chaincode/protocol';
import type { PartyId } from '@coldchain/chaincode/protocol';
import { type Coverage, coverageOf, describeCoverage } from '../acts/coverage.js';
import type { Model } from '../acts/model.js';
import { expectedActs, normalForm } from '../acts/normal-form.js';
import { PAIR_PARTIES } from '../acts/pairs.js';
import { planActs } from '../acts/plan.js';
import { runPairs } from '../acts/run-pairs.js';
import { partiesOf, type Run, run } from '../acts/transcript.js';
import type { LedgerUnderTest } from './ledger.suite.js';

/** How much is compared. */
export interface ComparisonSize {
  readonly worlds: number;
  readonly actsPerWorld: number;
  readonly pairs: number;
  /** Refusal codes that must occur at least, of all that there are. */
  readonly refusals: number;
  /** Commands that must be committed and refused at least, of all that there are. */
  readonly commands: number;
  readonly timeoutMs: number;
}

/** Needs proposals more than ten days apart, which nobody can have on a real network. */
const OUT_OF_REACH = ['revert-window-over'];
const SHOWN = 5;

/** Lines that differ, with what each side says. */
export function differences(one: readonly string[], other: readonly string[]): string[] {
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, at) => at)
    .filter((at) => one[at] !== other[at])
    .map((at) => `${at}:\n  ${one[at]}\n  ${other[at]}`);
}

/** What two runs over the same worlds do not have in common, and what does not fit together within one of them. */
export function compareRuns(worlds: readonly Model[], one: Run, other: Run): string[] {
  return worlds.flatMap((world, index) => {
    const [first, second] = [one.worlds[index], other.worlds[index]];
    if (first === undefined || second === undefined) return [`world ${index} was not run on both`];
    const [left, right] = [normalForm(first), normalForm(second)];
    const told = [
      ...left.problems.map((problem) => `first ledger: ${problem}`),
      ...right.problems.map((problem) => `second ledger: ${problem}`),
      ...differences(left.acts, right.acts).map((line) => `act ${line}`),
      ...differences(expectedActs(world), left.acts).map((line) => `rules and act ${line}`),
      ...differences(left.states, right.states).map((line) => `state ${line}`),
    ];
    return told.map((line) => `world ${index}, ${line}`);
  });
}

/** Two ledgers that must be told apart by nothing but ids and times: same refusals, events, states, and same conflicts. */
export function comparisonSuite(
  name: string,
  openFirst: () => Promise<LedgerUnderTest>,
  openSecond: (parties: readonly PartyId[]) => Promise<LedgerUnderTest>,
  size: ComparisonSize,
): void {
  // Repeat a run with `--seed=N`.
  const seed = String(jest.getSeed());

  describe(`${name} (--seed=${seed})`, () => {
    let worlds: readonly Model[];
    let first: LedgerUnderTest;
    let second: LedgerUnderTest;

    beforeAll(async () => {
      worlds = await planActs(seed, size.worlds, size.actsPerWorld);
      first = await openFirst();
      second = await openSecond([...partiesOf(worlds), ...PAIR_PARTIES]);
    }, size.timeoutMs);

    afterAll(async () => {
      await first.close();
      await second.close();
    });

    it(
      `answer ${size.worlds * size.actsPerWorld} commands of several callers alike`,
      async () => {
        const startedAt = Date.now();
        const one = await run(first.ledger, worlds);
        const between = Date.now();
        const other = await run(second.ledger, worlds);
        const coverage = coverageOf(worlds, one);
        const seconds = [between - startedAt, Date.now() - between].map((ms) => Math.round(ms / 1000));
        process.stdout.write(
          `${name}, --seed=${seed}: ${seconds.join(' s and ')} s, proposed anew ${one.repeated} and ${other.repeated}\n${describeCoverage(coverage)}\n`,
        );
        expect(compareRuns(worlds, one, other).slice(0, SHOWN)).toEqual([]);
        demandCoverage(coverage, size);
      },
      size.timeoutMs,
    );

    it(
      `give ${size.pairs} pairs of transactions over the same state the same codes`,
      async () => {
        const one = await runPairs(first.ledger, seed, size.pairs);
        const other = await runPairs(second.ledger, seed, size.pairs);
        const lines = (results: typeof one): string[] =>
          results.map(({ pair, codes }) => `${pair.name}: ${codes.join(', ')}`);
        expect(differences(lines(one), lines(other)).slice(0, SHOWN)).toEqual([]);
        for (const { pair, codes } of [...one, ...other]) {
          const kinds = codes.map((code) => (code === 'VALID' ? 'committed' : code));
          const expected = pair.expected.map((kind) => (kind === 'conflict' ? 'MVCC_READ_CONFLICT' : kind));
          expect([pair.name, ...kinds]).toEqual([pair.name, ...expected]);
        }
        const together = [one, other].map((results) => results.filter(({ sameBlock }) => sameBlock).length);
        process.stdout.write(`${name}: ${together.join(' and ')} of ${size.pairs} pairs in one block\n`);
        for (const count of together) {
          // On a busy machine fewer fall into one block than are sent to; each scenario is met there on the embedded one.
          expect(count).toBeGreaterThan(size.pairs / 25);
          expect(size.pairs - count).toBeGreaterThan(size.pairs / 10);
        }
      },
      size.timeoutMs,
    );
  });
}

function demandCoverage({ acts, committed, commands, refusals }: Coverage, size: ComparisonSize): void {
  expect(acts).toBe(size.worlds * size.actsPerWorld);
  expect(committed / acts).toBeGreaterThan(0.4);
  expect(committed / acts).toBeLessThan(0.9);
  expect(commands.size).toBe(COMMANDS.length);
  const both = [...commands.values()].filter((count) => count.committed > 0 && count.refused > 0);
  expect(both.length).toBeGreaterThanOrEqual(size.commands);
  const met = [...refusals].filter(([, count]) => count > 0).map(([code]) => code as string);
  expect(met.length).toBeGreaterThanOrEqual(size.refusals);
  expect(met.filter((code) => OUT_OF_REACH.includes(code))).toEqual([]);
  expect(refusals.size).toBe(REFUSALS.length);
}
