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
  it('are read with the time of the platform; anything else is none', () => {
    const payload = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
    const time = '2026-11-21T08:00:00.000Z';
    expect(readAcknowledgement(payload({ boots: [boot], time }))).toEqual({ boots: [boot], time: Date.parse(time) });
    expect(readAcknowledgement(payload({ boots: [{ ...boot, missing: [1] }] }))).toEqual({ boots: [], time: null });
    expect(readAcknowledgement(payload(null))).toBeNull();
    expect(readAcknowledgement(Buffer.from('{'))).toBeNull();
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
