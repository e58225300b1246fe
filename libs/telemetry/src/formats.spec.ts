import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CborInvalid, type CborValue, readCbor } from './cbor/cbor-reader.js';
import { cborOf } from './cbor/cbor-writer.js';
import { readCoseSign1 } from './cbor/cose-sign1.js';
import { coseSign1, decodeReadings, encodeFrame, encodeSenmlCbor, encodeSenmlJson } from './index.js';
import type { DecodedFrame, Frame, FrameReading } from './index.js';

const NOW = 1_763_600_000_000;
const OPTIONS = { now: NOW, oldest: NOW - 30 * 86_400_000 };
const decode = (raw: Buffer | string): DecodedFrame => decodeReadings(Buffer.from(raw as string), OPTIONS);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const pack = (...records: object[]): string => JSON.stringify(records);
const numbers = [
  { n: 'boot', vs: 'b1' },
  { n: 'sequence', v: 7 },
] as const;

const frameReading = fc.record<FrameReading>({
  logger: fc.constantFrom('RCPJ00010', 'a', 'urn:dev:mac:0024befffe804ff1', 'x/9.b_c-d'),
  at: fc.integer({ min: NOW - 80_000_000, max: NOW }),
  milliCelsius: fc.integer({ min: -200_000, max: 200_000 }),
  humidityPermille: fc.option(fc.integer({ min: 0, max: 1000 })),
  counter: fc.option(fc.nat()),
});
const frame = fc.record({
  boot: fc.constantFrom('b1', '2026-01-01#4'),
  seq: fc.integer({ min: 0, max: 2 ** 49 }),
  upMs: fc.option(fc.nat()),
  readings: fc.array(frameReading, { minLength: 1, maxLength: 40 }),
});
const unsigned = (decoded: DecodedFrame): unknown => (decoded.ok ? { ...decoded.frame, signature: null } : decoded);

describe('encodings of one frame', () => {
  const { privateKey } = generateKeyPairSync('ed25519');

  it('give the same readings: compact JSON, SenML JSON, SenML CBOR, COSE_Sign1 with either inside', () => {
    fc.assert(
      fc.property(frame, (sent) => {
        const times = sent.readings.map(({ at }) => at);
        const expected: Frame = {
          ...sent,
          firstAt: Math.min(...times),
          lastAt: Math.max(...times),
          signature: null,
        };
        const signed = (payload: Buffer): Buffer =>
          coseSign1(payload, 'Ed25519', 'k1', (bytes) => sign(null, bytes, privateKey));
        expect(decode(encodeFrame(sent))).toEqual({ ok: true, frame: expected });
        for (const raw of [
          encodeSenmlJson(sent),
          encodeSenmlCbor(sent),
          signed(encodeSenmlJson(sent)),
          signed(encodeSenmlCbor(sent)),
        ]) {
          expect(unsigned(decode(raw))).toEqual(expected);
        }
      }),
    );
  });

  it('never throw when damaged, whatever the damage', () => {
    fc.assert(
      fc.property(frame, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (sent, damages) => {
        for (const encode of [encodeFrame, encodeSenmlJson, encodeSenmlCbor]) {
          const raw = encode({ ...sent, readings: sent.readings.slice(0, 3) });
          for (const [where, what] of damages) raw[where % raw.length] = what;
          expect(typeof decode(raw).ok).toBe('boolean');
        }
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        const raw = Buffer.from(bytes);
        for (const first of [0x9f, 0x82, 0xd2, 0x5b]) {
          raw[0] = first;
          expect(decode(raw).ok).toBe(false);
        }
      }),
    );
  });
});

describe('SenML', () => {
  it('resolves base name, time, unit and value record by record', () => {
    const decoded = decode(
      pack(
        { bn: 'urn:dev:ow:10e2073a01080063:', bt: 1_763_590_000, bu: 'Cel', bv: 20, n: 'boot', vs: 'b1' },
        { n: 'sequence', bv: 0, v: 7 },
        { n: 'temperature', bv: 20, v: -14.88 },
        { n: 'humidity', u: '%RH', bv: 0, v: 44.1 },
        { bn: 'urn:dev:ow:10e2073a01080064', bv: 4, t: 60.25 },
        { u: '%EL', v: 77 },
      ),
    );
    expect(decoded).toMatchObject({
      ok: true,
      frame: {
        boot: 'b1',
        seq: 7,
        readings: [
          { logger: 'urn:dev:ow:10e2073a01080063', at: 1_763_590_000_000, milliCelsius: 5120, humidityPermille: 441 },
          { logger: 'urn:dev:ow:10e2073a01080064', at: 1_763_590_060_250, milliCelsius: 4000, humidityPermille: null },
        ],
      },
    });
  });

  it('reads the CBOR example of RFC 8428 §6, once its numbers are added and its times are near', () => {
    // The pack of §5.1.3 in CBOR: base name, time, unit and version, then a voltage and currents with relative times.
    const bytes = hex(`
      87 a7 21 78 1b 75726e3a6465763a6f773a313065323037336130313038303036 3a 22 fb 41d303a15b001062
      23 61 41 20 05 00 67 766f6c74616765 01 61 56 02 fb 405e066666666666
      a3 00 67 63757272656e74 06 24 02 fb 3ff3333333333333
      a3 00 67 63757272656e74 06 23 02 fb 3ff4cccccccccccd
      a3 00 67 63757272656e74 06 22 02 fb 3ff6666666666666
      a3 00 67 63757272656e74 06 21 02 f9 3e00
      a3 00 67 63757272656e74 06 20 02 fb 3ff999999999999a
      a3 00 67 63757272656e74 06 00 02 fb 3ffb333333333333`);
    const records = readCbor(bytes) as ReadonlyMap<CborValue, CborValue>[];
    expect(records.map((record) => [record.get(0), record.get(6), record.get(2)])).toEqual([
      ['voltage', undefined, 120.1],
      ['current', -5, 1.2],
      ['current', -4, 1.3],
      ['current', -3, 1.4],
      ['current', -2, 1.5],
      ['current', -1, 1.6],
      ['current', 0, 1.7],
    ]);
    expect(records[0]?.get(-2)).toBe('urn:dev:ow:10e2073a0108006:');
    // No temperature in it: nothing to keep, and said so.
    expect(decode(bytes)).toMatchObject({ ok: false, code: 'frame-empty' });
  });

  it('takes decimal fractions of CBOR as the numbers they stand for', () => {
    const bytes = hex(`83 a2 00 64 626f6f74 03 62 6231 a2 00 68 73657175656e6365 02 07
      a4 00 61 78 01 63 43656c 06 1a 691e3880 02 c4 82 21 19 0200`);
    expect(decode(bytes)).toMatchObject({ ok: true, frame: { readings: [{ milliCelsius: 5120 }] } });
  });

  const at = NOW / 1000;
  it.each([
    ['time-relative', pack(...numbers, { n: 'x', u: 'Cel', v: 5 })],
    ['time-relative', pack(...numbers, { n: 'x', u: 'Cel', v: 5, t: -60 })],
    ['unit-invalid', pack(...numbers, { n: 'x:temperature', u: 'K', v: 278, t: at })],
    ['unit-invalid', pack(...numbers, { n: 'x:temperature', v: 5, t: at })],
    ['member-missing', pack(...numbers, { n: 'x', u: '%RH', v: 40, t: at })],
    ['member-invalid', pack(...numbers, { n: 'x', u: 'Cel', v: '5', t: at })],
    ['member-invalid', pack(...numbers, { n: 'x', u: 'Cel', vs: '5', t: at })],
    ['member-invalid', pack(...numbers, { n: 'x y', u: 'Cel', v: 5, t: at })],
    ['member-invalid', pack(...numbers, { n: 'x', u: 'Cel', v: 5, t: 1e308, bt: 1e308 })],
    ['member-invalid', pack(...numbers, { n: 'x', u: 'Cel', v: [5], t: at })],
    ['member-invalid', pack(...numbers, { bver: 11, n: 'x', u: 'Cel', v: 5, t: at })],
    ['member-unknown', pack(...numbers, { n: 'x', u: 'Cel', v: 5, t: at, new_: 1 })],
    ['member-repeated', `[{"n":"x","u":"Cel","v":5,"v":6,"t":${at}}]`],
    ['member-repeated', pack(...numbers, ...numbers, { n: 'x', u: 'Cel', v: 5, t: at })],
    ['sequence-missing', pack({ n: 'boot', vs: 'b1' }, { n: 'x', u: 'Cel', v: 5, t: at })],
    ['temperature-implausible', pack(...numbers, { n: 'x', u: 'Cel', v: 1e308, t: at })],
    ['temperature-implausible', pack(...numbers, { bv: 1e308, n: 'x', u: 'Cel', v: 5, t: at })],
    ['humidity-implausible', pack(...numbers, { n: 'x', u: '%RH', v: -1, t: at })],
    ['shape-invalid', '[[]]'],
    ['shape-invalid', '[null]'],
  ])('refuses %s: %s', (code, text) => {
    expect(decode(text)).toMatchObject({ ok: false, code });
  });

  it('names the frame that it refuses', () => {
    expect(
      decode(pack(...numbers, { n: 'x', u: 'K', v: 5, t: at }, { n: 'x', u: 'Cel', v: 999, t: at })),
    ).toMatchObject({
      code: 'temperature-implausible',
      boot: 'b1',
      seq: 7,
    });
  });

  it('ignores what it need not understand', () => {
    const decoded = decode(pack(...numbers, { n: 'x', u: 'Cel', v: 5, t: at, ut: 3, colour: 'red' }));
    expect(decoded.ok).toBe(true);
  });
});

describe('CBOR', () => {
  // RFC 8949 appendix A.
  it.each<[string, CborValue]>([
    ['00', 0],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['3903e7', -1000],
    ['f90000', 0],
    ['f98000', -0],
    ['f93c00', 1],
    ['fb3ff199999999999a', 1.1],
    ['f97bff', 65504],
    ['fa47c35000', 100_000],
    ['f90001', 5.960464477539063e-8],
    ['f9c400', -4],
    ['f97c00', Infinity],
    ['f97e00', NaN],
    ['f4', false],
    ['f6', null],
    ['f7', undefined],
    ['4401020304', hex('01020304')],
    ['62c3bc', 'ü'],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['5f42010243030405ff', hex('0102030405')],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    [
      'bf6346756ef563416d7421ff',
      new Map<CborValue, CborValue>([
        ['Fun', true],
        ['Amt', -2],
      ]),
    ],
  ])('%s', (bytes, value) => {
    expect(readCbor(hex(bytes))).toEqual(value);
  });

  it.each([
    ['ends-early', '18'],
    ['ends-early', '5affffffff00'],
    ['ends-early', '9bffffffff'],
    ['ends-early', '9f01'],
    ['number-too-large', '1bffffffffffffffff'],
    ['number-too-large', '9bffffffffffffffff'],
    ['trailing-bytes', '0000'],
    ['reserved', 'ff'],
    ['reserved', '1c'],
    ['reserved', '8201ff'],
    ['reserved', 'bf01ff'],
    ['reserved', 'df00'],
    ['text-invalid', '61ff'],
    ['key-repeated', 'a201000102'],
  ])('refuses %s: %s', (problem, bytes) => {
    expect(() => readCbor(hex(bytes))).toThrow(
      new CborInvalid(problem as CborInvalid['problem'], 0).message.slice(0, -1),
    );
  });

  it('reads what it writes', () => {
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        fc.maxSafeInteger(),
        fc.double(),
        fc.string(),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value')).map((members) => new Map(Object.entries(members))),
      ),
    })).value;
    fc.assert(fc.property(value, (sent) => expect(readCbor(cborOf(sent as number))).toEqual(sent)));
  });
});

describe('COSE_Sign1', () => {
  it('verifies the example of RFC 9052 appendix C.2.1', () => {
    const message = readCoseSign1(
      readCbor(
        hex(`d2 84 43 a10126 a1 04 42 3131 54 546869732069732074686520636f6e74656e742e 58 40
          8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e
          2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36`),
      ),
    );
    // The key of kid 11 in appendix C.7.1.
    const key = createPublicKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: hex('bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff').toString('base64url'),
        y: hex('20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e').toString('base64url'),
      },
    });
    expect(message).toMatchObject({ algorithm: 'ES256', keyId: '11', payload: Buffer.from('This is the content.') });
    const given = { key, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', message!.signed, given, message!.signature)).toBe(true);
    expect(verify('sha256', Buffer.concat([message!.signed, hex('00')]), given, message!.signature)).toBe(false);
  });

  const signature = Buffer.alloc(64).toString('hex');
  it.each([
    ['no algorithm', `d2 84 40 a0 40 58 40 ${signature}`],
    ['an algorithm that is not protected', `d2 84 40 a1 01 27 40 58 40 ${signature}`],
    ['an unknown algorithm', `d2 84 43 a10105 a0 40 58 40 ${signature}`],
    ['a critical header', `d2 84 46 a2 01 27 02 81 04 a0 40 58 40 ${signature}`],
    ['a detached payload', `d2 84 43 a10127 a0 f6 58 40 ${signature}`],
    ['a short signature', `d2 84 43 a10127 a0 40 41 00`],
    ['another tag', `d1 84 43 a10127 a0 40 58 40 ${signature}`],
  ])('refuses %s', (_why, bytes) => {
    expect(decode(hex(bytes))).toMatchObject({ ok: false, code: 'signature-malformed' });
  });

  it('does not look for a message inside a message', () => {
    const inner = coseSign1(encodeSenmlJson({ boot: 'b', seq: 1, readings: [] }), 'Ed25519', null, () =>
      Buffer.alloc(64),
    );
    expect(decode(coseSign1(inner, 'Ed25519', null, () => Buffer.alloc(64)))).toMatchObject({ code: 'shape-invalid' });
  });
});

describe('hostile input', () => {
  const deep = 10_000;
  it.each([
    ['json-invalid', '['.repeat(deep)],
    ['member-invalid', `[{"v":${'['.repeat(deep)}${']'.repeat(deep)}}]`],
    ['shape-invalid', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['member-unknown', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`],
    ['cbor-invalid', Buffer.alloc(deep, 0x81)],
    ['cbor-invalid', Buffer.alloc(deep, 0xd2)],
    ['cbor-invalid', Buffer.alloc(deep, 0xa1)],
    ['cbor-invalid', Buffer.alloc(deep, 0x9f)],
    ['frame-too-large', Buffer.alloc(5 * 1024 * 1024, 0x20)],
    ['frame-too-large', Buffer.alloc(5 * 1024 * 1024, 0x81)],
    ['frame-too-large', Buffer.alloc(5 * 1024 * 1024, 0x5b)],
    ['utf8-invalid', Buffer.concat([Buffer.from('[{"n":"'), hex('fffe'), Buffer.from('"}]')])],
    ['utf8-invalid', hex('81 a1 00 61 ff')],
    ['json-invalid', Buffer.alloc(20)],
    ['member-invalid', pack(...numbers, { n: 'x\0y', u: 'Cel', v: 5, t: NOW / 1000 })],
    ['member-invalid', pack({ n: 'boot', vs: 'b\0' }, { n: 'x', u: 'Cel', v: 5, t: NOW / 1000 })],
    ['time-in-future', pack(...numbers, { n: 'x', u: 'Cel', v: 5, t: Date.UTC(2099, 0, 1) / 1000 })],
    [
      'time-too-old',
      encodeFrame({
        boot: 'b',
        seq: 1,
        readings: [{ logger: 'x', at: 5, milliCelsius: 1, humidityPermille: null, counter: null }],
      }),
    ],
    ['json-invalid', `[{"n":"x","u":"Cel","v":NaN,"t":${NOW}}]`],
    ['member-invalid', hex(`81 a4 00 61 78 01 63 43656c 06 1a 691e3880 02 f9 7e00`)],
    ['member-invalid', hex(`81 a4 00 61 78 01 63 43656c 06 f9 7c00 02 05`)],
  ])('is refused as %s', (code, raw) => {
    expect(decode(raw)).toMatchObject({ ok: false, code });
  });
});
