import { describe, expect, it } from '@jest/globals';
import { mapLimit, SeededRandom, sleep } from './index.js';

describe('mapLimit', () => {
  it('keeps the order and never runs more than the limit at once', async () => {
    let running = 0;
    let most = 0;
    const doubled = await mapLimit([5, 1, 4, 2, 3], 2, async (value) => {
      most = Math.max(most, ++running);
      await sleep(value);
      running--;
      return value * 2;
    });
    expect(doubled).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(2);
  });

  it('rejects with the first failure after the running work has ended', async () => {
    let ended = 0;
    const run = mapLimit([1, 2, 3, 4], 2, async (value) => {
      await sleep(value === 1 ? 1 : 10);
      ended++;
      if (value === 1) throw new Error('first');
      return value;
    });
    await expect(run).rejects.toThrow('first');
    expect(ended).toBe(2);
  });
});

describe('SeededRandom', () => {
  it('repeats for a seed and differs between seeds', () => {
    const draw = (seed: string): string => new SeededRandom(seed).uuid();
    expect(draw('a')).toBe(draw('a'));
    expect(draw('a')).not.toBe(draw('b'));
    expect(draw('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
