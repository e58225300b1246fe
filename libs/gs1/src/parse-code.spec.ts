import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bracketedElementString,
  formatOf,
  Gs1Error,
  GS1_ERROR_CODES,
  isPackCode,
  parseCode,
  rawElementString,
  tryParseCode,
  withCheckDigit,
} from './index.js';

const YEAR = 2026;
const pack = { '01': '09521101530001', '17': '281200', '10': 'ABC123', '21': 'S/1' };
const packLink = 'https://id.gs1.org/01/09521101530001/10/ABC123/21/S%2F1?17=281200';

function problemOf(text: string): { code: string; position: number | undefined } {
  try {
    parseCode(text, YEAR);
  } catch (error) {
    if (error instanceof Gs1Error) return { code: error.code, position: error.details.position };
    throw error;
  }
  return { code: 'accepted', position: undefined };
}

describe('forms of a code', () => {
  it.each([
    ['element-string-bracketed', '(01)09521101530001(17)281200(10)ABC123(21)S/1'],
    ['element-string-bracketed', ' (01) 09521101530001 (21) S/1 (17) 281200 (10) ABC123\r\n'],
    ['element-string-raw', ']d20109521101530001172812001 0ABC123\x1d21S/1'.replace('1 0', '10')],
    ['element-string-raw', '\x1d010952110153000121S/1\x1d1728120010ABC123'],
    ['element-string-raw', ']C101095211015300011728120010ABC123\x1d21S/1'],
    ['digital-link', packLink],
    [
      'digital-link',
      'http://shop.example:8080/a/b/gtin/9521101530001/lot/ABC123/ser/S%2f1?exp=281200&linkType=gs1:pip#x',
    ],
    ['digital-link', 'https://shop.example/01/21/gtin/09521101530001/10/ABC123/21/S%2F1?17=281200'],
    ['digital-link', 'example.com/01/09521101530001/10/ABC123/21/S%2F1/?17=281200'],
  ])('%s: %s', (form, text) => {
    const code = parseCode(text, YEAR);
    expect(code).toMatchObject({ form, elements: pack, digitalLink: packLink });
    expect(code).toMatchObject({ gtin: pack['01'], serial: 'S/1', lot: 'ABC123', expiry: '2028-12-31' });
    expect(isPackCode(code)).toBe(true);
  });

  it('reads logistic units, places and parties', () => {
    const sscc = withCheckDigit('39501101530000001');
    expect(parseCode(`(00)${sscc}(02)09521101530001(37)12`, YEAR)).toMatchObject({
      sscc,
      digitalLink: `https://id.gs1.org/00/${sscc}?02=09521101530001&37=12`,
    });
    expect(parseCode(`]C100${sscc}`, YEAR).sscc).toBe(sscc);
    expect(parseCode(sscc, YEAR)).toMatchObject({ form: 'bare-key', sscc });
    expect(parseCode('9521101530001', YEAR)).toMatchObject({ form: 'bare-key', gtin: '09521101530001' });
    expect(parseCode('(414)9521101530001(254)A1', YEAR)).toMatchObject({
      gln: '9521101530001',
      digitalLink: 'https://id.gs1.org/414/9521101530001/254/A1',
    });
    expect(parseCode('https://id.gs1.org/417/9521101530001', YEAR).party).toBe('9521101530001');
  });

  it('takes the expiry of AI 7003 and has no link without a key', () => {
    expect(parseCode('(01)09521101530001(7003)2612312359', YEAR).expiry).toBe('2026-12-31');
    expect(parseCode('(10)ABC', YEAR)).not.toHaveProperty('digitalLink');
  });

  it.each([
    ['urn:epc:id:sgtin:4012345.012345.A%2F1.2', { '01': '04012345123456', '21': 'A/1.2' }],
    ['urn:epc:class:lgtin:4054739.099914.20160711', { '01': '04054739999148', '10': '20160711' }],
    ['urn:epc:idpat:sgtin:4012345.066666.*', { '01': '04012345666663' }],
    ['urn:epc:id:sscc:4012345.0000000333', { '00': '040123450000003338' }],
    ['urn:epc:id:sgln:4012345.00011.987', { '414': '4012345000115', '254': '987' }],
    ['urn:epc:id:sgln:4012345.00011.0', { '414': '4012345000115' }],
    ['urn:epc:id:pgln:4012345.00225', { '417': '4012345002256' }],
    ['urn:epc:id:giai:4012345.AAbb', { '8004': '4012345AAbb' }],
    ['urn:epc:id:grai:4012345.66666.87', { '8003': '0401234566666387' }],
    ['urn:epc:id:gsrn:4012345.9876540000', { '8018': '401234598765400000' }],
    ['urn:epc:id:gdti:4012345.55555.98', { '253': '401234555555498' }],
    ['urn:epc:id:itip:4012345.012345.01.02.999', { '8006': '040123451234560102', '21': '999' }],
    ['urn:epc:id:cpi:4012345.ABC.123', { '8010': '4012345ABC', '8011': '123' }],
  ])('%s', (urn, elements) => {
    expect(parseCode(urn, YEAR)).toMatchObject({ form: 'epc-urn', epcUrn: urn, elements });
  });
});

describe('problems', () => {
  it.each([
    ['', 'code-empty', 0],
    ['hello', 'code-unrecognised', 0],
    ['(01)09521101530002', 'check-digit-wrong', 17],
    ['  (01)09521101530002', 'check-digit-wrong', 19],
    ['(17)260230', 'date-invalid', 8],
    ['(11)261301', 'date-invalid', 6],
    ['(01)0952110153', 'length-wrong', 14],
    ['(01)09521101530001(10)', 'length-wrong', 22],
    ['(01)09521101530001(21)A^B', 'character-invalid', 23],
    ['(98765)1', 'code-unrecognised', 0],
    ['(05)123', 'application-identifier-unknown', 0],
    ['(01)09521101530001(10)A(10)B', 'application-identifier-repeated', 27],
    ['(01)09521101530001(02)09521101530001', 'application-identifier-conflict', 22],
    ['(3102)001234(3103)001234', 'application-identifier-conflict', 18],
    ['(8006)095211015300010302', 'value-invalid', 20],
    ['(7003)2612312460', 'time-invalid', 12],
    ['01095211015300010512345', 'application-identifier-unknown', 16],
    ['01095211015300011728123110ABC12321SER001', 'separator-missing', 24],
    ['01095211015300011728123110ABC^21XYZ', 'scanner-set-up-wrong', 29],
    ['01095211015300011728123110ABC<GS>21XYZ', 'scanner-set-up-wrong', 29],
    [']D20109521101530001', 'scanner-set-up-wrong', 0],
    ['+d20109521101530001', 'scanner-set-up-wrong', 0],
    ['https://example.com/', 'digital-link-key-missing', 19],
    ['https://example.com/constructor/toString', 'digital-link-key-missing', 19],
    ['https://id.gs1.org/ARFKaAfRxBZ', 'digital-link-compressed', 19],
    ['https://id.gs1.org/01/09521101530001/21/A/10/B', 'digital-link-qualifier-wrong', 40],
    ['https://id.gs1.org/01/09521101530001/21/A%2', 'percent-encoding-invalid', 41],
    ['https://id.gs1.org/01/09521101530001?05=1', 'application-identifier-unknown', 37],
    ['urn:epc:id:sgtin:4012345.12345.1', 'epc-urn-invalid', 0],
    ['urn:epc:id:constructor:1.2', 'epc-urn-invalid', 0],
    ['1'.repeat(9_000), 'length-wrong', 8_000],
  ])('%s: %s at %i', (text, code, position) => {
    expect(problemOf(text)).toEqual({ code, position });
  });

  it('reads a code without separators when only one reading is possible', () => {
    const text = '010952110153000121123456789012345678901728123110LOTA';
    expect(parseCode(text, YEAR).elements).toEqual({
      '01': '09521101530001',
      '21': '12345678901234567890',
      '17': '281231',
      '10': 'LOTA',
    });
    expect(parseCode('010952110153000117281231' + '10LOTA', YEAR).lot).toBe('LOTA');
  });

  it('ends soon on a text made to be slow', () => {
    expect(GS1_ERROR_CODES).toContain(problemOf('10' + '1021240400'.repeat(20)).code);
  });

  it('never throws anything but its own error', () => {
    const noise = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom('(', ')', '0', '1', '2', '7', 'A', '/', '%', '\x1d', ':', 'urn:epc:id:', '.', ']d2'),
      }),
    );
    fc.assert(
      fc.property(noise, (text) => {
        const code = tryParseCode(text, YEAR);
        expect(code === null || Object.keys(code.elements).length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('round trips', () => {
  const set82 = `!"%&'*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`;
  const text = fc.string({ unit: fc.constantFrom(...set82), minLength: 1, maxLength: 20 });
  const gtin = fc.stringMatching(/^[0-9]{13}$/).map(withCheckDigit);
  const day = fc
    .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 28 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(''));
  const elements = fc
    .record({ '01': gtin, '21': text, '10': text, '17': day, '11': day, '240': text }, { requiredKeys: ['01'] })
    .map((record) => ({ ...record }));

  it('element string ↔ Digital Link, bracketed and raw', () => {
    fc.assert(
      fc.property(elements, (given) => {
        const link = parseCode(bracketedElementString(given), YEAR);
        expect(link.elements).toEqual(given);
        expect(parseCode(link.digitalLink ?? '', YEAR)).toMatchObject({
          elements: given,
          digitalLink: link.digitalLink,
        });
        expect(parseCode(rawElementString(given), YEAR).elements).toEqual(given);
      }),
    );
  });
});

describe('Application Identifiers', () => {
  it('know the lengths of the ones a cold chain meets', () => {
    const lengths = (ai: string): [number, number] | null => {
      const format = formatOf(ai);
      return format === undefined ? null : [format.minLength, format.maxLength];
    };
    expect(lengths('00')).toEqual([18, 18]);
    expect(lengths('3103')).toEqual([6, 6]);
    expect(lengths('253')).toEqual([13, 30]);
    expect(lengths('255')).toEqual([13, 25]);
    expect(lengths('712')).toEqual([1, 20]);
    expect(lengths('7003')).toEqual([10, 10]);
    expect(lengths('8003')).toEqual([14, 30]);
    expect(lengths('8006')).toEqual([18, 18]);
    expect(lengths('4331')).toEqual([6, 7]);
    expect(lengths('05')).toBeNull();
  });
});
