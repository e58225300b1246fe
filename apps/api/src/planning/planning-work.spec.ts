import { describe, expect, it } from '@jest/globals';
import { groupsLeft } from './planning-work.js';

const key = (product: string, site = 'one') => ({ product, site });

describe('what is left of a job that goes on', () => {
  it('is what lies in the group of a prepared product since, too', () => {
    const groups = [
      { keys: [key('A'), key('A', 'two'), key('B')], others: [key('C')] },
      { keys: [key('D')], others: [] },
      { keys: [key('E')], others: [] },
    ];
    expect(groupsLeft(groups, new Set(['A', 'D']))).toEqual([
      { keys: [key('B')], others: [key('C'), key('A'), key('A', 'two')] },
      { keys: [key('E')], others: [] },
    ]);
  });

  it('is all of one that was not begun', () => {
    const groups = [{ keys: [key('A')], others: [] }];
    expect(groupsLeft(groups, new Set())).toEqual(groups);
  });
});
