import type { OrganisationTransaction } from '@coldchain/database';
import type { Subject } from './scanned-code.js';
import * as queries from './verdict.queries.js';

/** The keys of everything that belongs to the past of a code's object, as far as the asker may see it. */
export interface ObjectKeys {
  readonly packKey: string | null;
  readonly batchKeys: readonly string[];
  /** The units it lies in, and those it came through. */
  readonly unitKeys: readonly string[];
}

const NOTHING: ObjectKeys = { packKey: null, batchKeys: [], unitKeys: [] };
const MOST_STEPS = 8;

/** Finds the keys; a code of which nothing is visible has none, whether it exists or not. */
export async function objectKeysOf(transaction: OrganisationTransaction, subject: Subject): Promise<ObjectKeys> {
  if (subject.kind === 'unit') {
    const roots = await queries.unitKeysOf(transaction, subject.sscc);
    return { ...NOTHING, unitKeys: await unitsThrough(transaction, roots) };
  }
  const serial = subject.kind === 'pack' ? subject.serial : null;
  const rows = await queries.batchesOfCode(transaction, subject);
  const [hit, other] = serial === null ? rows : rows.filter((row) => row.pack_key !== null);
  if (hit === undefined || other !== undefined) return NOTHING;
  return {
    packKey: hit.pack_key,
    batchKeys: [hit.batch_key],
    unitKeys: await unitsThrough(transaction, hit.unit_key === null ? [] : [hit.unit_key]),
  };
}

/** Units, their parents, and all units that their thermal state came from. */
async function unitsThrough(transaction: OrganisationTransaction, roots: readonly string[]): Promise<string[]> {
  if (roots.length === 0) return [];
  const seen = new Set((await queries.chainsOf(transaction, roots)).map((row) => row.unit_key));
  let frontier = [...seen];
  for (let step = 0; step < MOST_STEPS && frontier.length > 0; step++) {
    const links = await queries.predecessorsOf(transaction, frontier);
    frontier = [...new Set(links.map((link) => link.source_key))].filter((key) => !seen.has(key));
    for (const key of frontier) seen.add(key);
  }
  return [...seen];
}
