import { MqttUplink } from '@coldchain/cli/gateway';
import {
  FrameLog,
  FrameSender,
  MemoryLogStorage,
  SystemGatewayClock,
  type UpChannel,
  Uplink,
  UplinkConnection,
  type UplinkListener,
} from '@coldchain/gateway-kit';
import { SystemRandom } from '@coldchain/kernel';
import { frame, PASSWORD } from '../contract/ingest-fixture.js';

const BOOT = 'sf';

/** What a spec varies. */
export interface Sending {
  /** Default: a frame of one reading. */
  readonly payload?: (boot: string, seq: number) => Buffer;
}

/** A gateway of the kit that has frames to send, connects to the next address each time, and notes what PUBACKs came. */
export class StoreAndForward {
  /** Numbers whose PUBACK came; to the gateway they prove nothing. */
  readonly confirmed = new Set<number>();
  private readonly closing = new AbortController();
  private readonly log: FrameLog;
  private readonly sender: FrameSender;
  private running: Promise<void> | undefined;

  constructor(
    urls: readonly string[],
    user: string,
    private readonly frames: number,
    { payload = frame }: Sending = {},
  ) {
    const owner = { gateway: user, source: 'spec', startedAt: 0, boot: BOOT };
    this.log = FrameLog.open(new MemoryLogStorage(), owner);
    this.log.append(
      Array.from({ length: frames }, () => ({
        payload: (boot, seq) => payload(boot, seq),
        readings: 1,
        lastAt: 0,
      })),
    );
    this.sender = new FrameSender({
      log: this.log,
      uplink: new NextUplink(urls, user, this.confirmed),
      clock: new SystemGatewayClock(),
      random: new SystemRandom(),
      platformKey: null,
      bounds: { backlogPerSecond: 1_000, backlogWindow: 100 },
      wallAtStart: () => new Map(),
      note: () => undefined,
    });
  }

  /** Frames that the platform has not acknowledged. */
  get pending(): number {
    return this.log.pending;
  }

  /** Numbers that the platform has acknowledged. */
  get acknowledged(): readonly number[] {
    return Array.from({ length: this.frames }, (_, seq) => seq).filter((seq) => !this.log.has(BOOT, seq));
  }

  start(): void {
    this.running = this.sender.run(this.closing.signal);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }
}

class NextUplink extends Uplink {
  private attempt = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly gateway: string,
    private readonly confirmed: Set<number>,
  ) {
    super();
  }

  async connect(listener: UplinkListener, signal: AbortSignal): Promise<UplinkConnection | null> {
    const url = this.urls[this.attempt++ % this.urls.length] ?? '';
    const uplink = new MqttUplink({ url, gateway: this.gateway, password: PASSWORD, note: () => undefined });
    const connection = await uplink.connect(listener, signal);
    return connection === null ? null : new NotingConnection(connection, this.confirmed);
  }
}

class NotingConnection extends UplinkConnection {
  constructor(
    private readonly connection: UplinkConnection,
    private readonly confirmed: Set<number>,
  ) {
    super();
  }

  async publish(channel: UpChannel, payload: Buffer, retain: boolean): Promise<void> {
    await this.connection.publish(channel, payload, retain);
    if (channel === 'readings') this.confirmed.add((JSON.parse(payload.toString()) as { seq: number }).seq);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
