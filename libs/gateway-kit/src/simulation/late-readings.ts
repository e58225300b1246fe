import { type Fault, faultsAt } from './fault.js';
import { hashUnit } from './hash-unit.js';

const SHORTEST_MS = 600_000;
/** The gateway hears of a reading at most so much later. */
export const LONGEST_LATE_MS = 7_200_000;

/** How long after it was made the gateway hears of a reading, because its logger was out of range, ms. */
export function lateBy(faults: readonly Fault[], seed: string, at: number): number {
  const [fault] = faultsAt(faults, 'late', at);
  if (fault === undefined || hashUnit(`${seed}/late/${at}`) >= fault.value) return 0;
  return Math.round(SHORTEST_MS + (LONGEST_LATE_MS - SHORTEST_MS) * hashUnit(`${seed}/late-by/${at}`));
}
