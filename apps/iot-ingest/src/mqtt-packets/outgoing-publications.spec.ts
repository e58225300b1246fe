import { describe, expect, it } from '@jest/globals';
import { OutgoingPublications } from './outgoing-publications.js';

describe('OutgoingPublications', () => {
  it('keeps to the window of the receiver, uses no id twice, and loses no place when ids begin anew', () => {
    const sent = new Set<number>();
    const open = new Set<number>();
    let [twice, most] = [0, 0];
    const publications = new OutgoingPublications(3, 10_000, (messageId) => {
      if (open.has(messageId)) twice++;
      open.add(messageId);
      sent.add(messageId);
      most = Math.max(most, open.size);
    });
    publications.mostUnconfirmed = 20;
    for (let count = 0; count < 140_000; count++) {
      publications.add('t', Buffer.alloc(0));
      if (open.size < 20) continue;
      // Not the oldest: that one stays for long.
      const [, second = 0] = open;
      open.delete(second);
      publications.confirmed(second);
    }
    expect([twice, most]).toEqual([0, 20]);
    expect([Math.min(...sent), Math.max(...sent), sent.size]).toEqual([3, 65_535, 65_533]);
  });
});
