import { describe, expect, it } from '@jest/globals';
import { momentOf, waitOf } from './work.js';

describe('waitOf', () => {
  it('reads the preference among others and caps it', () => {
    expect(waitOf('wait=3')).toBe(3000);
    expect(waitOf('respond-async, Wait = "2"')).toBe(2000);
    expect(waitOf('wait=600')).toBe(10_000);
    expect(waitOf('return=minimal')).toBeNull();
    expect(waitOf(undefined)).toBeNull();
  });
});

describe('momentOf', () => {
  it('keeps the offset of the place', () => {
    expect(momentOf('2026-11-20T14:02:00+01:00')).toEqual({
      eventTime: Date.UTC(2026, 10, 20, 13, 2),
      zoneOffset: '+01:00',
    });
    expect(momentOf('2026-11-20T14:02:00Z')).toEqual({
      eventTime: Date.UTC(2026, 10, 20, 14, 2),
      zoneOffset: '+00:00',
    });
  });
});
