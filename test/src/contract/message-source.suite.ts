import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Gateway, MessageReceiver, type MessageSource, type ReceivedMessage } from '@coldchain/iot-ingest/sources';
import { mapLimit, sleep } from '@coldchain/kernel';
import { eventually } from './ingest-fixture.js';

/** A gateway on the other side of a source. */
export interface SourceGateway {
  /**
   * Publishes on a channel of its own as a gateway does: with QoS 1, and again when the connection was lost. Resolves when
   * its peer has confirmed the message.
   */
  send(channel: 'readings' | 'status', payload: Buffer): Promise<void>;
  /** Payloads heard on `acks`. */
  readonly heard: readonly Buffer[];
  close(): Promise<void>;
}

/** A source with everything that it needs. Gateways `north/g1` and `south/g1` are registered. */
export interface SourceUnderTest {
  /** Not started. */
  readonly source: MessageSource;
  /** Another one in its place, after the first was stopped; not started. */
  again(): Promise<MessageSource>;
  gateway(user: 'north/g1' | 'south/g1'): Promise<SourceGateway>;
  close(): Promise<void>;
}

/** What differs between sources. */
export interface SourceTraits {
  /** The peer's confirmation to the gateway is our acknowledgement; otherwise a broker stands between. */
  readonly direct: boolean;
  /** Acknowledgements can be sent to gateways that listen. */
  readonly listens: boolean;
  /** What is sent while the source is away waits for it; otherwise the gateway sends it again. */
  readonly keepsWhileAway: boolean;
  /** A load of many messages for it: more than any window. */
  readonly many: number;
}

/** What a receiver got, in order. */
export class CollectingReceiver extends MessageReceiver {
  readonly messages: ReceivedMessage[] = [];
  /** Messages that are turned away from now on. */
  turnAway = 0;
  /** Acknowledges at once. */
  immediate = false;

  received(message: ReceivedMessage): boolean {
    if (this.turnAway > 0) {
      this.turnAway--;
      return false;
    }
    this.messages.push(message);
    if (this.immediate) message.acknowledge(null);
    return true;
  }

  announced(_gateway: Gateway): void {
    // The source may say so or not; what counts is that a status arrives.
  }

  texts(): string[] {
    return this.messages.map(({ payload }) => payload.toString('latin1'));
  }
}

const payload = (number: number): Buffer => Buffer.from(`message ${number}`);

/** What every source of messages must do; each adapter runs it on the real thing. */
export function messageSourceSuite(name: string, traits: SourceTraits, open: () => Promise<SourceUnderTest>): void {
  describe(`${name} as a source of messages`, () => {
    let world: SourceUnderTest;
    let receiver: CollectingReceiver;
    const gateways: SourceGateway[] = [];
    const sources: MessageSource[] = [];
    const start = async (source: MessageSource, to: MessageReceiver): Promise<void> => {
      sources.push(source);
      await source.start(to);
    };
    const gateway = async (user: 'north/g1' | 'south/g1' = 'north/g1'): Promise<SourceGateway> => {
      const connected = await world.gateway(user);
      gateways.push(connected);
      return connected;
    };
    const arrived = (count: number, at = receiver): Promise<true> =>
      eventually(() => (at.messages.length >= count ? true : undefined));

    beforeEach(async () => {
      world = await open();
      receiver = new CollectingReceiver();
      await start(world.source, receiver);
    });
    afterEach(async () => {
      // Whoever still waits for an acknowledgement gets it, or sources would wait for their answers.
      for (const message of receiver.messages) message.acknowledge(null);
      await Promise.all(gateways.splice(0).map((each) => each.close()));
      for (const source of sources.splice(0)) await source.stop();
      await world.close();
    });

    it('hands over what was sent, with its gateway and bytes, in the order of each gateway', async () => {
      receiver.immediate = true;
      const [north, south] = [await gateway('north/g1'), await gateway('south/g1')];
      const bytes = Buffer.from([0, 255, 10, 0x80, 0xd2]);
      await north.send('readings', bytes);
      await north.send('status', Buffer.from('{"state":"online"}'));
      await south.send('readings', payload(1));
      for (let number = 2; number < 20; number++) await north.send('readings', payload(number));
      await arrived(21);
      const of = (organisation: string): unknown[] =>
        receiver.messages
          .filter((message) => message.gateway.organisation === organisation)
          .map((message) => [message.channel, message.refusal, message.payload.toString('latin1')]);
      expect(of('south')).toEqual([['readings', null, 'message 1']]);
      const numbered = Array.from({ length: 18 }, (_, index) => ['readings', null, `message ${index + 2}`]);
      expect(of('north').filter((message) => (message as string[])[0] === 'readings')).toEqual([
        ['readings', null, bytes.toString('latin1')],
        ...numbered,
      ]);
      expect(of('north').filter((message) => (message as string[])[0] === 'status')).toEqual([
        ['status', null, '{"state":"online"}'],
      ]);
      expect(receiver.messages.map((message) => message.gateway)).toContainEqual(
        expect.objectContaining({ organisation: 'north', name: 'g1', party: 'northMSP:north' }),
      );
    });

    it('sets a status aside that is too large', async () => {
      receiver.immediate = true;
      await (await gateway()).send('status', Buffer.alloc(5_000, 0x20)).catch(() => undefined);
      await arrived(1);
      expect(receiver.messages[0]).toMatchObject({ channel: 'refused', refusal: 'status-too-large' });
    });

    it('gives again what was not acknowledged, and only that, whatever the order of acknowledgements', async () => {
      const sender = await gateway();
      const sent = Array.from({ length: 10 }, (_, number) => sender.send('readings', payload(number)));
      await arrived(10);
      const inOrder = [...receiver.messages];
      const textAt = (index: number): string | undefined => inOrder[index]?.payload.toString('latin1');
      // The last ones first: at a broker none of them may overtake those before.
      for (const index of [9, 4, 2, 3, 0, 1]) inOrder[index]?.acknowledge(null);
      await sleep(100);
      await world.source.pause();
      await world.source.stop();
      const second = new CollectingReceiver();
      second.immediate = true;
      await start(await world.again(), second);
      await Promise.all(sent);
      await eventually(() => (second.messages.length >= 4 ? true : undefined));
      await sleep(200);
      const again = new Set(second.texts());
      for (const index of [5, 6, 7, 8]) expect(again).toContain(textAt(index));
      for (const index of [0, 1, 2, 3]) expect(again).not.toContain(textAt(index));
    });

    it('takes messages for which there was no room once there is', async () => {
      receiver.immediate = true;
      receiver.turnAway = 3;
      const sender = await gateway();
      await sender.send('readings', payload(1));
      await sender.send('readings', payload(2));
      await eventually(() => (new Set(receiver.texts()).size === 2 ? true : undefined), 20_000);
    });

    it('keeps taking while older messages wait, and confirms thousands once each', async () => {
      const count = traits.many;
      const sender = await gateway();
      const numbers = Array.from({ length: count }, (_, number) => number);
      const sending = mapLimit(numbers, 200, (number) => sender.send('readings', payload(number)));
      const seen = new Set<string>();
      let taken = 0;
      while (seen.size < count) {
        await eventually(() => (receiver.messages.length > taken ? true : undefined), 20_000);
        await sleep(5);
        for (const message of receiver.messages.slice(taken)) {
          seen.add(message.payload.toString('latin1'));
          message.acknowledge(null);
          taken++;
        }
      }
      await sending;
      expect(receiver.messages).toHaveLength(count);
    });

    it('hands nothing over after a pause, and still lets acknowledgements out', async () => {
      const sender = await gateway();
      const first = sender.send('readings', payload(1));
      await arrived(1);
      await world.source.pause();
      const second = sender.send('readings', payload(2)).catch(() => undefined);
      await sleep(150);
      expect(receiver.texts()).toEqual(['message 1']);
      receiver.messages[0]?.acknowledge(null);
      await first;
      await world.source.stop();
      const later = new CollectingReceiver();
      later.immediate = true;
      await start(await world.again(), later);
      await second;
      if (!traits.keepsWhileAway) await sender.send('readings', payload(2));
      await eventually(() => (later.texts().includes('message 2') ? true : undefined), 20_000);
      expect(later.texts()).not.toContain('message 1');
    });

    (traits.direct ? it : it.skip)('confirms to the gateway only what was acknowledged', async () => {
      const sender = await gateway();
      let confirmed = false;
      const sent = sender.send('readings', payload(1)).then(() => {
        confirmed = true;
      });
      await arrived(1);
      await sleep(150);
      expect(confirmed).toBe(false);
      receiver.messages[0]?.acknowledge(null);
      await sent;
    });

    (traits.listens ? it : it.skip)('sends acknowledgements to the gateway that they are for', async () => {
      receiver.immediate = true;
      const [north, south] = [await gateway('north/g1'), await gateway('south/g1')];
      await north.send('readings', payload(1));
      await arrived(1);
      const [message] = receiver.messages;
      await eventually(() => {
        if (message !== undefined && world.source.listens(message.gateway)) {
          world.source.send(message.gateway, 'acks', Buffer.from('{"boots":[]}'));
        }
        return north.heard.length > 0 ? true : undefined;
      });
      expect(north.heard[0]?.toString('utf8')).toBe('{"boots":[]}');
      expect(south.heard).toEqual([]);
    });
  });
}
