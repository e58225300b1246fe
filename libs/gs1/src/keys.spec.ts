import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  checkDigit,
  Gs1Error,
  glnOf,
  gtinCarriesPrefix,
  gtinOf,
  parseGln,
  parseGtin,
  parseLot,
  parseSerial,
  parseSscc,
  ssccOf,
  tryParseGtin,
  withCheckDigit,
} from './index.js';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof Gs1Error) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('check digit', () => {
  it('is the one of published numbers', () => {
    expect(checkDigit('629104150021')).toBe(3);
    expect(withCheckDigit('37610425002123456')).toBe('376104250021234569');
  });

  it('finds every single wrong digit', () => {
    fc.assert(
      fc.property(digits(17), fc.nat(17), fc.integer({ min: 1, max: 9 }), (body, place, step) => {
        const right = withCheckDigit(body);
        const wrong = [...right];
        wrong[place] = String((Number(wrong[place]) + step) % 10);
        expect(codeOf(() => parseSscc(right))).toBe('accepted');
        expect(codeOf(() => parseSscc(wrong.join('')))).toBe('check-digit-wrong');
      }),
    );
  });
});

describe('keys', () => {
  it('pads every GTIN to 14 digits', () => {
    expect(parseGtin('96385074')).toBe('00000096385074');
    expect(parseGtin('614141073467')).toBe('00614141073467');
    expect(parseGtin('9521101530001')).toBe('09521101530001');
    expect(tryParseGtin('09521101530002')).toBeNull();
  });

  it('names what is wrong and where', () => {
    expect(() => parseGtin('952110153000')).toThrow(expect.objectContaining({ code: 'check-digit-wrong' }));
    expect(() => parseGtin('95211O1530001')).toThrow(
      expect.objectContaining({ code: 'character-invalid', details: { position: 5, found: 'O' } }),
    );
    expect(codeOf(() => parseGln('12345'))).toBe('length-wrong');
    expect(codeOf(() => parseSerial(''))).toBe('length-wrong');
    expect(codeOf(() => parseLot('a'.repeat(21)))).toBe('length-wrong');
    expect(codeOf(() => parseSerial('A B'))).toBe('character-invalid');
    expect(codeOf(() => parseSerial('A^B'))).toBe('character-invalid');
    expect(codeOf(() => parseSerial(`!"%&'()*+,-./_=<>?;:`))).toBe('accepted');
  });

  it('builds keys that parse', () => {
    expect(gtinOf('9521101', 53000)).toBe('09521101530001');
    expect(parseSscc(ssccOf('9521101', 1, 3))).toHaveLength(18);
    expect(parseGln(glnOf('9521101', 12))).toHaveLength(13);
    expect(codeOf(() => gtinOf('9521101', 123456))).toBe('length-wrong');
    expect(gtinCarriesPrefix(gtinOf('9521101', 53000, 3), '9521101')).toBe(true);
    expect(gtinCarriesPrefix(gtinOf('9521101', 53000), '9521102')).toBe(false);
  });
});
