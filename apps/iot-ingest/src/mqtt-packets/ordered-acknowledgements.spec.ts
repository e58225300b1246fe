import { describe, expect, it } from '@jest/globals';
import { BrokerMessage } from '../broker-subscriber/broker-message.js';
import { OrderedAcknowledgements } from './ordered-acknowledgements.js';

/** What a connection does with them, and who counts what is in hand. */
class Hand {
  readonly sent: number[] = [];
  inHand = 0;
  /** Called with each acknowledgement that is sent. */
  told: (messageId: number) => void = () => undefined;
  readonly acknowledgements = new OrderedAcknowledgements<BrokerMessage>(
    (messageId) => {
      this.sent.push(messageId);
      this.told(messageId);
    },
    () => this.inHand--,
  );

  arrive(messageId: number | null): BrokerMessage {
    const message = new BrokerMessage('t', Buffer.alloc(0), null, messageId, this.acknowledgements);
    if (messageId !== null) this.acknowledgements.arrived(message);
    this.inHand++;
    return message;
  }
}

describe('OrderedAcknowledgements', () => {
  it('counts a message out once, however often it is acknowledged, early, late or of QoS 0', () => {
    const hand = new Hand();
    const [first, second, unasked] = [hand.arrive(1), hand.arrive(2), hand.arrive(null)];
    for (const message of [second, second, unasked, unasked]) message.acknowledge();
    expect([hand.inHand, hand.acknowledgements.size, hand.sent]).toEqual([1, 2, []]);
    for (const message of [first, first, second, unasked]) message.acknowledge();
    expect([hand.inHand, hand.acknowledgements.size, hand.sent]).toEqual([0, 0, [1, 2]]);
  });

  it('keeps the order when messages arrive and are safe while one is told', () => {
    const hand = new Hand();
    const messages = Array.from({ length: 3_000 }, (_, index) => hand.arrive(index + 1));
    let next = messages.length;
    hand.told = (messageId) => {
      if (messageId % 3 !== 0 || next >= 5_000) return;
      const more = hand.arrive(++next);
      if (messageId % 2 === 0) more.acknowledge();
      else messages.push(more);
    };
    for (const message of messages.toReversed()) message.acknowledge();
    for (const message of messages) message.acknowledge();
    expect(hand.sent).toEqual(Array.from({ length: next }, (_, index) => index + 1));
    expect([hand.inHand, hand.acknowledgements.size]).toEqual([0, 0]);
  });
});
