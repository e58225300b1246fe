import type { Exposure } from '@coldchain/chaincode/protocol';
import { evaluateAt, foldReadings, legTotals } from '@coldchain/telemetry';
import type { LegFacts } from './verdict-facts.js';
import type { LegRow } from './verdict.queries.js';

/** A leg as it stands at an instant; one that has ended, but is not evaluated to its end, as it stood then. */
export function legFactsOf(row: LegRow, now: number): LegFacts {
  const endedAt = row.ended_at?.getTime() ?? null;
  const until = Math.min(now, endedAt ?? now);
  const holdsUntil = row.holds_until ?? (row.reading_at === null ? null : row.reading_at + (row.interval_ms ?? 0));
  return {
    key: row.leg_key,
    custody: `${row.unit_key}/${row.organisation_id}`,
    startedAt: row.started_at.getTime(),
    endedAt,
    readingAt: row.reading_at,
    holdsUntil,
    countedTo: row.live === null ? row.reading_at : Math.min(until, holdsUntil ?? until),
    vouched: row.vouched ?? [],
    gapMs: row.gap_ms,
    gaps: row.gaps,
    doubted: row.doubted,
    final: row.final,
    exposures: exposuresAt(row, until),
    recorded: {
      ledger: row.ledger_exposures ?? [],
      expected: row.expected_exposures ?? row.ledger_exposures ?? [],
    },
    breaches: row.breaches,
    uncalibratedSince: row.uncalibrated_since?.getTime() ?? null,
  };
}

/**
 * What was spent up to now: what broke a limit last goes on while it holds, then while those of several sources hold that
 * hold longer, and then a gap policy may charge the silence. The stored totals end with the newest reading.
 * @throws RangeError when what holds on is older than the newest reading
 */
function exposuresAt({ exposures, live, tail }: LegRow, now: number): readonly Exposure[] {
  if (live === null) return exposures;
  const held = foldReadings(
    live,
    (tail ?? []).filter(({ at }) => at <= now),
  );
  if (held.late) throw new RangeError(`what holds on from ${held.at} is older than the newest reading of its leg`);
  return legTotals(evaluateAt(held.state, now).state).exposures;
}
