import { describe, expect, it } from '@jest/globals';
import { der, mapLimit, SeededRandom, sleep } from './index.js';

describe('der', () => {
  const hex = (bytes: Buffer): string => bytes.toString('hex');

  it.each([
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [256, '02020100'],
    [0x80000000n, '02050080000000'],
    [Buffer.from('000000ff', 'hex'), '020200ff'],
  ])('writes the integer %p shortest and not negative', (value, expected) => {
    expect(hex(der.integer(value))).toBe(expected);
  });

  it.each([
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ])('writes a length of %i', (length, head) => {
    const written = der.octets(Buffer.alloc(length));
    expect(hex(written).startsWith(head)).toBe(true);
    expect(der.elements(written)[0]?.content).toHaveLength(length);
  });

  it('writes object identifiers and times as RFC 5280 wants them', () => {
    expect(hex(der.objectIdentifier('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302');
    expect(
      der
        .time(new Date(Date.UTC(2049, 11, 31)))
        .subarray(2)
        .toString(),
    ).toBe('491231000000Z');
    expect(
      der
        .time(new Date(Date.UTC(2050, 0, 1)))
        .subarray(2)
        .toString(),
    ).toBe('20500101000000Z');
  });

  it('refuses an element that is longer than what surrounds it', () => {
    expect(() => der.elements(Buffer.from('0405aabb', 'hex'))).toThrow(RangeError);
  });
});

describe('mapLimit', () => {
  it('keeps the order and never runs more than the limit at once', async () => {
    let running = 0;
    let most = 0;
    const doubled = await mapLimit([5, 1, 4, 2, 3], 2, async (value) => {
      most = Math.max(most, ++running);
      await sleep(value);
      running--;
      return value * 2;
    });
    expect(doubled).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(2);
  });

  it('rejects with the first failure after the running work has ended', async () => {
    let ended = 0;
    const run = mapLimit([1, 2, 3, 4], 2, async (value) => {
      await sleep(value === 1 ? 1 : 10);
      ended++;
      if (value === 1) throw new Error('first');
      return value;
    });
    await expect(run).rejects.toThrow('first');
    expect(ended).toBe(2);
  });
});

describe('SeededRandom', () => {
  it('repeats for a seed and differs between seeds', () => {
    const draw = (seed: string): string => new SeededRandom(seed).uuid();
    expect(draw('a')).toBe(draw('a'));
    expect(draw('a')).not.toBe(draw('b'));
    expect(draw('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
