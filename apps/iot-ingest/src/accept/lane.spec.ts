import { describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { type GroupLimits, Lane } from './lane.js';

const limits = (items: number, bytes = Infinity): GroupLimits<number> => ({ items, bytes, bytesOf: (item) => item });

describe('Lane', () => {
  it('works on one group at a time, in order, none larger than allowed', async () => {
    const groups: number[][] = [];
    let working = 0;
    const lane = new Lane<number>(limits(3), 1, async (group) => {
      expect(++working).toBe(1);
      groups.push([...group]);
      await sleep(2);
      working--;
    });
    for (let item = 0; item < 8; item++) lane.add(item);
    await sleep(1);
    lane.add(8);
    await lane.drain();
    expect(groups.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Math.max(...groups.map((group) => group.length))).toBe(3);
  });

  it('does not wait for the linger time when it is drained', async () => {
    const groups: number[][] = [];
    const lane = new Lane<number>(limits(100), 60_000, async (group) => {
      groups.push([...group]);
    });
    lane.add(1);
    await lane.drain();
    expect(groups).toEqual([[1]]);
  });

  it('ends a group at its bytes, and takes a larger item alone', async () => {
    const groups: number[][] = [];
    const lane = new Lane<number>(limits(100, 10), 60_000, async (group) => {
      groups.push([...group]);
      await sleep(1);
    });
    for (const bytes of [4, 4, 4, 50, 3, 3, 3, 3, 1]) lane.add(bytes);
    await lane.drain();
    expect(groups).toEqual([[4, 4, 4], [50], [3, 3, 3, 3], [1]]);
  });

  it('is pressed by bytes that wait, and by a few hundred items however many a group may have', async () => {
    const lane = new Lane<number>(limits(5_000, 1_000), 60_000, () => sleep(2));
    lane.add(1_000);
    lane.add(499);
    expect(lane.isPressed).toBe(false);
    lane.add(1);
    expect(lane.isPressed).toBe(true);
    await lane.drain();
    const many = new Lane<number>(limits(5_000), 60_000, () => sleep(2));
    for (let item = 0; item < 5_000 + 249; item++) many.add(1);
    expect(many.isPressed).toBe(false);
    many.add(1);
    expect(many.isPressed).toBe(true);
    await many.drain();
  });

  it('is pressed while half a group waits for the one that is worked on', async () => {
    const lane = new Lane<number>(limits(4), 60_000, () => sleep(2));
    for (let item = 0; item < 5; item++) lane.add(item);
    expect(lane.isPressed).toBe(false);
    lane.add(5);
    expect(lane.isPressed).toBe(true);
    await lane.drain();
    expect(lane.isPressed).toBe(false);
  });
});
