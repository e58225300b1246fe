import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@coldchain/runtime';
import { FreeSpace } from './free-space.js';

const MIB = 1024 * 1024;
const logger = createLogger('spec', 'silent');

describe('FreeSpace', () => {
  it('stands in the way below the mark, and goes on only a tenth above it', async () => {
    let free = 500 * MIB;
    const space = new FreeSpace({ path: '/', leastMib: 100, logger, freeBytes: async () => free });
    await space.look();
    expect(await space.passed()).toBe(true);
    free = 99 * MIB;
    await space.look();
    expect(space.isShort).toBe(true);
    let passed = false;
    const waiting = space.passed().then(() => (passed = true));
    free = 105 * MIB;
    await space.look();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(passed).toBe(false);
    free = 111 * MIB;
    await space.look();
    expect(await waiting).toBe(true);
  });

  it('lets go when it is stopped, and what cannot be looked at does not stand in the way', async () => {
    const full = new FreeSpace({ path: '/', leastMib: 100, logger, freeBytes: async () => 0 });
    await full.look();
    const waiting = full.passed();
    await full.stop();
    expect(await waiting).toBe(false);
    const elsewhere = new FreeSpace({ path: '/no/such/folder', leastMib: 100, logger });
    await elsewhere.look();
    expect(await elsewhere.passed()).toBe(true);
    const here = new FreeSpace({ path: tmpdir(), leastMib: 1, logger });
    await here.look();
    expect(here.isShort).toBe(false);
  });
});
