import { describe, expect, test } from '@jest/globals';
import { storableJson, storableText } from './storable.js';

describe('what PostgreSQL can store', () => {
  test('U+0000 and lone surrogates become U+FFFD, pairs stay', () => {
    expect(storableText('a\0b\ud800c\u{1f600}')).toBe('a\u{fffd}b\u{fffd}c\u{1f600}');
  });

  test.each([
    [{ note: 'a\0b' }, { note: 'a\u{fffd}b' }],
    // A backslash and "u0000", which JSON writes as two backslashes: nothing to clean.
    [{ note: 'a\\u0000b' }, { note: 'a\\u0000b' }],
    [
      { '\\u0000x': 1, 'y\0': ['\ud8ab', { z: null }] },
      { '\\u0000x': 1, 'y\u{fffd}': ['\u{fffd}', { z: null }] },
    ],
  ])('%j is valid JSON without them', (value, stored) => {
    expect(JSON.parse(storableJson(value))).toEqual(stored);
  });
});
