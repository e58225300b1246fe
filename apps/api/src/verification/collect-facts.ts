import type { OrganisationTransaction } from '@coldchain/database';
import { transitsOf } from '../evidence/transits.js';
import { transitStepsOf } from '../evidence/unit-evidence.queries.js';
import type { Subject } from './scanned-code.js';
import * as queries from './verdict.queries.js';
import { type Evidence, EvidenceLines } from './evidence-lines.js';
import { legFactsOf } from './leg-facts.js';
import type { BatchFacts, Found, LegFacts, ObjectFacts, PackFacts, UnitFacts, VerdictFacts } from './verdict-facts.js';

/** What the collection is asked for. */
export interface Question {
  readonly subject: Subject;
  readonly asker: string;
  readonly now: number;
  readonly boundMs: number;
}

/** Facts, and what the answer shows besides: names that do not decide anything. */
export interface Collected {
  readonly facts: VerdictFacts;
  readonly productName: string | null;
  /** Lot of a pack that was found without one in its code. */
  readonly lot: string | null;
}

/** Collects the facts about a code in the asker's own transaction: what he may not see is not there. */
export async function collectFacts(transaction: OrganisationTransaction, question: Question): Promise<Collected> {
  const { subject, asker, now, boundMs } = question;
  // Read first: what is read after it is at least as new.
  const confirmed = await queries.checkpoints(transaction);
  const party = await queries.partyStateOf(transaction, asker);
  const productName = subject.kind === 'unit' ? null : await queries.productName(transaction, subject.gtin);
  const { found, lot } =
    subject.kind === 'unit'
      ? { found: await findUnit(transaction, subject.sscc, now), lot: null }
      : await findInBatches(transaction, subject, productName !== null, question);
  return {
    facts: {
      now,
      boundMs,
      asker,
      party: { ledger: party?.ledger ?? null, expected: party?.expected ?? null },
      ledgerConfirmedAt: confirmed.ledger?.getTime() ?? null,
      evaluationConfirmedAt: confirmed.evaluation?.getTime() ?? null,
      found,
    },
    productName,
    lot,
  };
}

interface Located {
  readonly found: Found;
  readonly lot: string | null;
}

async function findInBatches(
  transaction: OrganisationTransaction,
  subject: Exclude<Subject, { kind: 'unit' }>,
  productKnown: boolean,
  { asker, now }: Question,
): Promise<Located> {
  const serial = subject.kind === 'pack' ? subject.serial : null;
  const rows = await queries.batchesOfCode(transaction, subject);
  const hits = serial === null ? rows : rows.filter((row) => row.pack_key !== null);
  const [hit, other] = hits;
  // Two lots with one serial number, or two batches of one lot, cannot be told apart by the code.
  if (hit === undefined || other !== undefined) {
    return { found: await notFound(transaction, subject, productKnown, rows.length), lot: null };
  }
  const roots =
    subject.kind === 'batch'
      ? await queries.unitsHolding(transaction, hit.batch_key, asker)
      : hit.unit_key === null
        ? []
        : [hit.unit_key];
  const pack = hit.pack_key === null || hit.run === null ? null : { key: hit.pack_key, run: hit.run };
  const object = await objectOf(transaction, {
    kind: subject.kind,
    roots,
    batches: [hit.batch_key],
    pack,
    scannedExpiry: subject.expiry,
    now,
  });
  return { found: { state: 'found', object }, lot: hit.lot };
}

/** Why no single object was found; says nothing about what others may have registered. */
async function notFound(
  transaction: OrganisationTransaction,
  subject: Exclude<Subject, { kind: 'unit' }>,
  productKnown: boolean,
  visibleBatches: number,
): Promise<Found> {
  if (!productKnown) return { state: 'product-not-found' };
  if (subject.kind === 'pack' && subject.lot !== null) {
    const elsewhere = await queries.batchesOfSerial(transaction, subject.gtin, subject.serial);
    if (elsewhere.some((row) => row.lot !== subject.lot)) return { state: 'lot-mismatch' };
    if (visibleBatches === 1) return { state: 'pack-not-registered' };
  }
  return { state: 'data-not-received' };
}

async function findUnit(transaction: OrganisationTransaction, sscc: string, now: number): Promise<Found> {
  const [key, other] = await queries.unitKeysOf(transaction, sscc);
  if (key === undefined || other !== undefined) return { state: 'data-not-received' };
  const object = await objectOf(transaction, {
    kind: 'unit',
    roots: [key],
    batches: null,
    pack: null,
    scannedExpiry: null,
    now,
  });
  return { state: 'found', object };
}

interface Sought {
  readonly kind: ObjectFacts['kind'];
  /** Innermost units of the chains. */
  readonly roots: readonly string[];
  /** null: those that the unit holds. */
  readonly batches: readonly string[] | null;
  readonly pack: { readonly key: string; readonly run: number } | null;
  readonly scannedExpiry: string | null;
  readonly now: number;
}

async function objectOf(transaction: OrganisationTransaction, sought: Sought): Promise<ObjectFacts> {
  const moreUnits = sought.roots.length > queries.MOST_UNITS;
  const roots = sought.roots.slice(0, queries.MOST_UNITS);
  const chains = await chainsOf(transaction, roots, sought.now);
  const batchKeys = sought.batches ?? contentsOf(chains);
  const batches = await batchesOf(transaction, batchKeys);
  const profileIds = batches.flatMap(({ ledger, expected }) => [ledger?.profile, expected?.profile]);
  const profiles = await queries.profilesOf(transaction, [...new Set(profileIds.filter((id) => id !== undefined))]);
  const keys = [
    ...batchKeys,
    ...chains.flat().map((unit) => unit.key),
    ...(sought.pack === null ? [] : [sought.pack.key]),
  ];
  const open = await queries.openEventsOf(transaction, keys, sought.pack?.key ?? null);
  const pending = open.filter((event) => event.anchor_state === 'pending').map((event) => event.recorded_at.getTime());
  return {
    kind: sought.kind,
    batches,
    pack: sought.pack === null ? null : await packOf(transaction, sought.pack),
    chains,
    moreUnits,
    profiles: new Map(profiles.map(({ id, profile }) => [id, profile])),
    transits:
      sought.kind !== 'batch' && profiles.some(({ profile }) => profile.longestTransitMs !== null)
        ? transitsOf(
            await transitStepsOf(
              transaction,
              chains.flat().map((unit) => unit.key),
            ),
          )
        : [],
    scannedExpiry: sought.scannedExpiry,
    events: {
      oldestPendingAt: pending.length === 0 ? null : Math.min(...pending),
      refusals: open
        .filter((event) => event.anchor_state === 'refused')
        .map((event) => ({ code: event.code ?? 'unknown', at: event.event_time.getTime() })),
    },
  };
}

/** What the innermost unit of each chain holds, by the ledger and by what is expected. */
function contentsOf(chains: readonly (readonly UnitFacts[])[]): string[] {
  const states = chains.flatMap(([inner]) => [inner?.ledger ?? null, inner?.expected ?? null]);
  return [...new Set(states.flatMap((state) => (state?.batches ?? []).map((content) => content.batch)))];
}

async function batchesOf(transaction: OrganisationTransaction, keys: readonly string[]): Promise<BatchFacts[]> {
  const states = await queries.batchStatesOf(transaction, keys);
  const expiries = new Map(
    (await queries.registeredExpiries(transaction, keys)).map(({ batch_key, expiry }) => [batch_key, expiry]),
  );
  return states.map(({ object_key, ledger, expected }) => ({
    key: object_key,
    expiry: expiries.get(object_key) ?? null,
    ledger,
    expected,
  }));
}

async function packOf(
  transaction: OrganisationTransaction,
  pack: { readonly key: string; readonly run: number },
): Promise<PackFacts> {
  const [state] = await queries.packStatesOf(transaction, [pack.key]);
  return { run: pack.run, ledger: state?.ledger ?? null, expected: state?.expected ?? null };
}

/** Units around some innermost ones, with the evidence of each as it stands at `now`. */
export async function chainsOf(
  transaction: OrganisationTransaction,
  roots: readonly string[],
  now: number,
): Promise<UnitFacts[][]> {
  if (roots.length === 0) return [];
  const rows = await queries.chainsOf(transaction, roots);
  const evidence = await evidenceOf(
    transaction,
    rows.map((row) => row.unit_key),
    now,
  );
  const rejected = new Set(
    await queries.rejectedUnits(
      transaction,
      rows.map((row) => row.unit_key),
    ),
  );
  return [...grouped(rows, (row) => row.root).values()].map((chain) =>
    chain.map((row) => ({
      key: row.unit_key,
      ledger: row.ledger,
      expected: row.expected,
      since: row.packed_at?.getTime() ?? null,
      rejected: rejected.has(row.unit_key),
      ...(evidence.get(row.unit_key) ?? NO_EVIDENCE),
    })),
  );
}

/** Packing and unpacking that a unit's past is followed through. */
const MOST_STEPS = 8;

const NO_EVIDENCE: Evidence = { legs: [], own: [], past: [] };

/**
 * The legs that speak for each unit: its own, and those of the units it came out of or was filled from, up to when that
 * happened; and among them what was measured on its contents and not beside them.
 */
async function evidenceOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, Evidence>> {
  const links = new Map<string, queries.PredecessorRow[]>();
  let frontier: readonly string[] = [...new Set(unitKeys)];
  for (let step = 0; step < MOST_STEPS && frontier.length > 0; step++) {
    for (const key of frontier) links.set(key, []);
    const rows = await queries.predecessorsOf(transaction, frontier);
    for (const row of rows) links.get(row.unit_key)?.push(row);
    frontier = [...new Set(rows.map((row) => row.source_key))].filter((key) => !links.has(key));
  }
  // Further back than is followed: not known, and so not covered.
  const unfollowed: ReadonlySet<string> = new Set(frontier);
  const legs = grouped(await queries.legsOf(transaction, [...links.keys()]), (leg) => leg.unit_key);
  const factsOf = (leg: queries.LegRow): LegFacts => legFactsOf(leg, now);
  const lines = new EvidenceLines(links, legs, unfollowed, factsOf);
  return new Map(unitKeys.map((key) => [key, lines.of(key)]));
}

function grouped<Entry>(entries: readonly Entry[], key: (entry: Entry) => string): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(key(entry));
    if (group === undefined) groups.set(key(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}
