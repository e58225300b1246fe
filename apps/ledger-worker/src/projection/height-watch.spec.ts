import { describe, expect, it } from '@jest/globals';
import { compareHeights } from './height-watch.js';

const at = (mspid: string, height: number | null, lastBlockHash: string | null = `hash ${Number(height) - 1}`) => ({
  mspid,
  height,
  lastBlockHash,
});
const codes = (
  organisations: readonly ReturnType<typeof at>[],
  before: number,
  hashOf = (block: number): string | undefined => `hash ${block}`,
): string[] => compareHeights({ organisations }, before, hashOf).map(({ mspid, code }) => `${mspid} ${code}`);

describe('the comparison of copies', () => {
  it('finds nothing in copies that agree, also while a block is on its way', () => {
    expect(codes([at('A', 8), at('B', 8)], 8)).toEqual([]);
    expect(codes([at('A', 9), at('B', 8)], 8)).toEqual([]);
    expect(compareHeights({}, 8, () => 'hash')).toEqual([]);
  });

  it('names who is silent, and who has not what another had before', () => {
    expect(codes([at('A', 9), at('B', 7), at('C', null, null)], 8)).toEqual(['B peer-behind', 'C peer-silent']);
  });

  it('names who holds another block, at any height', () => {
    expect(codes([at('A', 9), at('B', 9, 'other'), at('C', 8, 'other')], 8)).toEqual([
      'B peer-differs',
      'C peer-differs',
    ]);
    expect(codes([at('B', 9, 'other')], 8, () => undefined)).toEqual([]);
  });
});
