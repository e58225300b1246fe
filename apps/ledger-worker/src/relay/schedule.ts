import type { OpenRow } from './outbox-row.js';

/**
 * Parties come before profiles and both before everything else: an act refers to them without naming them among its
 * objects, and a refusal is final. They are few.
 */
const stageOf = (row: OpenRow): number => {
  if (row.command === 'registerParty') return 0;
  return row.command === 'publishProfile' ? 1 : 2;
};

/**
 * Which open rows may be submitted now, most urgent first: a row waits for every earlier one that shares an object with
 * it or that is of an earlier stage. What is in flight or waits for its next attempt holds up what is behind it.
 * @param open in ascending order of id, complete up to its last row
 */
export function runnableRows(open: readonly OpenRow[], inFlight: ReadonlySet<number>): OpenRow[] {
  const taken = new Set<string>();
  let stage = Number.POSITIVE_INFINITY;
  const runnable: OpenRow[] = [];
  for (const row of open) {
    const behind = row.objectKeys.some((key) => taken.has(key)) || stageOf(row) > stage;
    // What was submitted before this process started went in order already, and must be settled first.
    const waits = !row.due || (row.state === 'pending' && behind);
    if (!waits && !inFlight.has(row.id)) runnable.push(row);
    for (const key of row.objectKeys) taken.add(key);
    stage = Math.min(stage, stageOf(row));
  }
  const urgency = (row: OpenRow): number => (row.state === 'submitted' ? Number.NEGATIVE_INFINITY : row.priority);
  return runnable.sort((a, b) => urgency(a) - urgency(b) || a.id - b.id);
}
