import type { KeyObject } from 'node:crypto';
import { type Clock, type Random, sleep } from '@coldchain/kernel';
import mqtt, { type MqttClient } from 'mqtt';
import { CliError } from '../cli-error.js';
import { isSettled, readAcknowledgement } from './acknowledgement.js';
import type { FrameStore, KeptFrame } from './frame-store.js';
import { isSignedBy, readResendRequest } from './platform-message.js';

/** Options of {@link FrameSender}. */
export interface FrameSenderOptions {
  readonly url: string;
  /** `organisation/gateway`: user name and part of the topics. */
  readonly gateway: string;
  readonly password: string;
  /** Key that acknowledgements and commands must be signed with; null: any are believed. */
  readonly platformKey: KeyObject | null;
  readonly store: FrameStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly note: (line: string) => void;
}

/** Frames on their way without PUBACK at most. */
const WINDOW = 200;
/** A frame whose PUBACK came but which no acknowledgement covers is sent again after this time. */
const RESEND_MS = 10_000;
const FIRST_ACKNOWLEDGEMENT_MS = 1_500;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;
const KEEPALIVE_S = 30;
const GOODBYE_MS = 500;

/** CONNACK: bad user name or password, not authorised (MQTT 3.1.1 §3.2.2.3). */
const REFUSED_CODES = [4, 5];

/**
 * Publishes what a store keeps, as a gateway does: QoS 1 with a window, everything again after a lost connection, and a
 * frame is given up only when an application acknowledgement covers it. A broker's PUBACK alone proves nothing.
 */
export class FrameSender {
  private readonly sentAt = new Map<number, number>();
  private inFlight = 0;
  private client: MqttClient | null = null;
  private wake = new AbortController();
  /** Numbers that the platform set aside, with its codes. */
  readonly rejected = new Map<number, string>();

  constructor(private readonly options: FrameSenderOptions) {}

  /** There are new frames in the store, or something else changed. */
  nudge(): void {
    this.wake.abort();
  }

  /**
   * Connects, sends and connects again until aborted.
   * @throws CliError `gateway-refused`
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    const stop = (): void => this.nudge();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const client = await this.connect(signal);
        if (client === null) {
          const wait = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
          await sleep(wait * (0.5 + this.options.random.unit() / 2), signal);
          continue;
        }
        failures = 0;
        await this.serve(client, signal);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private async connect(signal: AbortSignal): Promise<MqttClient | null> {
    const { url, gateway, password, note } = this.options;
    try {
      return await mqtt.connectAsync(
        url,
        {
          username: gateway,
          password,
          protocolVersion: 4,
          clientId: `coldchain-${process.pid}`,
          keepalive: KEEPALIVE_S,
          reconnectPeriod: 0,
          connectTimeout: 5_000,
          will: { topic: this.topic('status'), payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true },
        },
        false,
      );
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (typeof code === 'number' && REFUSED_CODES.includes(code)) {
        throw new CliError(
          'gateway-refused',
          `the broker refuses ${gateway}`,
          'check --gateway ORGANISATION/NAME and its password',
          1,
          { cause: error },
        );
      }
      const reason = error instanceof Error ? error.message || String(code) : String(error);
      if (!signal.aborted) note(`no connection to ${new URL(url).host} (${reason}), trying again`);
      return null;
    }
  }

  private async serve(client: MqttClient, signal: AbortSignal): Promise<void> {
    let closed = false;
    const closing = (): void => {
      closed = true;
      this.nudge();
    };
    client.on('close', closing);
    client.on('error', closing);
    client.on('message', (topic, payload) => this.heard(topic, payload));
    this.client = client;
    this.sentAt.clear();
    this.inFlight = 0;
    try {
      const heard = new Promise<void>((resolve) => client.once('message', () => resolve()));
      await client.subscribeAsync([this.topic('acks'), this.topic('commands')], { qos: 1 });
      client.publish(this.topic('status'), '{"state":"online"}', { qos: 1, retain: true });
      // What a lost connection left open is mostly known there: the acknowledgement that answers us says so.
      await Promise.race([heard, sleep(FIRST_ACKNOWLEDGEMENT_MS, signal)]);
      while (!closed && !signal.aborted) {
        this.wake = new AbortController();
        this.fill(client);
        await sleep(RESEND_MS / 4, this.wake.signal);
      }
    } catch (error) {
      this.options.note(`connection lost (${error instanceof Error ? error.message : String(error)})`);
    } finally {
      this.client = null;
      if (!closed) await this.leave(client);
      await client.endAsync(true).catch(() => undefined);
    }
  }

  /** Says goodbye, so that the last will stays unsaid; not for long: the broker may be busy holding its PUBACKs. */
  private async leave(client: MqttClient): Promise<void> {
    const said = client.publishAsync(this.topic('status'), '{"state":"offline"}', { qos: 1, retain: true });
    await Promise.race([said.catch(() => undefined), sleep(GOODBYE_MS)]);
  }

  private fill(client: MqttClient): void {
    const now = this.options.clock.now();
    for (const frame of this.options.store.frames()) {
      if (this.inFlight >= WINDOW) return;
      if (now - (this.sentAt.get(frame.seq) ?? -Infinity) >= RESEND_MS) this.send(client, frame, now);
    }
  }

  private send(client: MqttClient, { seq, payload }: KeptFrame, now: number): void {
    this.sentAt.set(seq, now);
    this.inFlight++;
    client.publish(this.topic('readings'), payload, { qos: 1 }, () => {
      if (client !== this.client) return;
      this.inFlight--;
      this.nudge();
    });
  }

  private heard(topic: string, payload: Buffer): void {
    const { platformKey, note } = this.options;
    if (platformKey !== null && !isSignedBy(payload, platformKey))
      note('a message that the platform did not sign was ignored');
    else if (topic === this.topic('commands')) this.asked(payload);
    else this.acknowledged(payload);
  }

  /** What the platform misses goes out at once, whatever was sent a moment ago. */
  private asked(payload: Buffer): void {
    const request = readResendRequest(payload);
    if (request?.boot !== this.options.store.header.boot) return;
    for (const seq of this.sentAt.keys()) {
      if (request.ranges.some(([from, to]) => seq >= from && seq <= to)) this.sentAt.delete(seq);
    }
    this.nudge();
  }

  private acknowledged(payload: Buffer): void {
    const { store } = this.options;
    const acknowledgement = readAcknowledgement(payload, store.header.boot);
    if (acknowledgement === null) return;
    for (const [seq, code] of acknowledgement.rejected) if (store.has(seq)) this.rejected.set(seq, code);
    const settled = [...store.frames()].map(({ seq }) => seq).filter((seq) => isSettled(acknowledgement, seq));
    store.settle(settled);
    for (const seq of settled) this.sentAt.delete(seq);
    this.nudge();
  }

  private topic(channel: string): string {
    return `coldchain/v1/${this.options.gateway}/${channel}`;
  }
}
