import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Database } from '@coldchain/database';
import type { IngestFigures } from '../figures/ingest-figures.js';
import type { Gateway, MessageSource, PlatformChannel } from '../message-source.js';
import type { Acknowledgement, BootAcknowledgement } from './acknowledgement.js';
import type { PlatformKey } from './platform-key.js';
import { ResendRequests } from './resend.js';
import type { Watermarks } from './watermarks.js';

const TICK_MS = 50;
/** At most one acknowledgement for a gateway in this time. */
const QUIET_MS = 1_000;
/**
 * While readings wait to be stored: most acknowledgements of a tick. A signature takes a tenth of a millisecond, of a
 * thousand gateways every second a tenth of the processor; who waited longest is first.
 */
const MOST_UNDER_PRESSURE = 10;
/**
 * Longest that a gateway waits for its turn then: what no acknowledgement covers for ten seconds is sent again, and of
 * thousands of gateways that would be more pressure than the acknowledgements are.
 */
const LONGEST_UNDER_PRESSURE_MS = 5_000;
const LAST_SEEN_EVERY_MS = 10_000;
const BOOTS = 16;

interface Pending {
  readonly gateway: Gateway;
  readonly boots: Set<string>;
  /** ms since 1970 */
  readonly since: number;
}

/** Options of {@link Acknowledger}. */
export interface AcknowledgerOptions {
  readonly database: Pick<Database, 'query'>;
  readonly source: MessageSource;
  readonly watermarks: Pick<Watermarks, 'of'>;
  /** Signs what gateways are told. */
  readonly key: PlatformKey;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly figures: Pick<IngestFigures, 'told' | 'lacks'> | null;
  /** Whether readings wait to be stored. */
  readonly isPressed: () => boolean;
}

/**
 * Tells gateways what is durable: at most once a second each, after something of theirs was stored or when they announced
 * themselves; less often while readings wait. Always computed from the database, so it is right whichever process stored
 * what. It also notes when each gateway was last heard.
 */
export class Acknowledger {
  private readonly pending = new Map<number, Pending>();
  private readonly sentAt = new Map<number, number>();
  private readonly heard = new Set<number>();
  private heardWrittenAt = -Infinity;
  private readonly resends = new ResendRequests();
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(private readonly options: AcknowledgerOptions) {}

  start(): void {
    this.loop = this.run();
  }

  /** Something of this gateway is durable now (or set aside); `boot` null: nothing that has a number. */
  touched(gateway: Gateway, boot: string | null): void {
    let pending = this.pending.get(gateway.id);
    if (pending === undefined) {
      this.heard.add(gateway.id);
      this.pending.set(gateway.id, (pending = { gateway, boots: new Set(), since: this.options.clock.now() }));
    }
    if (boot !== null && pending.boots.size < BOOTS) pending.boots.add(boot);
  }

  /** The acknowledgement of a gateway now, as it would be sent; takes what is pending for it. */
  async answer(gateway: Gateway): Promise<Buffer> {
    const boots = this.pending.get(gateway.id)?.boots ?? new Set<string>();
    const answers = await this.options.watermarks.of([{ gatewayId: gateway.id, boots }]);
    return this.payloadOf(answers.get(gateway.id) ?? []);
  }

  /** Sends what is due, without regard to the quiet time, and ends. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.tick(Infinity);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(TICK_MS, signal);
      await this.tick(this.options.clock.now());
    }
  }

  private async tick(now: number): Promise<void> {
    const most = now !== Infinity && this.options.isPressed() ? MOST_UNDER_PRESSURE : Infinity;
    const due: Pending[] = [];
    for (const pending of this.pending.values()) {
      if (due.length >= most && now - pending.since < LONGEST_UNDER_PRESSURE_MS) break;
      if (now - (this.sentAt.get(pending.gateway.id) ?? -Infinity) >= QUIET_MS) due.push(pending);
    }
    for (const { gateway } of due) {
      this.pending.delete(gateway.id);
      this.sentAt.set(gateway.id, now);
    }
    try {
      await this.acknowledge(due.filter(({ gateway }) => this.options.source.listens(gateway)));
      if (now - this.heardWrittenAt >= LAST_SEEN_EVERY_MS && this.heard.size > 0) await this.writeHeard(now);
    } catch (error) {
      // What is due stays due; gateways keep their frames until they hear.
      for (const { gateway, boots } of due) for (const boot of [null, ...boots]) this.touched(gateway, boot);
      this.options.logger.warn({ err: error, gateways: due.length }, 'acknowledgements not computed');
    }
    if (this.sentAt.size > 10_000) this.sentAt.clear();
  }

  private async acknowledge(due: readonly Pending[]): Promise<void> {
    if (due.length === 0) return;
    const { watermarks } = this.options;
    const answers = await watermarks.of(due.map(({ gateway, boots }) => ({ gatewayId: gateway.id, boots })));
    for (const { gateway } of due) {
      const boots = answers.get(gateway.id) ?? [];
      this.send(gateway, 'acks', this.payloadOf(boots));
      this.options.figures?.lacks(gateway.id, missingOf(boots));
      for (const command of this.resends.due(gateway.id, boots, this.options.clock.now())) {
        this.send(gateway, 'commands', this.options.key.signed({ ...command, time: this.time() }));
      }
    }
  }

  private send(gateway: Gateway, channel: PlatformChannel, payload: Buffer): void {
    this.options.source.send(gateway, channel, payload);
    this.options.figures?.told(channel);
  }

  private time(): string {
    return new Date(this.options.clock.now()).toISOString();
  }

  private payloadOf(boots: readonly BootAcknowledgement[]): Buffer {
    return this.options.key.signed({ boots, time: this.time() } satisfies Acknowledgement);
  }

  private async writeHeard(now: number): Promise<void> {
    const ids = [...this.heard];
    this.heard.clear();
    this.heardWrittenAt = now;
    await this.options.database.query(
      `UPDATE gateway SET last_seen_at = now()
       WHERE id IN (SELECT id FROM gateway WHERE id = ANY ($1::int4[]) ORDER BY id FOR NO KEY UPDATE)`,
      [ids],
    );
  }
}

function missingOf(boots: readonly BootAcknowledgement[]): number {
  return boots.reduce((sum, { missing }) => missing.reduce((of, [from, to]) => of + to - from + 1, sum), 0);
}
