import { DomainError } from '@coldchain/kernel';
import type { ContractBuilds, Ledger, LedgerHealth, OrganisationCopy } from '@coldchain/ledger';
import { compareHeights } from '../projection/height-watch.js';
import type { DatabaseStatus } from './database-status.js';

/** The newest block, checked from its own bytes. */
export interface LastBlock {
  readonly number: number;
  readonly headerHash: string;
  readonly transactions: number;
  /** MSP ids of those whose signature over it holds. */
  readonly signers: readonly string[];
}

/** What the ledger itself answers. */
export interface LedgerAnswer {
  readonly adapter: LedgerHealth['adapter'];
  readonly height: number;
  /** Empty where there is one copy. */
  readonly organisations: readonly OrganisationCopy[];
  readonly lastBlock: LastBlock | null;
  /** null where the contracts run in the worker. */
  readonly builds: ContractBuilds | null;
}

/** The answer and what is wrong with it; null: it does not answer, which is among the problems. */
export interface LedgerReport {
  readonly ledger: LedgerAnswer | null;
  readonly problems: readonly StatusProblem[];
}

/** Something that a person should know. */
export interface StatusProblem {
  readonly code:
    | 'ledger-unavailable'
    | 'peer-silent'
    | 'peer-behind'
    | 'peer-differs'
    | 'block-invalid'
    | 'builds-differ'
    | 'builds-unknown'
    | 'projection-behind'
    | 'projection-unconfirmed'
    | 'projection-above-ledger'
    | 'backlog-old'
    | 'rows-parked';
  /** `wrong`: it is so; `unknown`: it could not be found out, or may pass by itself. */
  readonly severity: 'wrong' | 'unknown';
  readonly text: string;
}

/** A worker that is alive confirms every second; after so long none does. */
const CONFIRMED_WITHIN_MS = 30_000;
/** What is on its way takes a second; what takes so long is stuck. */
const OLDEST_WITHIN_MS = 120_000;

/** Asks the ledger; what does not answer is told, not thrown. */
export async function askLedger(open: () => Promise<Ledger>): Promise<LedgerReport> {
  try {
    const ledger = await open();
    const before = await ledger.health();
    const problems: StatusProblem[] = [];
    const lastBlock = await lastBlockOf(ledger, before.height, problems);
    const builds = await buildsOf(ledger, problems);
    // Asked again at the end: by now every peer has what one had at the beginning.
    const after = await ledger.health();
    const hashes = new Map<number, string | undefined>();
    for (const { height } of after.organisations ?? [])
      if (height !== null) hashes.set(height - 1, (await ledger.block(height - 1))?.headerHash);
    for (const { mspid, code, text } of compareHeights(after, before.height, (block) => hashes.get(block)))
      problems.push({ code, severity: code === 'peer-silent' ? 'unknown' : 'wrong', text: `${mspid}: ${text}` });
    const { adapter, height, organisations = [] } = after;
    return { ledger: { adapter, height, organisations, lastBlock, builds }, problems };
  } catch (error) {
    return { ledger: null, problems: [{ code: 'ledger-unavailable', severity: 'unknown', text: textOf(error) }] };
  }
}

async function lastBlockOf(ledger: Ledger, height: number, problems: StatusProblem[]): Promise<LastBlock | null> {
  if (height === 0) return null;
  const number = height - 1;
  const previous = number === 0 ? undefined : await ledger.block(number - 1);
  const inspected = await ledger.inspect(number, previous?.headerHash ?? null);
  if (inspected === undefined) return null;
  for (const { code } of inspected.problems)
    problems.push({ code: 'block-invalid', severity: 'wrong', text: `block ${number}: ${code}` });
  const { headerHash, transactions } = inspected.block;
  return { number, headerHash, transactions: transactions.length, signers: inspected.signers };
}

async function buildsOf(ledger: Ledger, problems: StatusProblem[]): Promise<ContractBuilds | null> {
  try {
    const builds = await ledger.builds();
    if (builds === null) return null;
    for (const { mspid, digest } of builds.served) {
      if (digest === null)
        problems.push({ code: 'builds-unknown', severity: 'unknown', text: `${mspid}: its contracts do not answer` });
      else if (digest !== builds.agreed)
        problems.push({
          code: 'builds-differ',
          severity: 'wrong',
          text: `${mspid} serves build ${digest}, agreed is ${builds.agreed ?? 'none'}`,
        });
    }
    return builds;
  } catch (error) {
    problems.push({ code: 'builds-unknown', severity: 'unknown', text: textOf(error) });
    return null;
  }
}

const textOf = (error: unknown): string =>
  error instanceof DomainError ? `${String(error.code)}: ${error.message}` : String(error);

/**
 * Everything that is wrong or not known, from both sides.
 * @param now ms
 */
export function problemsOf({ projection, outbox }: DatabaseStatus, report: LedgerReport, now: number): StatusProblem[] {
  const problems = [...report.problems];
  const add = (code: StatusProblem['code'], severity: StatusProblem['severity'], text: string): void => {
    problems.push({ code, severity, text });
  };
  const { parked, held, oldest } = outbox;
  const blocks = projection.block + 1;
  const height = report.ledger?.height ?? blocks;
  if (parked.length > 0) add('rows-parked', 'wrong', `${parked.length} rows are parked, ${held} wait for them`);
  if (oldest !== null && now - oldest.createdAt.getTime() > OLDEST_WITHIN_MS)
    add('backlog-old', 'unknown', `row ${oldest.id} waits since ${oldest.createdAt.toISOString()}`);
  if (blocks > height)
    add('projection-above-ledger', 'wrong', `${blocks} blocks are projected, the ledger has ${height}`);
  else if (blocks < height) add('projection-behind', 'unknown', `${blocks} of ${height} blocks are projected`);
  const confirmed = projection.confirmedAt;
  if (confirmed === null || now - confirmed.getTime() > CONFIRMED_WITHIN_MS)
    add(
      'projection-unconfirmed',
      'unknown',
      `last confirmed: ${confirmed?.toISOString() ?? 'never'}; does a worker run?`,
    );
  return problems;
}

/** Exit status: 0 all is well, 1 something is wrong, 2 something could not be found out. */
export function exitStatusOf(problems: readonly StatusProblem[]): 0 | 1 | 2 {
  if (problems.some(({ severity }) => severity === 'wrong')) return 1;
  return problems.length > 0 ? 2 : 0;
}
