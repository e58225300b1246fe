import type { Exposure } from '@coldchain/chaincode/protocol';
import { evaluateAt, legTotals } from '@coldchain/telemetry';
import type { LegFacts } from './verdict-facts.js';
import type { LegRow } from './verdict.queries.js';

/** A leg as it stands at an instant. */
export function legFactsOf(row: LegRow, now: number): LegFacts {
  const holdsUntil = row.holds_until ?? (row.reading_at === null ? null : row.reading_at + (row.interval_ms ?? 0));
  return {
    key: row.leg_key,
    custody: `${row.unit_key}/${row.organisation_id}`,
    startedAt: row.started_at.getTime(),
    endedAt: row.ended_at?.getTime() ?? null,
    readingAt: row.reading_at,
    holdsUntil,
    countedTo: row.live === null ? row.reading_at : Math.min(now, holdsUntil ?? now),
    vouched: row.vouched ?? [],
    gapMs: row.gap_ms,
    final: row.final,
    exposures: exposuresAt(row, now),
    recorded: {
      ledger: row.ledger_exposures ?? [],
      expected: row.expected_exposures ?? row.ledger_exposures ?? [],
    },
    breaches: row.breaches,
    uncalibratedSince: row.uncalibrated_since?.getTime() ?? null,
  };
}

/**
 * What was spent up to now: what broke a limit last goes on while it holds, and then a gap policy may charge the silence.
 * The stored totals end with the newest reading.
 */
function exposuresAt({ exposures, live }: LegRow, now: number): readonly Exposure[] {
  return live === null ? exposures : legTotals(evaluateAt(live, now).state).exposures;
}
