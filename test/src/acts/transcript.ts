import type { Command, LedgerEvent, PartyId, Query, RefusalMessage } from '@coldchain/chaincode/protocol';
import type { StateType } from '@coldchain/chaincode/domain';
import { mapLimit, sleep } from '@coldchain/kernel';
import type { Ledger, LedgerTransaction } from '@coldchain/ledger';
import type { Act } from './act.js';
import type { Model } from './model.js';

/** What a ledger made of one act. */
export type Answer =
  | { readonly kind: 'refused'; readonly refusal: RefusalMessage }
  /** In a valid block; the event is null when the act had been done before. */
  | { readonly kind: 'committed'; readonly transaction: LedgerTransaction };

/** What a ledger made of the acts of one world, and what it holds in the end. */
export interface Transcript {
  readonly answers: readonly Answer[];
  /** JSON text of each state by kind and key. */
  readonly states: ReadonlyMap<string, string>;
}

/** A run over all worlds. */
export interface Run {
  readonly worlds: readonly Transcript[];
  /** Proposals that were made anew because peers were not at one height, or that met a change. */
  readonly repeated: number;
}

const ATTEMPTS = 6;
const BETWEEN_MS = 100;
const READS_AT_ONCE = 16;

const QUERIES: Readonly<Record<StateType, Query>> = {
  party: 'getParty',
  profile: 'getProfile',
  batch: 'getBatch',
  unit: 'getUnit',
  pack: 'getPack',
  device: 'getDevice',
  access: 'getAccess',
  root: 'getRoot',
  anchor: 'getAnchor',
};

/** Calls every act: in a world one after the other, worlds beside each other. */
export async function run(ledger: Ledger, worlds: readonly Model[]): Promise<Run> {
  const { height } = await ledger.health();
  let repeated = 0;
  const settled = await Promise.all(
    worlds.map(async ({ acts }) => {
      const answers: (RefusalMessage | string)[] = [];
      for (const act of acts) answers.push(await settle(ledger, act, () => repeated++));
      return answers;
    }),
  );
  const transactions = await transactionsSince(ledger, height);
  const found = (id: string): LedgerTransaction => {
    const transaction = transactions.get(id);
    if (transaction === undefined) throw new Error(`transaction ${id} is in no block`);
    return transaction;
  };
  const states = await mapLimit(worlds, 2, (world) => statesOf(ledger, world));
  const transcripts = settled.map((answers, index): Transcript => ({
    answers: answers.map((answer) =>
      typeof answer === 'string'
        ? { kind: 'committed', transaction: found(answer) }
        : { kind: 'refused', refusal: answer },
    ),
    states: states[index] ?? new Map(),
  }));
  return { worlds: transcripts, repeated };
}

/** The refusal, or the id of the transaction that was committed. */
async function settle(
  ledger: Ledger,
  { command, payload, party }: Act,
  again: () => void,
): Promise<RefusalMessage | string> {
  let last = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) {
      again();
      await sleep(BETWEEN_MS * attempt);
    }
    const preparation = await ledger.prepare<Command>(command, payload, party);
    if (preparation.kind === 'refused') return preparation.refusal;
    last = JSON.stringify(preparation);
    if (preparation.kind === 'unavailable') continue;
    const outcome = await ledger.submit(preparation.envelope);
    if (outcome.kind === 'committed') return outcome.transactionId;
    last = JSON.stringify(outcome);
    // Proposing anew before it is known what became of the first would be another experiment.
    if (outcome.kind === 'outcome-unknown' || outcome.kind === 'invalid') break;
  }
  throw new Error(`${command} of ${party} was not settled: ${last}`);
}

async function transactionsSince(ledger: Ledger, from: number): Promise<Map<string, LedgerTransaction>> {
  const { height } = await ledger.health();
  const found = new Map<string, LedgerTransaction>();
  const stop = new AbortController();
  if (from >= height) return found;
  for await (const block of ledger.events(from - 1, stop.signal)) {
    for (const transaction of block.transactions) {
      if (transaction.valid) found.set(transaction.transactionId, transaction);
    }
    if (block.number === height - 1) stop.abort();
  }
  return found;
}

async function statesOf(ledger: Ledger, { keys }: Model): Promise<Map<string, string>> {
  const read = await mapLimit(keys, READS_AT_ONCE, async ({ type, key }) => {
    const text = await ledger.evaluate(QUERIES[type], key);
    return [`${type}:${key}`, text ?? 'nothing'] as const;
  });
  return new Map(read);
}

/** What an event leaves, by kind and key. */
export function statesIn(event: LedgerEvent): [string, object][] {
  return [
    ...event.parties.map((state): [string, object] => [`party:${state.party}`, state]),
    ...event.profiles.map((state): [string, object] => [`profile:${state.gtin}/${state.version}`, state]),
    ...event.batches.map((state): [string, object] => [`batch:${state.batch}`, state]),
    ...event.units.map((state): [string, object] => [`unit:${state.unit}`, state]),
    ...event.packs.map((state): [string, object] => [`pack:${state.pack}`, state]),
    ...(event.devices ?? []).map((state): [string, object] => [`device:${state.device}`, state]),
    ...(event.accesses ?? []).map((state): [string, object] => [
      `access:${state.object.type}/${state.object.key}/${state.grantedBy}/${state.party}`,
      state,
    ]),
    ...(event.roots ?? []).map((state): [string, object] => [`root:${state.log}/${state.index}`, state]),
    ...(event.anchor === null ? [] : [[`anchor:${event.anchor.commitment}`, event.anchor] as [string, object]]),
  ];
}

/** Everybody who signs in these worlds. */
export const partiesOf = (worlds: readonly Model[]): PartyId[] => worlds.flatMap(({ parties }) => parties);
