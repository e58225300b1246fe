import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpenRow } from './outbox-row.js';
import { runnableRows } from './schedule.js';

const row = (id: number, objectKeys: readonly string[], members: Partial<OpenRow> = {}): OpenRow => ({
  id,
  command: 'recordObservation',
  objectKeys,
  priority: 1,
  state: 'pending',
  due: true,
  ...members,
});
const ids = (rows: readonly OpenRow[], inFlight: readonly number[] = []): number[] =>
  runnableRows(rows, new Set(inFlight)).map(({ id }) => id);

describe('the order of the outbox', () => {
  it('keeps the order per object and runs other objects beside it', () => {
    expect(ids([row(1, ['a']), row(2, ['a']), row(3, ['b']), row(4, ['b', 'c']), row(5, ['c'])])).toEqual([1, 3]);
  });

  it('lets an urgent row overtake others, but not one about the same object', () => {
    expect(ids([row(1, ['a']), row(2, ['b'], { priority: 0 }), row(3, ['a'], { priority: 0 })])).toEqual([2, 1]);
  });

  it('holds back what stands behind a row in flight, or behind one that waits for its next attempt', () => {
    expect(ids([row(1, ['a']), row(2, ['a'])], [1])).toEqual([]);
    expect(ids([row(1, ['a'], { due: false }), row(2, ['a']), row(3, ['b'])])).toEqual([3]);
  });

  it('registers parties, then publishes profiles, then does the rest', () => {
    const party = row(1, ['party:p'], { command: 'registerParty' });
    const profile = row(3, ['profile:q'], { command: 'publishProfile' });
    expect(ids([party, row(2, ['party:r'], { command: 'registerParty' }), profile, row(4, ['a'])])).toEqual([1, 2]);
    expect(ids([profile, row(4, ['a'])])).toEqual([3]);
    expect(ids([row(0, ['a']), profile])).toEqual([0, 3]);
  });

  it('settles first what was submitted before', () => {
    expect(ids([row(1, ['a'], { priority: 0 }), row(2, ['b'], { state: 'submitted' })])).toEqual([2, 1]);
  });

  it('never runs two rows of one object at once, and always runs the oldest that is due', () => {
    const rows = fc.array(
      fc.record({
        keys: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
        priority: fc.integer({ min: 0, max: 1 }),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (drawn) => {
        const open = drawn.map(({ keys, priority }, index) => row(index, keys, { priority }));
        const runnable = runnableRows(open, new Set());
        const keys = runnable.flatMap(({ objectKeys }) => objectKeys);
        expect(new Set(keys).size).toBe(keys.length);
        expect(runnable.map(({ id }) => id)).toContain(0);
      }),
    );
  });
});
