import type { Transaction } from '@coldchain/database';
import { doubtedMs } from '@coldchain/telemetry';
import type { LegEvidence } from './leg-evidence.js';
import { samplesOfLoggers } from './leg-repository.js';

/**
 * How much of an evaluated leg has no other evidence than loggers of which it was said later that they were elsewhere, ms:
 * acts that are captured late end what spoke until then. Only that time is read again, and it is as long as they were late.
 */
export async function doubtedTime(
  transaction: Transaction,
  { sources, intervalMs, vouched }: LegEvidence,
  leg: { readonly from: number; readonly to: number },
): Promise<number> {
  const doubted = sources.filter(({ vouchesUntil }) => vouchesUntil !== null);
  const from = Math.max(
    leg.from,
    Math.min(...doubted.map(({ since, vouchesUntil }) => Math.max(since, vouchesUntil ?? 0))),
  );
  const to = Math.min(leg.to, Math.max(...doubted.map(({ until }) => until ?? Infinity)));
  if (doubted.length === 0 || from >= to) return 0;
  const loggers = sources.map(({ logger }) => logger);
  const read = await samplesOfLoggers(transaction, loggers, { after: from - intervalMs, until: to });
  return doubtedMs(
    sources.map((source) => ({
      samples: read.get(source.logger) ?? [],
      intervalMs: source.intervalMs,
      from: source.since,
      to: source.until,
      vouchesUntil: source.vouchesUntil,
    })),
    { from, to },
    vouched,
  );
}
