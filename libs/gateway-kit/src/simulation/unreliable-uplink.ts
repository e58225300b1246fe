import { setMaxListeners } from 'node:events';
import { type Clock, type Random, sleep } from '@coldchain/kernel';
import { type UpChannel, Uplink, UplinkConnection, type UplinkListener } from '../send/uplink.js';
import { type Fault, faultsAt } from './fault.js';

/** A frame that is overtaken is held for at most so long. */
const HELD_MS = 1_000;
const LOOK_MS = 100;

/** An uplink that is not there at times, repeats and mixes up what passes, as faults say. */
export class UnreliableUplink extends Uplink {
  constructor(
    private readonly uplink: Uplink,
    private readonly faults: readonly Fault[],
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    super();
  }

  async connect(listener: UplinkListener, signal: AbortSignal): Promise<UplinkConnection | null> {
    if (this.isOffline()) return null;
    const ended = new AbortController();
    // Each frame that is held listens.
    setMaxListeners(0, ended.signal);
    const connection = await this.uplink.connect(
      {
        heard: (channel, payload) => listener.heard(channel, payload),
        closed: () => {
          ended.abort();
          listener.closed();
        },
      },
      signal,
    );
    if (connection === null) return null;
    this.cut(connection, ended, listener).catch(() => undefined);
    return new UnreliableConnection(connection, ended, (kind) => this.happens(kind), this.random);
  }

  /** Ends the connection when the next time without one begins. */
  private async cut(connection: UplinkConnection, ended: AbortController, listener: UplinkListener): Promise<void> {
    if (!this.faults.some(({ kind }) => kind === 'offline')) return;
    while (!ended.signal.aborted) {
      await sleep(LOOK_MS, ended.signal);
      if (ended.signal.aborted || !this.isOffline()) continue;
      ended.abort();
      listener.closed();
      await connection.close();
    }
  }

  private isOffline(): boolean {
    return faultsAt(this.faults, 'offline', this.clock.now()).length > 0;
  }

  private happens(kind: 'duplicates' | 'reordered'): boolean {
    const [fault] = faultsAt(this.faults, kind, this.clock.now());
    return fault !== undefined && this.random.unit() < fault.value;
  }
}

class UnreliableConnection extends UplinkConnection {
  constructor(
    private readonly connection: UplinkConnection,
    private readonly ended: AbortController,
    private readonly happens: (kind: 'duplicates' | 'reordered') => boolean,
    private readonly random: Random,
  ) {
    super();
  }

  async publish(channel: UpChannel, payload: Buffer, retain: boolean): Promise<void> {
    if (channel === 'readings') {
      if (this.happens('reordered')) await sleep(this.random.unit() * HELD_MS, this.ended.signal);
      if (this.ended.signal.aborted) throw new Error('the connection ended');
      if (this.happens('duplicates')) await this.connection.publish(channel, payload, retain);
    }
    await this.connection.publish(channel, payload, retain);
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.connection.close();
  }
}
