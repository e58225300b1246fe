import type { Database } from '@coldchain/database';
import type { Counter, Gauge, Histogram, Metrics } from '@coldchain/runtime';
import type { AcceptedFigure } from '../accept/acceptor.js';
import type { StoredGroup } from '../accept/group-store.js';
import type { PlatformChannel } from '../message-source.js';
import type { FreeSpace } from '../storage/free-space.js';

const COMMIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const GROUP_MESSAGES = [1, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000];
const LAG_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800];
const OFFSET_SECONDS = [1, 5, 30, 120, 600, 3_600, 86_400, 31_536_000];
/** Gateways whose missing numbers are remembered. */
const REMEMBERED = 100_000;

/** How long ago a gateway was last heard. */
const HEARD = ['minute', 'hour', 'day', 'longer', 'never'] as const;
const HEARD_SQL = `
  SELECT CASE WHEN last_seen_at IS NULL THEN 'never' WHEN last_seen_at > now() - interval '1 minute' THEN 'minute'
              WHEN last_seen_at > now() - interval '1 hour' THEN 'hour'
              WHEN last_seen_at > now() - interval '1 day' THEN 'day' ELSE 'longer' END AS heard, count(*) AS gateways
  FROM gateway GROUP BY 1`;

/** What is asked when the figures are read. */
export interface IngestLevels {
  readonly database: Database;
  readonly space: Pick<FreeSpace, 'freeBytes'>;
}

/** Figures of accepting for Prometheus. No label names a gateway: they have no bound, and are not for everyone's eyes. */
export class IngestFigures {
  private readonly accepts: Counter<'figure'>;
  private readonly refusals: Counter<'code'>;
  private readonly messages: Histogram;
  private readonly commits: Histogram;
  private readonly lags: Histogram;
  private readonly offsets: Histogram;
  private readonly sent: Counter<'channel'>;
  private readonly missing = new Map<number, number>();

  constructor(metrics: Metrics, levels: IngestLevels) {
    this.accepts = metrics.counter('cct_ingest_accepted_total', 'Messages and what became of them', ['figure']);
    this.refusals = metrics.counter('cct_ingest_set_aside_total', 'Messages that were set aside, by reason', ['code']);
    this.messages = metrics.histogram('cct_ingest_group_messages', 'Messages stored together', GROUP_MESSAGES);
    this.commits = metrics.histogram('cct_ingest_commit_seconds', 'Time to store a group', COMMIT_SECONDS);
    const lag = 'Time from a reading to its arrival, the shortest of each logger in five seconds';
    this.lags = metrics.histogram('cct_ingest_lag_seconds', lag, LAG_SECONDS);
    const offset = 'How far clocks of gateways are off, each time that one tells';
    this.offsets = metrics.histogram('cct_ingest_gateway_clock_offset_seconds', offset, OFFSET_SECONDS);
    this.sent = metrics.counter('cct_ingest_sent_total', 'Acknowledgements and commands sent to gateways', ['channel']);
    metrics.gauge('cct_ingest_missing_frames', 'Numbers that gateways were last told to be missing', [], (gauge) =>
      gauge.set([...this.missing.values()].reduce((sum, count) => sum + count, 0)),
    );
    metrics.gauge('cct_ingest_disk_free_bytes', 'Room on the disk of the database', [], (gauge) =>
      gauge.set(levels.space.freeBytes ?? Number.NaN),
    );
    metrics.gauge('cct_ingest_database_waiting', 'Who waits for a connection to the database', [], (gauge) =>
      gauge.set(levels.database.pool.waitingCount),
    );
    metrics.gauge('cct_ingest_gateways', 'Gateways, by how long ago they were last heard', ['heard'], (gauge) =>
      countHeard(levels.database, gauge),
    );
  }

  /** Something became of messages. */
  accepted(figure: AcceptedFigure, by: number): void {
    if (by > 0) this.accepts.inc({ figure }, by);
  }

  /** A group was stored. */
  stored(messages: number, durationMs: number, { setAside }: Pick<StoredGroup, 'setAside'>): void {
    this.messages.observe(messages);
    this.commits.observe(durationMs / 1_000);
    for (const { code } of setAside) this.refusals.inc({ code });
  }

  /** A reading of a logger came so long after it was made. */
  lag(durationMs: number): void {
    this.lags.observe(Math.max(0, durationMs) / 1_000);
  }

  /** A gateway told its clock, which is so far off. */
  clockOffset(offsetMs: number): void {
    this.offsets.observe(Math.abs(offsetMs) / 1_000);
  }

  /** A gateway was told something. */
  told(channel: PlatformChannel): void {
    this.sent.inc({ channel });
  }

  /** So many numbers of a gateway are missing. */
  lacks(gatewayId: number, numbers: number): void {
    if (this.missing.size >= REMEMBERED) this.missing.clear();
    if (numbers > 0) this.missing.set(gatewayId, numbers);
    else this.missing.delete(gatewayId);
  }
}

async function countHeard(database: Database, gauge: Gauge<'heard'>): Promise<void> {
  gauge.reset();
  // A database that is away is told elsewhere, and must not take all other figures with it.
  const rows = await database.query<{ heard: (typeof HEARD)[number]; gateways: number }>(HEARD_SQL).catch(() => null);
  if (rows === null) return;
  for (const heard of HEARD) gauge.set({ heard }, rows.find((row) => row.heard === heard)?.gateways ?? 0);
}
