import { describe, expect, it } from '@jest/globals';
import { isSettled, readAcknowledgement } from './acknowledgement.js';

const boot = {
  boot: 'b',
  contiguous: 2,
  last: 9,
  missing: [
    [3, 4],
    [7, 7],
  ],
  rejected: [],
} as const;

describe('acknowledgements of the platform', () => {
  it('are read for one boot; anything else is none', () => {
    const payload = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
    expect(readAcknowledgement(payload({ boots: [{ ...boot, boot: 'a' }, boot], time: 't' }), 'b')).toEqual(boot);
    expect(readAcknowledgement(payload({ boots: [{ ...boot, missing: [1] }] }), 'b')).toBeNull();
    expect(readAcknowledgement(payload(null), 'b')).toBeNull();
    expect(readAcknowledgement(Buffer.from('{'), 'b')).toBeNull();
  });

  it('settle what is contiguous, and what lies between the holes up to the last', () => {
    const settled = Array.from({ length: 12 }, (_, seq) => seq).filter((seq) => isSettled(boot, seq));
    expect(settled).toEqual([0, 1, 2, 5, 6, 8, 9]);
  });

  it('settle nothing behind the last hole that is named when not all holes are', () => {
    const missing = Array.from({ length: 32 }, (_, index) => [3 + 2 * index, 3 + 2 * index] as const);
    const cut = { ...boot, last: 500, missing };
    expect(isSettled(cut, 64)).toBe(true);
    expect(isSettled(cut, 66)).toBe(false);
  });
});
