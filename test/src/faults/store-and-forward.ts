import { sleep } from '@coldchain/kernel';
import mqtt, { type MqttClient } from 'mqtt';
import { frame, PASSWORD, type SpecAcknowledgement } from '../contract/ingest-fixture.js';

const WINDOW = 100;
const AGAIN_MS = 2_000;

/**
 * A gateway as it should be: it keeps every frame until an application acknowledgement covers it, and connects again to
 * the next address when its connection is lost. PUBACKs prove nothing to it; it notes them.
 */
export class StoreAndForward {
  private readonly open = new Set<number>();
  private readonly sentAt = new Map<number, number>();
  /** Numbers whose PUBACK came. */
  readonly confirmed = new Set<number>();
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;
  private attempt = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly user: string,
    frames: number,
  ) {
    for (let seq = 0; seq < frames; seq++) this.open.add(seq);
  }

  /** Frames that the platform has not acknowledged. */
  get pending(): number {
    return this.open.size;
  }

  start(): void {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const client = await this.connect();
      if (client === null) await sleep(200, signal);
      else {
        await this.serve(client);
        await client.endAsync(true);
      }
    }
  }

  private async connect(): Promise<MqttClient | null> {
    const url = this.urls[this.attempt++ % this.urls.length] ?? '';
    try {
      const options = { username: this.user, password: PASSWORD, protocolVersion: 4, connectTimeout: 2_000 } as const;
      return await mqtt.connectAsync(url, { ...options, reconnectPeriod: 0, keepalive: 5 }, false);
    } catch {
      return null;
    }
  }

  private async serve(client: MqttClient): Promise<void> {
    const { signal } = this.closing;
    let lost = false;
    client.on('error', () => (lost = true));
    client.on('close', () => (lost = true));
    client.on('message', (_topic, payload) => this.acknowledged(payload));
    this.sentAt.clear();
    await client.subscribeAsync(`coldchain/v1/${this.user}/acks`, { qos: 1 }).catch(() => (lost = true));
    while (!lost && !signal.aborted) {
      this.send(client);
      await sleep(10, signal);
    }
  }

  private send(client: MqttClient): void {
    const now = performance.now();
    const due = [...this.open]
      .filter((seq) => now - (this.sentAt.get(seq) ?? -Infinity) > AGAIN_MS)
      .slice(0, WINDOW / 10);
    for (const seq of due) {
      this.sentAt.set(seq, now);
      client.publish(`coldchain/v1/${this.user}/readings`, frame('sf', seq), { qos: 1 }, (error) => {
        if (!error) this.confirmed.add(seq);
      });
    }
  }

  private acknowledged(payload: Buffer): void {
    const { boots } = JSON.parse(payload.toString('utf8')) as SpecAcknowledgement;
    const contiguous = boots.find(({ boot }) => boot === 'sf')?.contiguous ?? -1;
    for (const seq of this.open) if (seq <= contiguous) this.open.delete(seq);
  }
}
