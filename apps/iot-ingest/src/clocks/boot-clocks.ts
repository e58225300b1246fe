import type { Database } from '@coldchain/database';
import type { Clock } from '@coldchain/kernel';
import type { BootClock } from '@coldchain/telemetry';
import { readStatus } from '../gateways/gateway-status.js';
import type { ReceivedMessage } from '../message-source.js';

/** (gateway, boot) */
export interface BootKey {
  readonly gatewayId: number;
  readonly boot: string;
}

/** Clocks of boots by {@link bootName}. */
export type KnownBootClocks = ReadonlyMap<string, BootClock>;

/** What another process was told is known here after this time. */
const REMEMBER_MS = 3_000;
const REMEMBERED = 100_000;
/** A time of the platform that a gateway claims to have heard may be newer than this process's clock by so much. */
const FUTURE_MS = 15 * 60_000;
/** No gateway counts for longer than that, and no clock is further off. */
const LONGEST_MS = 200 * 366 * 86_400_000;

/** A boot's name in a map. */
export function bootName({ gatewayId, boot }: BootKey): string {
  return `${gatewayId} ${boot}`;
}

/**
 * How clocks of boots stood, as gateways tell it on `status`. What was told first and frames were dated by stays: all
 * deliveries of a frame must have the same times.
 */
export class BootClocks {
  /** Only what was told: that nothing was may change with the next word to another process. */
  private readonly known = new Map<string, { readonly clock: BootClock; readonly until: number }>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Notes what status messages say of clocks. @throws when the database does not answer */
  async note(messages: readonly ReceivedMessage[]): Promise<void> {
    for (const { channel, payload, gateway } of messages) {
      if (channel !== 'status') continue;
      const told = readStatus(payload)?.bootClock;
      if (told == null) continue;
      const wallAtStart = told.time - told.up;
      const shiftMs = told.heard.time - told.heard.up - wallAtStart;
      const isPlausible =
        told.heard.time <= this.clock.now() + FUTURE_MS && Math.abs(shiftMs) < LONGEST_MS && told.heard.up <= told.up;
      if (!isPlausible) continue;
      await this.database.query(NOTE, [gateway.id, told.boot, wallAtStart, shiftMs]);
      this.known.delete(bootName({ gatewayId: gateway.id, boot: told.boot }));
    }
  }

  /**
   * Clocks of boots, where they were told. What is used from now on does not change any more.
   * @throws when the database does not answer
   */
  async of(keys: readonly BootKey[]): Promise<KnownBootClocks> {
    const now = this.clock.now();
    if (this.known.size > REMEMBERED) this.known.clear();
    const wanted = new Map(keys.map((key) => [bootName(key), key]));
    const missing = [...wanted].filter(([name]) => (this.known.get(name)?.until ?? -Infinity) < now);
    if (missing.length > 0) {
      const rows = await this.database.query<ClockRow>(SELECT, [
        missing.map(([, { gatewayId }]) => gatewayId),
        missing.map(([, { boot }]) => boot),
      ]);
      for (const [name] of missing) this.known.delete(name);
      for (const row of rows) {
        const clock = { wallAtStart: row.wall_at_start, shiftMs: row.shift_ms };
        const name = bootName({ gatewayId: row.gateway_id, boot: row.boot });
        this.known.set(name, { clock, until: row.used ? Infinity : now + REMEMBER_MS });
      }
    }
    return new Map(
      [...wanted.keys()].flatMap((name) => {
        const clock = this.known.get(name)?.clock;
        return clock === undefined ? [] : [[name, clock] as const];
      }),
    );
  }

  /** Whether a clock was found when the boot was asked for last. */
  knows(key: BootKey): boolean {
    return this.known.has(bootName(key));
  }

  /** Frames are dated by the clocks of these boots; gives the clocks as they stand now for good. */
  async use(keys: readonly BootKey[]): Promise<KnownBootClocks> {
    const rows = await this.database.query<ClockRow>(USE, [
      keys.map(({ gatewayId }) => gatewayId),
      keys.map(({ boot }) => boot),
    ]);
    return new Map(
      rows.map((row) => {
        const clock = { wallAtStart: row.wall_at_start, shiftMs: row.shift_ms };
        const name = bootName({ gatewayId: row.gateway_id, boot: row.boot });
        this.known.set(name, { clock, until: Infinity });
        return [name, clock] as const;
      }),
    );
  }
}

interface ClockRow {
  readonly gateway_id: number;
  readonly boot: string;
  readonly wall_at_start: number;
  readonly shift_ms: number;
  readonly used: boolean;
}

const WANTED = 'unnest($1::int4[], $2::text[]) AS wanted (gateway_id, boot)';
const SELECT = `
  SELECT s.gateway_id, s.boot, c.wall_at_start::float8 AS wall_at_start, c.shift_ms::float8 AS shift_ms, c.used
  FROM ${WANTED} JOIN stream s USING (gateway_id, boot) JOIN boot_clock c ON c.stream = s.id`;
const USE = `
  UPDATE boot_clock c SET used = true
  FROM ${WANTED} JOIN stream s USING (gateway_id, boot) WHERE c.stream = s.id
  RETURNING s.gateway_id, s.boot, c.wall_at_start::float8 AS wall_at_start, c.shift_ms::float8 AS shift_ms, c.used`;
const NOTE = `
  WITH made AS (
    INSERT INTO stream (gateway_id, boot) SELECT g.id, $2 FROM gateway g WHERE g.id = $1
    ON CONFLICT (gateway_id, boot) DO NOTHING RETURNING id
  ), s AS (SELECT id FROM made UNION ALL SELECT id FROM stream WHERE gateway_id = $1 AND boot = $2)
  INSERT INTO boot_clock AS c (stream, wall_at_start, shift_ms) SELECT id, $3, $4 FROM s LIMIT 1
  ON CONFLICT (stream) DO UPDATE SET wall_at_start = excluded.wall_at_start, shift_ms = excluded.shift_ms, told_at = now()
  WHERE NOT c.used`;
