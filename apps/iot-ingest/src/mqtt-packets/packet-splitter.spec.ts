import { describe, expect, it } from '@jest/globals';
import { SeededRandom, TextCache } from '@coldchain/kernel';
import { generate, type IPublishPacket } from 'mqtt-packet';
import { isPublish, PacketMalformed, PacketSplitter } from './packet-splitter.js';
import { publishBytes, type PublishPacket, readPublish } from './publish-packet.js';

const SEED = `${process.pid}-${performance.now()}`;
const LARGEST = 300_000;
const RULES = { mostQos: 1, topics: new TextCache(), aliases: null } as const;

function publications(random: SeededRandom, count: number): IPublishPacket[] {
  return Array.from({ length: count }, (_, index) => ({
    cmd: 'publish',
    topic: `coldchain/v1/${index % 3 === 0 ? 'größe' : 'north'}/g${index % 7}/readings`,
    payload: Buffer.alloc(Math.floor(random.unit() ** 4 * 4_000), index),
    qos: index % 5 === 0 ? 0 : 1,
    ...(index % 5 === 0 ? {} : { messageId: index + 1 }),
    dup: index % 4 === 0,
    retain: false,
    properties: index % 2 === 0 ? { messageExpiryInterval: 7, userProperties: { a: 'x'.repeat(index) } } : {},
  }));
}

describe('PacketSplitter and readPublish', () => {
  it.each(['5', '3.1.1'] as const)(
    `give back what was published, however the bytes are cut and held (MQTT %s), seed ${SEED}`,
    (version) => {
      const random = new SeededRandom(SEED);
      const protocolVersion = version === '5' ? 5 : 4;
      for (let round = 0; round < 10; round++) {
        const sent = publications(random, 30);
        const bytes = Buffer.concat(sent.map((packet) => generate(packet, { protocolVersion })));
        const found: PublishPacket[] = [];
        let held = false;
        const splitter = new PacketSplitter(
          LARGEST,
          (buffer, start, body, end) => {
            expect(isPublish(buffer[start] as number)).toBe(true);
            found.push(readPublish(buffer, { start, body, end }, { version, ...RULES }));
            held = random.unit() < 0.2;
          },
          () => held,
        );
        const most = random.unit() < 0.5 ? 7 : 2_000;
        for (let at = 0; at < bytes.length;) {
          const next = at + 1 + Math.floor(random.unit() * most);
          splitter.push(bytes.subarray(at, next));
          at = next;
        }
        while (held) {
          held = false;
          splitter.takeAll();
        }
        expect(found.map(({ topic, messageId }) => [topic, messageId])).toEqual(
          sent.map(({ topic, messageId }) => [topic, messageId ?? null]),
        );
        expect(found.every(({ payload }, index) => payload.equals(sent[index]?.payload as Buffer))).toBe(true);
      }
    },
  );

  it.each(['5', '3.1.1'] as const)('publishes as mqtt-packet does (MQTT %s)', (version) => {
    const protocolVersion = version === '5' ? 5 : 4;
    for (const bytes of [0, 1, 100, 127, 128, 20_000, 60_000]) {
      const [topic, payload, messageId] = ['coldchain/v1/größe/g1/acks', Buffer.alloc(bytes, bytes), bytes + 1];
      const packet = { cmd: 'publish', topic, payload, messageId, qos: 1, dup: false, retain: false } as const;
      expect(publishBytes(topic, payload, { messageId, version })).toEqual(generate(packet, { protocolVersion }));
    }
  });

  it(`passes over what is behind the beginning of a PUBLISH that is too large, seed ${SEED}`, () => {
    const random = new SeededRandom(SEED);
    for (let round = 0; round < 10; round++) {
      const sizes = [10, LARGEST + 1, 20, LARGEST * 2, LARGEST * 3, 30];
      const sent = sizes.map((size, index) => {
        const id = { messageId: index + 1, version: '3.1.1' } as const;
        return publishBytes('coldchain/v1/north/g1/readings', Buffer.alloc(size, index), id);
      });
      const found: { readonly id: number | null; readonly bytes: number; readonly kept: number }[] = [];
      let held = false;
      const splitter = new PacketSplitter(
        LARGEST,
        (bytes, start, body, end, missing) => {
          const { messageId, payload } = readPublish(bytes, { start, body, end }, { version: '3.1.1', ...RULES });
          expect(payload.equals(Buffer.alloc(payload.length, (messageId as number) - 1))).toBe(true);
          found.push({ id: messageId, bytes: payload.length + missing, kept: bytes.length });
          held = random.unit() < 0.3;
        },
        () => held,
      );
      const stream = Buffer.concat(sent);
      for (let at = 0; at < stream.length;) {
        const next = at + 1 + Math.floor(random.unit() * 65_536);
        splitter.push(stream.subarray(at, next));
        at = next;
        if (random.unit() < 0.5) held = false;
        splitter.takeAll();
      }
      for (; found.length < sizes.length; splitter.takeAll()) held = false;
      expect(found.map(({ id, bytes }) => [id, bytes])).toEqual(sizes.map((size, index) => [index + 1, size]));
      for (const index of [1, 3, 4]) expect(found[index]?.kept).toBe(128 * 1024);
    }
  });

  it('takes a packet that comes byte by byte in a time that grows with its length alone', () => {
    const packet = publishBytes('coldchain/v1/north/g1/readings', Buffer.alloc(LARGEST - 100, 7), {
      ...{ messageId: 1, version: '3.1.1' },
    });
    const taken: Buffer[] = [];
    const splitter = new PacketSplitter(
      LARGEST,
      (bytes, start, _, end) => taken.push(bytes.subarray(start, end)),
      () => false,
    );
    // One by one they took a minute.
    const before = performance.now();
    for (let at = 0; at < packet.length; at++) splitter.push(packet.subarray(at, at + 1));
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(taken).toEqual([packet]);
  });

  it('refuses a packet that is too large before it has arrived, and a length that is none', () => {
    const refused = (...bytes: number[]): void =>
      new PacketSplitter(
        1_000,
        () => undefined,
        () => false,
      ).push(Buffer.from(bytes));
    expect(() => refused(0x90, 0xff, 0xff, 0x7f)).toThrow(PacketMalformed);
    expect(() => refused(0x30, 0xff, 0xff, 0xff, 0xff)).toThrow(PacketMalformed);
  });

  it.each([
    ['without a packet id', [0x32, 4, 0, 2, 0x61, 0x62], '3.1.1'],
    ['with a topic longer than itself', [0x32, 4, 0, 9, 0x61, 0x62], '3.1.1'],
    ['without a topic', [0x32, 4, 0, 0, 0, 1], '3.1.1'],
    ['with QoS 2', [0x34, 6, 0, 1, 0x61, 0, 1, 0x62], '3.1.1'],
    ['with properties longer than itself', [0x32, 6, 0, 1, 0x61, 0, 1, 9], '5'],
    ['with properties of no length', [0x32, 5, 0, 1, 0x61, 0, 1], '5'],
  ] as const)('refuses a PUBLISH %s', (_, packet, version) => {
    const bytes = Buffer.from(packet);
    const place = { start: 0, body: 2, end: bytes.length };
    expect(() => readPublish(bytes, place, { version, ...RULES })).toThrow(PacketMalformed);
  });
});
