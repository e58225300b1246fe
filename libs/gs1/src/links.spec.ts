import { describe, expect, it } from '@jest/globals';
import {
  giaiLink,
  gtinLink,
  lgtinLink,
  parseGiai,
  parseGln,
  parseGtin,
  parseLot,
  parseSerial,
  parseSscc,
  pglnLink,
  sglnLink,
  sgtinLink,
  ssccLink,
} from './index.js';

describe('canonical Digital Links', () => {
  const gtin = parseGtin('9521101530001');

  it('stand on id.gs1.org with numeric identifiers', () => {
    expect(gtinLink(gtin)).toBe('https://id.gs1.org/01/09521101530001');
    expect(lgtinLink(gtin, parseLot('A1'))).toBe('https://id.gs1.org/01/09521101530001/10/A1');
    expect(ssccLink(parseSscc('376104250021234569'))).toBe('https://id.gs1.org/00/376104250021234569');
    expect(sglnLink(parseGln('9521101530001'))).toBe('https://id.gs1.org/414/9521101530001');
    expect(pglnLink(parseGln('9521101530001'))).toBe('https://id.gs1.org/417/9521101530001');
    expect(giaiLink(parseGiai('9521101LOG/1'))).toBe('https://id.gs1.org/8004/9521101LOG%2F1');
  });

  it('escape everything but unreserved characters', () => {
    expect(sgtinLink(gtin, parseSerial(`!"%&'()*+,-./_:;<=>?`))).toBe(
      'https://id.gs1.org/01/09521101530001/21/%21%22%25%26%27%28%29%2A%2B%2C-.%2F_%3A%3B%3C%3D%3E%3F',
    );
  });
});
