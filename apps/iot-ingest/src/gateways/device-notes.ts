import type { Database } from '@coldchain/database';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { LatestReading } from '../accept/group-store.js';
import type { IngestFigures } from '../figures/ingest-figures.js';
import type { ReceivedMessage } from '../message-source.js';
import { type GatewayStatus, readStatus } from './gateway-status.js';

const WRITE_EVERY_MS = 5_000;

interface SaidStatus {
  readonly text: string;
  readonly offsetMs: number | null;
  readonly at: Date;
}

interface Measured {
  readonly latest: LatestReading;
  /** Shortest time from a reading to its arrival since the last writing, ms. */
  readonly offsetMs: number;
}

/** Options of {@link DeviceNotes}. */
export interface DeviceNotesOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly figures: Pick<IngestFigures, 'lag' | 'clockOffset'> | null;
}

/**
 * Notes beside the readings what devices are like: what gateways say of themselves, how far clocks are off, and when each
 * logger was last heard by whom. Written every few seconds, in the order of ids; a note that is lost costs nothing.
 */
export class DeviceNotes {
  private status = new Map<number, SaidStatus>();
  private loggers = new Map<number, Measured>();
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(private readonly options: DeviceNotesOptions) {}

  start(): void {
    this.loop = this.run();
  }

  /** A status of a gateway. */
  said({ gateway, payload }: ReceivedMessage): void {
    const status = readStatus(payload);
    if (status === null) return;
    const now = this.options.clock.now();
    const offsetMs = offsetOf(status, now);
    if (offsetMs !== null) this.options.figures?.clockOffset(offsetMs);
    this.status.set(gateway.id, { text: status.text, offsetMs, at: new Date(now) });
  }

  /** Readings that were stored. */
  measured(loggers: ReadonlyMap<number, LatestReading>): void {
    const now = this.options.clock.now();
    for (const [id, latest] of loggers) this.hear(id, latest, now - latest.at);
  }

  private hear(id: number, latest: LatestReading, offsetMs: number): void {
    const known = this.loggers.get(id);
    this.loggers.set(id, {
      latest: known !== undefined && known.latest.at > latest.at ? known.latest : latest,
      offsetMs: Math.min(known?.offsetMs ?? Infinity, offsetMs),
    });
  }

  /** Writes what is noted. */
  async write(): Promise<void> {
    const [status, loggers] = [this.status, this.loggers];
    this.status = new Map();
    this.loggers = new Map();
    try {
      await this.writeStatus([...status].sort(([a], [b]) => a - b));
    } finally {
      // When loggers were heard decides who is silent: that does not depend on what gateways say of themselves.
      await this.writeHeard(loggers);
    }
  }

  private async writeHeard(loggers: ReadonlyMap<number, Measured>): Promise<void> {
    for (const { offsetMs } of loggers.values()) this.options.figures?.lag(offsetMs);
    try {
      await this.writeLoggers([...loggers].sort(([a], [b]) => a - b));
    } catch (error) {
      for (const [id, { latest, offsetMs }] of loggers) this.hear(id, latest, offsetMs);
      throw error;
    }
  }

  /** Writes a last time and ends. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let last = false; !last;) {
      await sleep(WRITE_EVERY_MS, signal);
      last = signal.aborted;
      try {
        await this.write();
      } catch (error) {
        this.options.logger.warn({ err: error }, 'notes about devices not written');
      }
    }
  }

  private async writeStatus(status: readonly [number, SaidStatus][]): Promise<void> {
    if (status.length === 0) return;
    await this.options.database.query(
      `WITH said AS (SELECT * FROM unnest($1::int4[], $2::jsonb[], $3::int8[], $4::timestamptz[])
                       AS x (id, status, offset_ms, at)),
            ordered AS (SELECT id FROM gateway WHERE id IN (SELECT id FROM said) ORDER BY id FOR NO KEY UPDATE)
       UPDATE gateway g SET status = said.status, status_at = said.at,
                            clock_offset_ms = coalesce(said.offset_ms, g.clock_offset_ms)
       FROM said JOIN ordered USING (id) WHERE g.id = said.id`,
      [
        status.map(([id]) => id),
        status.map(([, { text }]) => text),
        status.map(([, { offsetMs }]) => offsetMs),
        status.map(([, { at }]) => at),
      ],
    );
  }

  private async writeLoggers(loggers: readonly [number, Measured][]): Promise<void> {
    if (loggers.length === 0) return;
    await this.options.database.query(
      `WITH heard AS (SELECT * FROM unnest($1::int4[], $2::timestamptz[], $3::int4[], $4::int8[])
                        AS x (id, at, gateway_id, offset_ms)),
            ordered AS (SELECT id FROM logger WHERE id IN (SELECT id FROM heard) ORDER BY id FOR NO KEY UPDATE)
       UPDATE logger l SET last_reading_at = greatest(l.last_reading_at, heard.at), last_gateway_id = heard.gateway_id,
                           clock_offset_ms = heard.offset_ms
       FROM heard JOIN ordered USING (id) WHERE l.id = heard.id`,
      [
        loggers.map(([id]) => id),
        loggers.map(([, { latest }]) => new Date(latest.at)),
        loggers.map(([, { latest }]) => latest.gatewayId),
        loggers.map(([, { offsetMs }]) => offsetMs),
      ],
    );
  }
}

/** Against a time that the gateway heard of the platform, which does not depend on how long its status was on its way. */
function offsetOf({ time, bootClock }: GatewayStatus, now: number): number | null {
  if (bootClock !== null) return bootClock.heard.time - bootClock.heard.up - (bootClock.time - bootClock.up);
  return time === null ? null : now - time;
}
