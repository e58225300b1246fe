import { mapLimit, sleep } from '@coldchain/kernel';
import type { Ledger, ValidationCode } from '@coldchain/ledger';
import type { Act } from './act.js';
import { type Pair, planPairs } from './pairs.js';

/** What a ledger made of a pair. */
export interface PairResult {
  readonly pair: Pair;
  /** Codes of the two in the order in which they were submitted. */
  readonly codes: readonly [ValidationCode, ValidationCode];
  readonly sameBlock: boolean;
}

const AT_ONCE = 24;
/** Long enough that the orderers have the first when the second comes, short against a block. */
const APART_MS = 8;
const ATTEMPTS = 8;

interface Place {
  readonly block: number;
  readonly index: number;
  readonly code: ValidationCode;
}

/** Calls so many pairs; those that the orderers turned round are called again under other names. */
export async function runPairs(ledger: Ledger, seed: string, count: number): Promise<PairResult[]> {
  const results = new Map<number, PairResult>();
  for (let round = 0; results.size < count; round++) {
    if (round === 5) throw new Error(`${count - results.size} pairs never came in the order in which they were given`);
    const { height } = await ledger.health();
    const { beginning, pairs } = planPairs(`${seed}/${round}`, count);
    for (const act of beginning) await done(ledger, act);
    const open = pairs.flatMap((pair, index) => (results.has(index) ? [] : [{ pair, index }]));
    const ids = await mapLimit(open, AT_ONCE, ({ pair }) => submitted(ledger, pair));
    const places = await placesSince(ledger, height);
    open.forEach(({ pair, index }, at) => {
      const [first, second] = (ids[at] ?? []).map((id) => places.get(id));
      if (first === undefined || second === undefined) throw new Error(`${pair.name}: a transaction is in no block`);
      const inOrder = first.block < second.block || (first.block === second.block && first.index < second.index);
      if (!inOrder) return;
      results.set(index, { pair, codes: [first.code, second.code], sameBlock: first.block === second.block });
    });
  }
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Prepares both over one state, submits them in order. @returns their ids in that order */
async function submitted(ledger: Ledger, pair: Pair): Promise<[string, string]> {
  for (const act of pair.before) await done(ledger, act);
  const first = await prepared(ledger, pair.first);
  const second = await prepared(ledger, pair.second);
  const one = ledger.submit(first.envelope);
  if (pair.together) await sleep(APART_MS);
  else await one;
  const outcomes = await Promise.all([one, ledger.submit(second.envelope)]);
  for (const { kind } of outcomes) {
    if (kind !== 'committed' && kind !== 'conflict') throw new Error(`${pair.name}: ${JSON.stringify(outcomes)}`);
  }
  return [first.transactionId, second.transactionId];
}

async function prepared(
  ledger: Ledger,
  { command, payload, party }: Act,
): Promise<{ readonly transactionId: string; readonly envelope: Buffer }> {
  for (let attempt = 1; ; attempt++) {
    const preparation = await ledger.prepare(command, payload, party);
    if (preparation.kind === 'prepared') return preparation;
    if (attempt === ATTEMPTS || preparation.kind === 'refused')
      throw new Error(`${command} of ${party}: ${JSON.stringify(preparation)}`);
    await sleep(100 * attempt);
  }
}

async function done(ledger: Ledger, act: Act): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await ledger.submit((await prepared(ledger, act)).envelope);
    if (outcome.kind === 'committed') return;
    if (attempt === ATTEMPTS || outcome.kind !== 'conflict')
      throw new Error(`${act.command} of ${act.party}: ${JSON.stringify(outcome)}`);
  }
}

async function placesSince(ledger: Ledger, from: number): Promise<Map<string, Place>> {
  const { height } = await ledger.health();
  const places = new Map<string, Place>();
  const stop = new AbortController();
  if (from >= height) return places;
  for await (const { number, transactions } of ledger.events(from - 1, stop.signal)) {
    for (const { transactionId, index, validation } of transactions)
      if (!places.has(transactionId)) places.set(transactionId, { block: number, index, code: validation });
    if (number === height - 1) stop.abort();
  }
  return places;
}
