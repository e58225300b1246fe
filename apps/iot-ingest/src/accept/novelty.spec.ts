import { describe, expect, it } from '@jest/globals';
import { Novelty } from './novelty.js';

describe('Novelty', () => {
  it('expects duplicates for a while after one, and longer when there is another', () => {
    const novelty = new Novelty();
    expect(novelty.expected).toBe(true);
    const groupsUntilExpected = (): number => {
      let groups = 0;
      for (; !novelty.expected; groups++) novelty.met('new');
      return groups;
    };
    novelty.met('repeated');
    expect(novelty.expected).toBe(false);
    const groups = groupsUntilExpected();
    novelty.met('repeated');
    novelty.met('new');
    novelty.met('repeated');
    expect(groupsUntilExpected()).toBe(groups);
  });
});
