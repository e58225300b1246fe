import type { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';
import type { Logger, Metrics } from '@coldchain/runtime';
import { SILENCE_CAUSES, type SilenceCause, silenceCause } from './silence-cause.js';

const LOOK_EVERY_MS = 15_000;
/** Declared intervals without a reading after which a logger is quiet. */
const QUIET_INTERVALS = 3;
const MOST_AT_ONCE = 10_000;

interface QuietRow {
  readonly id: number;
  readonly since: Date;
  readonly cause: SilenceCause | null;
  readonly others_heard: boolean;
  readonly gateway_heard: boolean | null;
  readonly state: string | null;
  readonly gateway_battery: number | null;
  readonly logger_battery: number | null;
  readonly refused: number;
}

/**
 * Looks for registered loggers that have been quiet for three declared intervals by the server's clock, and notes since
 * when and the likely cause. Whoever is heard again is no longer noted.
 */
export class SilenceWatch {
  private readonly stopping = new AbortController();
  private readonly counts = new Map<SilenceCause, number>();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
    metrics: Metrics | undefined,
  ) {
    metrics?.gauge(
      'cct_ingest_silent_loggers',
      'Registered loggers that are quiet, by likely cause',
      ['cause'],
      (gauge) => {
        for (const cause of SILENCE_CAUSES) gauge.set({ cause }, this.counts.get(cause) ?? 0);
      },
    );
  }

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Looks once. */
  async look(): Promise<void> {
    await this.database.query(HEARD_AGAIN, [QUIET_INTERVALS]);
    const rows = await this.database.query<QuietRow>(QUIET, [QUIET_INTERVALS, MOST_AT_ONCE]);
    const judged = rows.map((row) => ({ ...row, judged: silenceCause(factsOf(row)) }));
    this.counts.clear();
    for (const { judged: cause } of judged) this.counts.set(cause, (this.counts.get(cause) ?? 0) + 1);
    const changed = judged.filter(({ cause, judged: now }) => cause !== now);
    if (changed.length === 0) return;
    await this.database.query(
      `UPDATE logger l SET silent_since = x.since, silent_cause = x.cause
       FROM unnest($1::int4[], $2::timestamptz[], $3::text[]) AS x (id, since, cause)
       WHERE l.id = x.id AND l.id IN (SELECT id FROM logger WHERE id = ANY ($1::int4[]) ORDER BY id FOR NO KEY UPDATE)`,
      [changed.map(({ id }) => id), changed.map(({ since }) => since), changed.map(({ judged: cause }) => cause)],
    );
    this.logger.warn({ loggers: changed.length, quiet: judged.length }, 'loggers are quiet');
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      try {
        await this.look();
      } catch (error) {
        this.logger.warn({ err: error }, 'quiet loggers cannot be looked for now');
      }
    }
  }
}

function factsOf(row: QuietRow): Parameters<typeof silenceCause>[0] {
  return {
    othersHeard: row.others_heard,
    gatewayHeard: row.gateway_heard,
    gatewayState: row.state === 'online' || row.state === 'offline' ? row.state : null,
    gatewayBatteryPercent: row.gateway_battery,
    loggerBatteryPercent: row.logger_battery,
    refusedForTheirTime: row.refused,
  };
}

/** Arrival is judged, not measurement: a backlog with old times ends the silence too. */
const HEARD_AGAIN = `
  UPDATE logger SET silent_since = NULL, silent_cause = NULL
  WHERE silent_since IS NOT NULL AND last_reading_at >= now() - $1 * interval_ms * interval '1 ms'`;

const QUIET = `
  SELECT l.id, l.last_reading_at AS since, l.silent_cause AS cause,
         EXISTS (SELECT FROM gateway o WHERE o.last_seen_at > greatest(l.last_reading_at, now() - q.quiet)) AS others_heard,
         CASE WHEN g.id IS NOT NULL THEN coalesce(g.last_seen_at, '-infinity') > now() - q.quiet END AS gateway_heard,
         g.status ->> 'state' AS state,
         CASE WHEN jsonb_typeof(g.status -> 'battery') = 'number' THEN (g.status ->> 'battery')::float8 END AS gateway_battery,
         CASE WHEN jsonb_typeof(g.status -> 'batteries' -> l.serial) = 'number'
              THEN (g.status -> 'batteries' ->> l.serial)::float8 END AS logger_battery,
         (SELECT count(*)::int4 FROM (
            SELECT FROM dead_letter d WHERE d.gateway_id = g.id AND d.received_at > now() - q.quiet
              AND d.code IN ('time-in-future', 'time-too-old', 'time-relative') LIMIT 1) x) AS refused
  FROM logger l
  CROSS JOIN LATERAL (SELECT $1 * l.interval_ms * interval '1 ms' AS quiet) q
  LEFT JOIN gateway g ON g.id = l.last_gateway_id
  WHERE l.registered AND l.last_reading_at < now() - q.quiet
  ORDER BY l.id LIMIT $2`;
