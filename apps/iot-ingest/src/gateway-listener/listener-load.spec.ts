import { describe, expect, it } from '@jest/globals';
import { ListenerLoad } from './listener-load.js';

const MIB = 1024 * 1024;
const NOTHING = { messages: 0, bytes: 0, unsentBytes: 0 };

describe('ListenerLoad', () => {
  it('lets nobody wait for ever: whoever has nothing in hand is read, however much the others have', () => {
    const load = new ListenerLoad();
    for (let added = 0; added < 1_000; added++) load.add(60_000);
    expect(load.isTooMuch(NOTHING)).toBe(false);
    expect(load.isRelieved(NOTHING)).toBe(true);
    expect(load.isTooMuch({ ...NOTHING, messages: 1, bytes: 60_000 })).toBe(true);
    expect(load.isRelieved({ ...NOTHING, messages: 1, bytes: 60_000 })).toBe(false);
  });

  it('has an end, of bytes and of messages, and room again when some are done', () => {
    const load = new ListenerLoad();
    load.add(64 * MIB);
    expect(load.isFull).toBe(true);
    load.remove(64 * MIB);
    expect(load.isFull).toBe(false);
    for (let added = 0; added < 500_000; added++) load.add(0);
    expect(load.isFull).toBe(true);
  });
});
