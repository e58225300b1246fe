import type { Clock } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { BootClocks } from '../clocks/boot-clocks.js';
import { ClockPatience } from '../clocks/clock-patience.js';
import type { DeviceNotes } from '../gateways/device-notes.js';
import type { GatewayPolicies } from '../gateways/gateway-policy.js';
import { type Gateway, type ReceivedMessage, UNKNOWN_GATEWAY } from '../message-source.js';
import { deadLetter, type Entry } from './entry.js';
import type { GroupStore } from './group-store.js';
import { type GroupLimits, Lane } from './lane.js';
import type { FreeSpace } from '../storage/free-space.js';
import type { OutageBreaker } from './outage-breaker.js';
import { readMessages } from './read-message.js';
import { judgeStoreFailure, sqlState } from './store-failure.js';

/** Options of {@link Acceptor}. */
export interface AcceptorOptions {
  readonly store: Pick<GroupStore, 'store'>;
  readonly policies: GatewayPolicies;
  readonly clocks: BootClocks;
  readonly breaker: OutageBreaker;
  readonly space: FreeSpace;
  readonly devices: DeviceNotes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly groupSize: number;
  readonly lingerMs: number;
  readonly maxAgeDays: number;
  /** Bytes of payload that may wait for their commit. */
  readonly maxPendingBytes: number;
  /** Called after the commit and before the acknowledgement, for each message that came from a gateway. */
  readonly touched: (gateway: Gateway, boot: string | null) => void;
  readonly count: (figure: AcceptedFigure, by: number) => void;
}

/** What is counted. */
export type AcceptedFigure = 'messages' | 'frames' | 'readings' | 'duplicates' | 'dead-letters' | 'outages';

/** Messages of a group that were set aside, with their codes. */
type Refusals = Map<ReceivedMessage, string>;

/** One statement stores no more than this; a group of frames is full before it has as many messages as it may have. */
const GROUP_BYTES = 2 * 1024 * 1024;
/** Two writers keep the database busy while this process decodes; a gateway always has the same one. */
const LANES = 2;
/** How long a frame waits for the word on its boot's clock. */
const CLOCK_WAIT_MS = 1_000;

/** Messages of a gateway from the first on that waits, in their order: acknowledgements of a gateway keep theirs. */
interface Waiting {
  readonly messages: ReceivedMessage[];
  readonly timer: NodeJS.Timeout;
}

/**
 * Collects messages over all connections into groups and makes each group durable before any of it is acknowledged.
 * A group that cannot be stored because the database is away waits, unacknowledged, and is tried again; a message that
 * the database objects to is found by halving and set aside, so that it delays nothing behind it.
 */
export class Acceptor {
  private readonly lanes: readonly Lane<ReceivedMessage>[];
  private readonly patience: ClockPatience;
  /** By gateway. */
  private readonly waiting = new Map<number, Waiting>();
  private draining = false;
  private pendingBytes = 0;

  constructor(private readonly options: AcceptorOptions) {
    this.patience = new ClockPatience(options.clocks);
    const limits: GroupLimits<ReceivedMessage> = {
      items: options.groupSize,
      bytes: GROUP_BYTES,
      bytesOf: ({ payload }) => payload.length,
    };
    this.lanes = Array.from(
      { length: LANES },
      () => new Lane(limits, options.lingerMs, (messages) => this.accept(messages)),
    );
  }

  /**
   * Takes a message over; its `acknowledge` is called when it is durable, never if it does not come to that.
   * False: too much waits already, the message was not taken.
   */
  take(message: ReceivedMessage): boolean {
    if (this.pendingBytes >= this.options.maxPendingBytes) return false;
    this.pendingBytes += message.payload.length;
    this.lanes[message.gateway.id % LANES]?.add(message);
    return true;
  }

  /** Whether a group waits for another. What can wait as well should, as long as it is so. */
  get isPressed(): boolean {
    return this.lanes.some((lane) => lane.isPressed);
  }

  /** Resolves when all that was taken is stored and acknowledged, or the breaker was stopped. */
  async drain(): Promise<void> {
    this.draining = true;
    for (const gatewayId of [...this.waiting.keys()]) this.goOn(gatewayId);
    await Promise.all(this.lanes.map((lane) => lane.drain()));
  }

  private async accept(group: readonly ReceivedMessage[]): Promise<void> {
    const arrived = group.filter((message) => !this.joinsWaiting(message));
    if (arrived.length === 0) return;
    const read = await this.persist(arrived.length, () => this.read(arrived));
    const entries = read === null ? null : this.withoutWaiting(read);
    const messages = entries === null ? arrived : entries.map(({ message }) => message);
    const refusals: Refusals = new Map();
    const stored = entries !== null && (await this.store(entries, refusals));
    for (const { payload } of messages) this.pendingBytes -= payload.length;
    if (!stored) return;
    this.options.count('messages', messages.length);
    this.report(entries);
    for (const message of messages) message.acknowledge(refusals.get(message) ?? null);
  }

  /** What is judged now; the rest is read again in a moment, and no other gateway waits for it. */
  private withoutWaiting(entries: readonly Entry[]): readonly Entry[] {
    if (this.draining) return entries;
    const now = this.options.clock.now();
    return entries.filter((entry) => {
      const { message } = entry;
      if (this.joinsWaiting(message)) return false;
      if (!this.patience.shouldWait(entry, now)) return true;
      const { id } = message.gateway;
      this.waiting.set(id, { messages: [message], timer: setTimeout(() => this.goOn(id), CLOCK_WAIT_MS) });
      return false;
    });
  }

  private joinsWaiting(message: ReceivedMessage): boolean {
    const waiting = this.waiting.get(message.gateway.id);
    waiting?.messages.push(message);
    return waiting !== undefined;
  }

  private goOn(gatewayId: number): void {
    const waiting = this.waiting.get(gatewayId);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.waiting.delete(gatewayId);
    this.lanes[gatewayId % LANES]?.addFirst(waiting.messages);
  }

  private async read(messages: readonly ReceivedMessage[]): Promise<readonly Entry[]> {
    const { clock, maxAgeDays, policies, clocks } = this.options;
    await clocks.note(messages);
    const gateways = new Set<number>();
    for (const { gateway } of messages) gateways.add(gateway.id);
    const known = await policies.of(gateways);
    return readMessages(messages, { now: clock.now(), maxAgeDays, policies: known, clocks });
  }

  /** False: stopped before it could be stored; nothing of it may be acknowledged. */
  private async store(entries: readonly Entry[], refusals: Refusals): Promise<boolean> {
    const { store, count } = this.options;
    for (let pending = entries; pending.length > 0;) {
      const done = await this.persist(pending.length, async () => {
        try {
          return await store.store(pending);
        } catch (error) {
          if (judgeStoreFailure(error) === 'data') return { objection: error };
          throw error;
        }
      });
      if (done === null) return false;
      if ('objection' in done) return this.halve(pending, done.objection, refusals);
      for (const { message, code } of done.setAside) refusals.set(message, code);
      for (const { message, of } of done.repeats) {
        const code = refusals.get(of);
        if (code !== undefined) refusals.set(message, code);
      }
      this.options.devices.measured(done.loggers);
      count('frames', done.stored);
      count('readings', done.readings);
      count('duplicates', done.duplicates);
      count('dead-letters', done.setAside.length);
      pending = done.contested;
    }
    return true;
  }

  /** Works with the database until it answers; null: stopped before. */
  private async persist<Result>(messages: number, work: () => Promise<Result>): Promise<Result | null> {
    const { breaker, space, count, logger } = this.options;
    for (;;) {
      if (!(await space.passed()) || !(await breaker.passed())) return null;
      try {
        const result = await work();
        breaker.succeeded();
        return result;
      } catch (error) {
        if (judgeStoreFailure(error) === 'repeat') breaker.succeeded();
        else {
          breaker.failed();
          count('outages', 1);
          logger.error({ err: error, messages }, 'group not stored, acknowledgements held');
        }
      }
    }
  }

  private async halve(entries: readonly Entry[], error: unknown, refusals: Refusals): Promise<boolean> {
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) return this.setAside(only, error, refusals);
    const middle = entries.length >> 1;
    return (
      (await this.store(entries.slice(0, middle), refusals)) && (await this.store(entries.slice(middle), refusals))
    );
  }

  private setAside(entry: Entry, error: unknown, refusals: Refusals): Promise<boolean> {
    const refused = deadLetter(entry, 'storage-refused', { sqlState: sqlState(error) ?? 'unknown' });
    this.options.logger.warn({ gateway: entry.message.gateway.id, sqlState: sqlState(error) }, 'message set aside');
    // A dead letter that cannot be stored either: without its details, so that its number is still rejected; and then its
    // bytes alone, without the names that came with it.
    const bytesOnly = entry.kind === 'dead-letter' && entry.code === refused.code;
    return this.store([bytesOnly ? { ...refused, bytesOnly } : refused], refusals);
  }

  private report(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'status') this.options.devices.said(entry.message);
      if (entry.kind === 'status' || entry.message.gateway === UNKNOWN_GATEWAY) continue;
      this.options.touched(entry.message.gateway, entry.kind === 'frame' && !entry.sequenced ? null : entry.boot);
    }
  }
}
