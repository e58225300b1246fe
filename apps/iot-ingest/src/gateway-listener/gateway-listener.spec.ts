import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import { createLogger, type Logger } from '@coldchain/runtime';
import { generate, type IConnackPacket, type IConnectPacket, type Packet, type Parser, parser } from 'mqtt-packet';
import type { Authentication } from '../gateways/gateway-authentication.js';
import { type Gateway, MessageReceiver, type ReceivedMessage } from '../message-source.js';
import { GatewayListener } from './gateway-listener.js';
import { FEW_OF_ONE } from './listener-load.js';

const SEED = `${process.pid}-${performance.now()}`;
const MOST_CONNECTIONS = 50;
const gatewayOf = (id: number, name: string): Gateway => ({
  id,
  organisationId: 1,
  organisation: 'north',
  name,
  party: 'northMSP:north',
  acceptsUnsequenced: false,
});
const GATEWAYS: Readonly<Record<string, Gateway>> = { 'north/g1': gatewayOf(1, 'g1'), 'north/g2': gatewayOf(2, 'g2') };

class Taking extends MessageReceiver {
  readonly messages: ReceivedMessage[] = [];
  readonly announcements: string[] = [];
  hasRoom = true;

  received(message: ReceivedMessage): boolean {
    if (this.hasRoom) this.messages.push(message);
    return this.hasRoom;
  }

  announced({ name }: Gateway): void {
    this.announcements.push(name);
  }

  texts(): string[] {
    return this.messages.map(({ channel, payload }) => `${channel} ${payload.toString('latin1')}`);
  }
}

/** The other side of a connection, packet by packet. */
class Peer {
  readonly heard: Packet[] = [];
  private readonly reader: Parser;
  closed = false;

  constructor(
    readonly socket: Socket,
    readonly protocolVersion: 4 | 5,
  ) {
    this.reader = parser({ protocolVersion });
    this.reader.on('packet', (packet) => this.heard.push(packet));
    socket.on('data', (bytes) => this.reader.parse(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet, { protocolVersion: this.protocolVersion }));
  }

  publish(payload: string, more: Partial<Packet & { qos: 0 | 1 | 2; topic: string }> = {}): void {
    this.send({
      ...{ cmd: 'publish', topic: 'coldchain/v1/north/g1/readings', payload, qos: 1, messageId: 1 },
      ...{ dup: false, retain: false },
      ...more,
    } as Packet);
  }

  async hears<Kind extends Packet['cmd']>(cmd: Kind): Promise<Packet & { cmd: Kind }> {
    return until(() => this.heard.find((packet): packet is Packet & { cmd: Kind } => packet.cmd === cmd));
  }
}

async function until<Found>(look: () => Found | undefined | false): Promise<Found> {
  for (let wait = 0; wait < 1_000; wait++) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await sleep(5);
  }
  throw new Error('it did not come to that');
}

/** Says nothing; what is warned of for want of places is noted. */
function loggerOf(warnings: unknown[]): Logger {
  const logger = createLogger('spec', 'silent');
  logger.warn = (data: unknown, text?: string): void => {
    if (text === 'no place for more connections') warnings.push(data);
  };
  return logger;
}

describe('GatewayListener', () => {
  let listener: GatewayListener;
  let receiver: Taking;
  let peers: Peer[];
  let warnings: unknown[];
  let answers: (user: string) => Promise<Authentication>;

  beforeEach(async () => {
    peers = [];
    warnings = [];
    receiver = new Taking();
    answers = async (user) => {
      const gateway = GATEWAYS[user];
      return gateway === undefined ? { ok: false, code: 'refused' } : { ok: true, gateway };
    };
    listener = new GatewayListener({
      ...{ host: '127.0.0.1', port: 0, maxConnections: MOST_CONNECTIONS, certificate: null },
      authentication: { authenticate: (user) => answers(user) },
      random: new SeededRandom('listener'),
      logger: loggerOf(warnings),
    });
    await listener.start(receiver);
  });
  afterEach(async () => {
    for (const { socket } of peers) socket.destroy();
    await listener.stop();
  });

  const open = async (protocolVersion: 4 | 5): Promise<Peer> => {
    const socket = connect({ port: listener.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const peer = new Peer(socket, protocolVersion);
    peers.push(peer);
    return peer;
  };
  const enter = async (protocolVersion: 4 | 5, more: Partial<IConnectPacket> = {}): Promise<Peer> => {
    const peer = await open(protocolVersion);
    const wanted = { clientId: 'c1', username: 'north/g1', password: Buffer.from('p'), keepalive: 0, clean: true };
    peer.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion, ...wanted, ...more });
    await peer.hears('connack');
    return peer;
  };
  const codeOf = ({ heard }: Peer): number | undefined => {
    const connack = heard[0] as IConnackPacket;
    return connack.reasonCode ?? connack.returnCode;
  };

  it('tells a gateway of MQTT 5 what it may do, and gives it a client id where it has none', async () => {
    const peer = await enter(5, { clientId: '', properties: { sessionExpiryInterval: 600 } });
    expect(peer.heard[0]).toMatchObject({
      reasonCode: 0,
      sessionPresent: false,
      properties: {
        ...{ sessionExpiryInterval: 0, receiveMaximum: FEW_OF_ONE, maximumPacketSize: 1_048_576, topicAliasMaximum: 4 },
        ...{ wildcardSubscriptionAvailable: false, sharedSubscriptionAvailable: false },
        assignedClientIdentifier: expect.stringMatching(/^[0-9a-f]{24}$/),
      },
    });
  });

  it.each<[string, Partial<IConnectPacket>, 'refused' | 'busy' | 'away', number, number]>([
    ['a wrong password', { username: 'north/nobody' }, 'refused', 4, 0x86],
    ['too many attempts', {}, 'busy', 3, 0x88],
    ['a database that is away', {}, 'away', 3, 0x88],
  ])('refuses for %s', async (_, connectWith, how, returnCode, reasonCode) => {
    if (how === 'busy') answers = async () => ({ ok: false, code: 'busy' });
    if (how === 'away') answers = () => Promise.reject(new Error('away'));
    const old = await enter(4, connectWith);
    expect(codeOf(old)).toBe(returnCode);
    await until(() => old.closed);
    const peer = await enter(5, connectWith);
    expect(codeOf(peer)).toBe(reasonCode);
    await until(() => peer.closed);
  });

  it('refuses a session that is to be kept under no name, which MQTT 3.1.1 forbids', async () => {
    const peer = await open(4);
    const connect = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: '', clean: true } as const;
    const bytes = generate({ ...connect, keepalive: 0, username: 'north/g1', password: Buffer.from('p') });
    const FLAGS_AT = 9;
    bytes[FLAGS_AT] = (bytes[FLAGS_AT] as number) & ~2;
    peer.socket.write(bytes);
    await peer.hears('connack');
    expect(codeOf(peer)).toBe(2);
  });

  it.each([{ receiveMaximum: 0 }, { maximumPacketSize: 0 }])(
    'refuses a gateway that could hear nothing: %j',
    async (none) => {
      const peer = await enter(5, { properties: none });
      expect(codeOf(peer)).toBe(0x82);
      await until(() => peer.closed);
    },
  );

  it('turns away whom there is no place for, and takes others when there is one', async () => {
    const all: Peer[] = [];
    for (let place = 0; place < MOST_CONNECTIONS; place++) all.push(await enter(4, { clientId: `c${place}` }));
    const more = await open(4);
    await until(() => more.closed);
    all[0]?.socket.destroy();
    await sleep(50);
    const next = await enter(4, { clientId: 'next' });
    expect(codeOf(next)).toBe(0);
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([{ turnedAway: 1, maxConnections: MOST_CONNECTIONS }]);
  });

  it('refuses other ways to prove oneself than a password', async () => {
    expect(codeOf(await enter(5, { properties: { authenticationMethod: 'SCRAM-SHA-1' } }))).toBe(0x8c);
  });

  it.each([
    ['no MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a PUBLISH first', generate({ cmd: 'publish', topic: 'a', payload: 'b', qos: 0, dup: false, retain: false })],
    ['a CONNECT without end', Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0x3f]), Buffer.alloc(200_000, 0x41)])],
    ['a CONNECT that is too long', Buffer.concat([Buffer.from([0x10, 0xc0, 0xb8, 0x02]), Buffer.alloc(30_000, 0x41)])],
    ['a length that has none', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 1])],
    ['a version that nobody speaks', Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9, 2, 0, 0, 0, 0])],
  ])('ends a connection that begins with %s', async (_, bytes) => {
    const peer = await open(4);
    peer.socket.write(bytes);
    await until(() => peer.closed);
    expect(peer.heard).toEqual([]);
  });

  it('takes what was sent behind CONNECT only once it is proved, in its order', async () => {
    let prove = (): void => undefined;
    answers = () =>
      new Promise((resolve) => (prove = () => resolve({ ok: true, gateway: GATEWAYS['north/g1'] as Gateway })));
    const peer = await open(4);
    const wanted = { clientId: 'c1', username: 'north/g1', password: Buffer.from('p'), keepalive: 0, clean: true };
    peer.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, ...wanted });
    for (let id = 1; id <= 50; id++) peer.publish(`m${id}`, { messageId: id });
    await sleep(50);
    expect(receiver.messages).toEqual([]);
    prove();
    await until(() => receiver.messages.length === 50);
    expect(receiver.texts()).toEqual(Array.from({ length: 50 }, (_, index) => `readings m${index + 1}`));
    await peer.hears('connack');
    expect(peer.heard).toHaveLength(1);
  });

  it('takes any amount behind CONNECT, and answers pings and confirms in the order in which they came', async () => {
    const peer = await open(4);
    const wanted = { clientId: 'c1', username: 'north/g1', password: Buffer.from('p'), keepalive: 0, clean: true };
    const pairs = Array.from({ length: 10_000 }, (_, index) =>
      Buffer.concat([
        generate({ cmd: 'pingreq' }),
        generate({ cmd: 'pubrel', messageId: index + 1, qos: 1 } as Packet),
      ]),
    );
    const connect = generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, ...wanted });
    peer.socket.write(Buffer.concat([connect, ...pairs]));
    await until(() => peer.heard.length === 20_001);
    expect(peer.heard.slice(1).map(({ cmd, messageId }) => (cmd === 'pingresp' ? 'pong' : messageId))).toEqual(
      pairs.flatMap((_, index) => ['pong', index + 1]),
    );
  });

  it('says in PUBACK under which code a message was set aside, to who speaks MQTT 5 and wants to know', async () => {
    const [wants, doesNot, old] = [
      await enter(5),
      await enter(5, { clientId: 'c2', properties: { requestProblemInformation: false } }),
      await enter(4, { clientId: 'c3' }),
    ];
    for (const peer of [wants, doesNot, old]) {
      for (const [index, code] of [null, 'json-invalid', 'signature-invalid', 'storage-refused'].entries()) {
        peer.publish('x', { messageId: index + 1 });
        const message = await until(() => receiver.messages.shift());
        message.acknowledge(code);
      }
      await until(() => peer.heard.filter(({ cmd }) => cmd === 'puback').length === 4);
    }
    const told = ({ heard }: Peer): unknown[] =>
      heard
        .filter((packet) => packet.cmd === 'puback')
        .map(({ messageId, reasonCode, properties }) => [messageId, reasonCode, properties?.reasonString]);
    expect(told(wants)).toEqual([
      [1, 0, undefined],
      [2, 0x99, 'json-invalid'],
      [3, 0x87, 'signature-invalid'],
      [4, 0x83, 'storage-refused'],
    ]);
    expect(told(doesNot)).toEqual([1, 2, 3, 4].map((id) => [id, [0, 0x99, 0x87, 0x83][id - 1], undefined]));
    expect(told(old)).toEqual([1, 2, 3, 4].map((id) => [id, undefined, undefined]));
  });

  it.each([4, 5] as const)(
    'confirms QoS 2 in two steps, the first after the message is safe (MQTT %s)',
    async (version) => {
      const peer = await enter(version);
      peer.publish('twice safe', { qos: 2, messageId: 9 });
      const message = await until(() => receiver.messages[0]);
      await sleep(30);
      expect(peer.heard).toHaveLength(1);
      message.acknowledge(null);
      expect(await peer.hears('pubrec')).toMatchObject({ messageId: 9 });
      peer.send({ cmd: 'pubrel', messageId: 9 });
      expect(await peer.hears('pubcomp')).toMatchObject({ messageId: 9 });
    },
  );

  it('keeps names that a gateway gives to its topics, and ends it for a name that stands for nothing', async () => {
    const peer = await enter(5);
    const named = (topic: string, topicAlias: number, payload: string): void =>
      peer.publish(payload, { topic, properties: { userProperties: { a: 'b' }, topicAlias } } as never);
    named('coldchain/v1/north/g1/readings', 1, 'a');
    named('coldchain/v1/north/g1/status', 4, 'b');
    named('', 1, 'c');
    named('', 4, 'd');
    named('', 2, 'e');
    await until(() => peer.closed);
    expect(receiver.texts()).toEqual(['readings a', 'status b', 'readings c', 'status d']);
    expect(await peer.hears('disconnect')).toMatchObject({ reasonCode: 0x81 });
  });

  const will = { topic: 'coldchain/v1/north/g1/status', payload: Buffer.from('{"state":"offline"}'), qos: 1 as const };
  const OFFLINE = 'status {"state":"offline"}';

  it.each<[string, (peer: Peer) => void, readonly string[]]>([
    ['is lost', ({ socket }) => socket.resetAndDestroy(), [OFFLINE]],
    ['is ended without a word', ({ socket }) => socket.end(), [OFFLINE]],
    ['is ended in order', (peer) => peer.send({ cmd: 'disconnect' }), []],
    ['is ended by a packet of no meaning', ({ socket }) => socket.write(Buffer.from([0xf0, 0])), [OFFLINE]],
  ])('takes the last will of a gateway whose connection %s', async (_, end, taken) => {
    const peer = await enter(4, { will });
    end(peer);
    await until(() => peer.closed);
    await sleep(50);
    expect(receiver.texts()).toEqual(taken);
  });

  it('takes a last will that its gateway asks for, and not when the platform stops', async () => {
    const peer = await enter(5, { will });
    peer.send({ cmd: 'disconnect', reasonCode: 4 });
    await until(() => receiver.messages.length === 1);
    const other = await enter(5, { will });
    await listener.pause();
    await listener.stop();
    await until(() => other.closed);
    expect(await other.hears('disconnect')).toMatchObject({ reasonCode: 0x8b });
    expect(receiver.texts()).toEqual([OFFLINE]);
  });

  it('lets a gateway take the place of its own connection of the same id, and of no other', async () => {
    const first = await enter(5, { will });
    const stranger = await enter(5, { username: 'north/g2' });
    const second = await enter(5, { will });
    await until(() => first.closed);
    expect(await first.hears('disconnect')).toMatchObject({ reasonCode: 0x8e });
    expect([stranger.closed, second.closed]).toEqual([false, false]);
    expect(receiver.texts()).toEqual([OFFLINE]);
    second.publish('x');
    await until(() => receiver.messages.length === 2);
  });

  it('hands the last will over before anything that its gateway says on the connection that takes the place', async () => {
    const first = await enter(5, { will });
    // As with a gateway that lost its line: nobody answers there.
    first.socket.pause().removeAllListeners('end');
    const second = await enter(5, { will });
    second.publish('{"state":"online"}', { topic: will.topic });
    await until(() => receiver.messages.length === 2);
    expect(receiver.texts()).toEqual([OFFLINE, 'status {"state":"online"}']);
    first.socket.resume();
    await until(() => first.closed);
    await sleep(50);
    expect(receiver.messages).toHaveLength(2);
  });

  it('ends who is silent for one and a half of its keep-alive, and nobody who pings', async () => {
    const silent = await enter(4, { keepalive: 1 });
    const lively = await enter(4, { clientId: 'c2', keepalive: 1 });
    const pinging = setInterval(() => lively.send({ cmd: 'pingreq' }), 400);
    try {
      await until(() => silent.closed);
      await sleep(700);
      expect(lively.closed).toBe(false);
      await lively.hears('pingresp');
    } finally {
      clearInterval(pinging);
    }
  });

  it.each([4, 5] as const)('lets a gateway listen on its own channels alone (MQTT %s)', async (version) => {
    const peer = await enter(version);
    const topics = ['g1/acks', 'g2/acks', 'g1/readings', '+/acks', 'g1/commands', '#'];
    peer.send({
      cmd: 'subscribe',
      messageId: 7,
      subscriptions: topics.map((topic) => ({
        topic: `coldchain/v1/north/${topic}`,
        qos: topic === 'g1/acks' ? 2 : 0,
      })),
    });
    const refused = version === 5 ? 0x87 : 0x80;
    expect((await peer.hears('suback')).granted).toEqual([1, refused, refused, refused, 0, refused]);
    expect(receiver.announcements).toEqual(['g1']);
    const [own, other] = [GATEWAYS['north/g1'] as Gateway, GATEWAYS['north/g2'] as Gateway];
    expect([listener.listens(own), listener.listens(other)]).toEqual([true, false]);
    listener.send(own, 'acks', Buffer.from('a'));
    listener.send(own, 'commands', Buffer.from('c'));
    listener.send(other, 'acks', Buffer.from('nobody'));
    await until(() => peer.heard.filter(({ cmd }) => cmd === 'publish').length === 2);
    const told = peer.heard.filter((packet) => packet.cmd === 'publish');
    expect(told.map(({ topic, qos, payload }) => [topic, qos, String(payload)])).toEqual([
      ['coldchain/v1/north/g1/acks', 1, 'a'],
      ['coldchain/v1/north/g1/commands', 0, 'c'],
    ]);
    peer.send({ cmd: 'unsubscribe', messageId: 8, unsubscriptions: ['coldchain/v1/north/g1/acks', 'x'] });
    expect(await peer.hears('unsuback')).toMatchObject({ messageId: 8, ...(version === 5 && { granted: [0, 0x11] }) });
    expect(listener.listens(own)).toBe(false);
  });

  it('sends nothing larger than a gateway said that it takes', async () => {
    const peer = await enter(5, { properties: { maximumPacketSize: 100 } });
    const topic = 'coldchain/v1/north/g1/acks';
    peer.send({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic, qos: 1 }] });
    await peer.hears('suback');
    for (const length of [100, 50]) listener.send(GATEWAYS['north/g1'] as Gateway, 'acks', Buffer.alloc(length));
    expect((await peer.hears('publish')).payload).toHaveLength(50);
  });

  it('reads no further of who has much in hand, hears everybody else, and goes on when it is done', async () => {
    const [eager, other] = [await enter(4), await enter(4, { clientId: 'c2', username: 'north/g2' })];
    for (let id = 1; id <= 5_000; id++) eager.publish(`e${id}`, { messageId: id });
    await until(() => receiver.messages.length >= 1_000);
    await sleep(100);
    expect(receiver.messages).toHaveLength(1_000);
    other.send({ cmd: 'pingreq' });
    await other.hears('pingresp');
    other.publish('mine', { topic: 'coldchain/v1/north/g2/readings' });
    await until(() => receiver.messages.length === 1_001);
    for (let done = 0; done < 5_001;) {
      await until(() => receiver.messages.length > done);
      for (; done < receiver.messages.length; done++) receiver.messages[done]?.acknowledge(null);
    }
    await until(() => eager.heard.length === 5_001);
    expect(eager.heard.slice(1).map(({ messageId }) => messageId)).toEqual(
      Array.from({ length: 5_000 }, (_, index) => index + 1),
    );
  });

  it('takes no more large messages than fit while none is stored, ends nobody, and takes the rest when they are', async () => {
    const [CONNECTIONS, EACH, BYTES] = [40, 20, 30_000];
    const all: Peer[] = [];
    for (let index = 0; index < CONNECTIONS; index++) all.push(await enter(4, { clientId: `c${index}` }));
    const payload = 'x'.repeat(BYTES);
    for (const peer of all) for (let id = 1; id <= EACH; id++) peer.publish(payload, { messageId: id });
    await until(() => receiver.messages.length >= 280);
    await sleep(200);
    const inHand = receiver.messages.reduce((sum, message) => sum + message.payload.length, 0);
    expect(inHand).toBeLessThan(8 * 1024 * 1024 + CONNECTIONS * 2 * BYTES);
    for (let done = 0; done < CONNECTIONS * EACH;) {
      await until(() => receiver.messages.length > done);
      for (; done < receiver.messages.length; done++) receiver.messages[done]?.acknowledge(null);
    }
    await until(() => all.every(({ heard }) => heard.length === 1 + EACH));
    expect(all.some(({ closed }) => closed)).toBe(false);
  });

  it('counts what a message takes by its whole packet', async () => {
    const peer = await enter(4);
    const topic = 'x'.repeat(60_000);
    for (let id = 1; id <= 100; id++) peer.publish('', { topic, messageId: id });
    await until(() => receiver.messages.length > 0);
    await sleep(200);
    expect(receiver.messages.length).toBeLessThan(20);
  });

  it('goes on with who asks for no acknowledgement and had too much in hand', async () => {
    const peer = await enter(4);
    for (let sent = 0; sent < 3_000; sent++) peer.publish(`e${sent}`, { qos: 0 });
    for (let done = 0; done < 3_000;) {
      await until(() => receiver.messages.length > done);
      for (; done < receiver.messages.length; done++) receiver.messages[done]?.acknowledge(null);
    }
    expect(peer.heard).toHaveLength(1);
  });

  it('ends a connection for which there is no room, and tells it so', async () => {
    receiver.hasRoom = false;
    const peer = await enter(5);
    peer.publish('x');
    await until(() => peer.closed);
    expect(await peer.hears('disconnect')).toMatchObject({ reasonCode: 0x97 });
    receiver.hasRoom = true;
    const again = await enter(5);
    again.publish('x');
    (await until(() => receiver.messages[0])).acknowledge(null);
    await again.hears('puback');
  });

  it(`ends nothing but the connection that bytes without meaning came by, seed ${SEED}`, async () => {
    const random = new SeededRandom(SEED);
    const neighbour = await enter(5, { clientId: 'neighbour', username: 'north/g2' });
    const good = (version: 4 | 5): Buffer[] =>
      (
        [
          { cmd: 'publish', topic: 'coldchain/v1/north/g1/readings', payload: 'x', qos: 1, messageId: 3, dup: false },
          { cmd: 'publish', topic: 'a', payload: 'y', qos: 2, messageId: 4, dup: false, properties: { topicAlias: 2 } },
          { cmd: 'subscribe', messageId: 5, subscriptions: [{ topic: 'coldchain/v1/north/g1/acks', qos: 1 }] },
          { cmd: 'unsubscribe', messageId: 6, unsubscriptions: ['coldchain/v1/north/g1/acks'] },
          { cmd: 'pingreq' },
          { cmd: 'pubrel', messageId: 4 },
          { cmd: 'puback', messageId: 1 },
        ] as Packet[]
      ).map((packet) => generate({ retain: false, ...packet } as Packet, { protocolVersion: version }));
    const packets = { 4: good(4), 5: good(5) };
    for (let round = 0; round < 150; round++) {
      const version = random.unit() < 0.5 ? 4 : 5;
      const peer = await enter(version);
      const bytes = Buffer.concat(
        Array.from({ length: 12 }, () => packets[version][Math.floor(random.unit() * 7)] as Buffer).map((original) => {
          const packet = Buffer.from(original);
          if (random.unit() < 0.3) packet[Math.floor(random.unit() * packet.length)] = Math.floor(random.unit() * 256);
          return random.unit() < 0.1 ? packet.subarray(0, Math.floor(random.unit() * packet.length)) : packet;
        }),
      );
      for (let at = 0; at < bytes.length;) {
        const next = at + 1 + Math.floor(random.unit() * 40);
        peer.socket.write(bytes.subarray(at, next));
        at = next;
      }
      peer.socket.end();
      await until(() => peer.closed);
      for (const message of receiver.messages.splice(0)) message.acknowledge(null);
    }
    neighbour.publish('still here', { topic: 'coldchain/v1/north/g2/readings' });
    (await until(() => receiver.messages[0])).acknowledge(null);
    await neighbour.hears('puback');
    expect(neighbour.closed).toBe(false);
  });
});
