import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const PUBACK_BYTES = 4;

/**
 * Publishes with QoS 1 by writing packets of MQTT 3.1.1 to a socket: a publisher that costs little beside what is measured.
 * Only for brokers that send nothing but PUBACKs back.
 */
export class RawPublisher {
  private confirmed = 0;
  private sent = 0;
  private wake: (() => void) | null = null;

  private constructor(
    private readonly socket: Socket,
    private readonly window: number,
  ) {}

  /** Connects; `user` is user name and client id. */
  static async connect(port: number, user: string, password: string, window: number): Promise<RawPublisher> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    socket.write(connectPacket(user, password));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer[0] !== 0x20 || answer[3] !== 0) throw new Error(`CONNACK ${answer.toString('hex')}`);
    const publisher = new RawPublisher(socket, window);
    let rest = 0;
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest + chunk.length;
      publisher.confirm(Math.floor(bytes / PUBACK_BYTES));
      rest = bytes % PUBACK_BYTES;
    });
    socket.on('error', () => undefined);
    return publisher;
  }

  /** Told the place of each confirmed message; brokers confirm in order. */
  onConfirmed: ((index: number) => void) | null = null;

  /** Publishes; waits while `window` messages are without PUBACK. */
  async enqueue(topic: string, payload: Buffer): Promise<void> {
    if (this.sent - this.confirmed >= this.window) await this.room();
    this.sent++;
    if (!this.socket.write(publishPacket(topic, payload, (this.sent % 65_535) + 1))) await once(this.socket, 'drain');
  }

  /**
   * Publishes all of a prepared load and resolves when it is confirmed. Nothing is made of a message meanwhile, so that the
   * publishers take little of the processors; each packet leaves by itself, as those of many gateways do.
   */
  async publishAll({ bytes, ends }: PreparedLoad): Promise<void> {
    const begin = this.confirmed;
    for (let next = 0; next < ends.length;) {
      const until = Math.min(ends.length, this.confirmed - begin + this.window);
      if (until === next) {
        await this.room();
        continue;
      }
      this.sent += until - next;
      for (; next < until; next++) this.socket.write(bytes.subarray(ends[next - 1] ?? 0, ends[next]));
    }
    await this.settled();
  }

  /** Resolves when all are confirmed. */
  async settled(): Promise<void> {
    while (this.confirmed < this.sent) await this.room();
  }

  close(): void {
    this.socket.destroy();
  }

  private confirm(count: number): void {
    for (let each = 0; each < count; each++) {
      this.onConfirmed?.(this.confirmed);
      this.confirmed++;
    }
    this.wake?.();
    this.wake = null;
  }

  private room(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}

/** Packets of a load, one behind the other, and where each ends. */
export interface PreparedLoad {
  readonly bytes: Buffer;
  readonly ends: readonly number[];
}

/** The packets of these messages for {@link RawPublisher.publishAll} of one publisher that publishes nothing else. */
export function preparedLoad(messages: readonly { readonly topic: string; readonly payload: Buffer }[]): PreparedLoad {
  const packets = messages.map(({ topic, payload }, index) => publishPacket(topic, payload, (index % 65_535) + 1));
  let end = 0;
  return { bytes: Buffer.concat(packets), ends: packets.map((packet) => (end += packet.length)) };
}

function connectPacket(user: string, password: string): Buffer {
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc2, 0, 0]), text(user), text(user), text(password)]);
  return Buffer.concat([Buffer.from([0x10]), length(body.length), body]);
}

function publishPacket(topic: string, payload: Buffer, id: number): Buffer {
  const name = text(topic);
  const bytes = name.length + 2 + payload.length;
  return Buffer.concat([Buffer.from([0x32]), length(bytes), name, Buffer.from([id >> 8, id & 255]), payload]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

function length(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    rest >>= 7;
    if (rest === 0) return Buffer.from(bytes);
  }
}
