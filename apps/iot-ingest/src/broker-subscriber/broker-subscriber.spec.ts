import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@coldchain/database';
import { Random, SeededRandom, sleep, SystemClock } from '@coldchain/kernel';
import { createLogger } from '@coldchain/runtime';
import { GatewayDirectory } from '../gateways/gateway-directory.js';
import { MessageReceiver, type ReceivedMessage } from '../message-source.js';
import { BrokerSubscriber } from './broker-subscriber.js';
import { publishBytes } from '../mqtt-packets/publish-packet.js';

const TOPIC = 'coldchain/v1/north/g1/readings';
const RECEIVE_MAXIMUM = 20;
const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const SUBACK = Buffer.from([0x90, 4, 0, 1, 1, 1]);

/** A broker of MQTT 3.1.1 that gives the whole of a session to every connection, as far as it was not acknowledged. */
class ScriptedBroker {
  connections = 0;
  readonly acknowledged: number[] = [];
  readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(
    private readonly session: readonly Buffer[],
    /** Whether the session comes before SUBACK. */
    private readonly early: boolean,
  ) {
    this.server = createServer((socket) => this.serve(socket));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (bytes) => {
      switch ((bytes[0] as number) >> 4) {
        case 1:
          socket.write(CONNACK);
          if (this.early) this.give(socket);
          return;
        case 8:
          socket.write(SUBACK);
          if (!this.early) this.give(socket);
          return;
        case 4:
          for (let at = 0; at + 3 < bytes.length; at += 4) this.acknowledged.push(bytes.readUInt16BE(at + 2));
          return;
        default:
      }
    });
  }

  private give(socket: Socket): void {
    for (const [index, bytes] of this.session.entries()) {
      if (!this.acknowledged.includes(index + 1)) socket.write(bytes);
    }
  }
}

class Taking extends MessageReceiver {
  readonly messages: ReceivedMessage[] = [];
  constructor(private readonly acknowledges: boolean) {
    super();
  }
  /** Messages that find no room from now on. */
  turnsAway = 0;

  received(message: ReceivedMessage): boolean {
    if (this.turnsAway > 0) {
      this.turnsAway--;
      return false;
    }
    this.messages.push(message);
    if (this.acknowledges) message.acknowledge(message.refusal);
    return true;
  }
  announced(): void {
    // Nobody is answered here.
  }
}

/** Waits are as long as they can be. */
class Longest extends Random {
  bytes(length: number): Buffer {
    return Buffer.alloc(length, 255);
  }
}

const message = (messageId: number, bytes: number): Buffer =>
  publishBytes(TOPIC, Buffer.alloc(bytes, 65), { messageId, version: '3.1.1' });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

describe('BrokerSubscriber at a broker that misbehaves', () => {
  let broker: ScriptedBroker;
  let source: BrokerSubscriber;
  let directory: GatewayDirectory;
  let isAway = false;
  const gateway = {
    id: 1,
    organisation_id: 1,
    organisation: 'north',
    name: 'g1',
    party: 'northMSP:north',
    accepts_unsequenced: false,
  };
  const start = async (
    session: readonly Buffer[],
    early: boolean,
    receiver: MessageReceiver,
    random: Random = new SeededRandom('broker'),
  ): Promise<void> => {
    broker = new ScriptedBroker(session, early);
    const url = await broker.listen();
    const logger = createLogger('spec', 'silent');
    const database = {
      query: async () => {
        if (isAway) throw new Error('database away');
        return [gateway];
      },
    } as unknown as Database;
    directory = new GatewayDirectory(database, new SystemClock(), logger);
    source = new BrokerSubscriber({
      ...{ url, version: '3.1.1', client: 'packets', clientId: 'spec', shareGroup: null },
      ...{ receiveMaximum: RECEIVE_MAXIMUM, directory, random, logger },
    });
    await source.start(receiver);
  };
  beforeEach(() => {
    isAway = false;
  });
  afterEach(async () => {
    directory.stop();
    await source.stop();
    await broker.close();
  });

  it('sets a message aside that is larger than any packet may be, in its order, and takes those behind it', async () => {
    const receiver = new Taking(true);
    await start([message(1, 10), message(2, 9 * 1024 * 1024), message(3, 10)], false, receiver);
    await until(() => broker.acknowledged.length >= 3);
    expect(broker.acknowledged).toEqual([1, 2, 3]);
    expect(broker.connections).toBe(1);
    expect(receiver.messages.map(({ refusal, gateway: { id }, topic }) => [refusal, id, topic])).toEqual([
      [null, 1, TOPIC],
      ['packet-too-large', 1, TOPIC],
      [null, 1, TOPIC],
    ]);
    const kept = receiver.messages[1]?.payload as Buffer;
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(256 * 1024);
    expect(kept.equals(Buffer.alloc(kept.length, 65))).toBe(true);
  });

  it('tries less and less often where bytes come that are none of MQTT', async () => {
    const receiver = new Taking(true);
    const bad = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff]);
    const times: number[] = [];
    await start([bad], false, receiver, new Longest());
    for (let count = 1; count <= 5; count++) {
      await until(() => broker.connections >= count);
      times.push(performance.now());
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    const [first = 0, second = 0, third = 0, fourth = 0] = gaps;
    // 200, 400, 800 and 1600 ms
    expect(third + fourth).toBeGreaterThan(2 * (first + second));
    expect(receiver.messages).toEqual([]);
  });

  it('waits for the database on the connection that stands, though its session keeps it from seeing the SUBACK', async () => {
    isAway = true;
    const session = Array.from({ length: 3 * RECEIVE_MAXIMUM }, (_, index) => message(index + 1, 70_000));
    const receiver = new Taking(true);
    const started = start(session, true, receiver);
    await sleep(12_000);
    expect(broker.connections).toBe(1);
    expect(source.pending).toBe(RECEIVE_MAXIMUM);
    isAway = false;
    await started;
    await until(() => broker.acknowledged.length >= session.length);
    expect(broker.acknowledged).toEqual(session.map((_, index) => index + 1));
    expect(receiver.messages.length).toBe(session.length);
  });

  it('connects again only when what the last connection gave is done, and drops what that never handed over', async () => {
    isAway = true;
    const session = Array.from({ length: RECEIVE_MAXIMUM }, (_, index) => message(index + 1, 100));
    const receiver = new Taking(true);
    await start(session, false, receiver);
    await until(() => source.pending === RECEIVE_MAXIMUM);
    for (const socket of broker.sockets) socket.destroy();
    await sleep(1_500);
    expect(broker.connections).toBe(1);
    isAway = false;
    await until(() => broker.acknowledged.length >= session.length);
    expect(broker.connections).toBe(2);
    expect(receiver.messages.length).toBe(session.length);
  });

  it('is not kept from connecting again by a message that found no room', async () => {
    const session = Array.from({ length: RECEIVE_MAXIMUM }, (_, index) => message(index + 1, 100));
    const receiver = new Taking(true);
    receiver.turnsAway = 15;
    await start(session, false, receiver);
    await until(() => broker.acknowledged.length >= session.length);
    expect(new Set(receiver.messages).size).toBeGreaterThanOrEqual(session.length);
  });
});
