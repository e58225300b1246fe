import type { Transaction } from '@coldchain/database';
import { doubtedSpans, type Span, union } from '@coldchain/telemetry';
import type { LegEvidence } from './leg-evidence.js';
import { samplesOfLoggers } from './leg-repository.js';
import type { LegSource } from './leg-source.js';

/**
 * The parts of an evaluated leg that have no other evidence than what does not vouch for goods then: acts that are captured
 * late begin and end it. Only that time is read again, and it is as long as they were late.
 */
export async function doubtedTime(
  transaction: Transaction,
  { sources, intervalMs, vouched }: LegEvidence,
  leg: { readonly from: number; readonly to: number },
): Promise<readonly Span[]> {
  const loggers = sources.map(({ logger }) => logger);
  const doubted: Span[] = [];
  for (const [from, to] of union(sources.flatMap((source) => notVouching(source, leg)))) {
    const read = await samplesOfLoggers(transaction, loggers, { after: from - intervalMs, until: to });
    const spoken = sources.map((source) => ({
      ...source,
      samples: read.get(source.logger) ?? [],
      from: source.since,
      to: source.until,
    }));
    doubted.push(...doubtedSpans(spoken, { from, to }, vouched));
  }
  return union(doubted);
}

/** What a source says while it does not vouch, in a leg: up to an interval longer than that, as long as a reading holds. */
function notVouching(
  { since, until, vouchesFrom, vouchesUntil, intervalMs }: LegSource,
  leg: Parameters<typeof doubtedTime>[2],
): Span[] {
  const ends = Math.min(until ?? Infinity, leg.to);
  const begins = Math.max(since, leg.from);
  return [
    ...(vouchesFrom === null ? [] : [[begins, Math.min(vouchesFrom + intervalMs, ends)] as const]),
    ...(vouchesUntil === null ? [] : [[Math.max(vouchesUntil, begins), ends] as const]),
  ];
}
