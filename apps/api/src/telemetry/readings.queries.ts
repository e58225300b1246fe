import type { OrganisationTransaction } from '@coldchain/database';
import type { StoredReadings } from '@coldchain/telemetry';

/** What one logger measured on a visible leg: from when to when it spoke for it. */
export interface LegSeriesRow {
  readonly id: number;
  readonly logger_id: number;
  readonly logger: string;
  readonly sscc: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly interval_ms: number | null;
  readonly profiles: readonly string[];
  /** From then on the logger measured beyond its calibration. */
  readonly uncalibrated_since: Date | null;
}

/** Legs of some units with each of their loggers, oldest first. A logger of another organisation has no name here. */
export function legsOfUnits(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
): Promise<LegSeriesRow[]> {
  return transaction.query<LegSeriesRow>(
    `SELECT g.id, s.logger_id, coalesce(n.serial, 'logger of ' || o.slug) AS logger, u.sscc,
            greatest(s.since, g.started_at) AS started_at, s.until AS ended_at,
            coalesce((g.state ->> 'intervalMs')::bigint, n.interval_ms) AS interval_ms,
            leg_uncalibrated_since(g.id) AS uncalibrated_since,
            ARRAY(SELECT DISTINCT content ->> 'profile'
                  FROM expected_object x CROSS JOIN LATERAL jsonb_array_elements(x.state -> 'batches') AS content
                  WHERE x.object_type = 'unit' AND x.object_key = u.unit_key) AS profiles
     FROM leg g JOIN unit u ON u.id = g.unit_id JOIN organisation o ON o.id = g.organisation_id
     JOIN leg_source s ON s.leg_id = g.id
     LEFT JOIN logger n ON n.id = s.logger_id
     WHERE u.unit_key = ANY($1) ORDER BY greatest(s.since, g.started_at), g.id, s.logger_id`,
    [unitKeys],
  );
}

/** Packed series of a logger that touch a window, by their first reading. */
export function seriesOf(
  transaction: OrganisationTransaction,
  loggerId: number,
  from: Date,
  to: Date,
): Promise<StoredReadings[]> {
  // A frame spans at most 24 h, so a series that reaches into the window begins at most that long before it.
  return transaction.query(
    `SELECT data, t0 AS at, milli_celsius AS "milliCelsius", humidity_permille AS "humidityPermille" FROM stored_reading
     WHERE logger = $1 AND t0 >= $2::timestamptz - interval '24 hours' AND t0 <= $3 AND t1 >= $2
     ORDER BY t0, seq`,
    [loggerId, from, to],
  );
}

/** Excursions of some legs, oldest first. */
export function excursionsOf(
  transaction: OrganisationTransaction,
  legIds: readonly number[],
): Promise<
  {
    readonly leg_id: number;
    readonly profile: string;
    readonly rule: string;
    readonly opened_at: Date;
    readonly closed_at: Date | null;
    readonly duration_ms: number;
    readonly extreme_milli_celsius: number;
  }[]
> {
  return transaction.query(
    `SELECT leg_id, profile, rule, opened_at, closed_at, duration_ms, extreme_milli_celsius
     FROM excursion WHERE leg_id = ANY($1) ORDER BY opened_at, rule LIMIT 2000`,
    [legIds],
  );
}
