import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCompactJson } from './compact-json.js';
import { scanCompactJson, scanPacked } from './compact-scanner.js';
import { dayOf, decodePacked, decodeReadings, encodeFrame, packFrame } from './index.js';
import type { DecodedFrame, FrameReading, PackedFrame } from './index.js';

const NOW = 1_763_600_000_000;
const OPTIONS = { now: NOW, oldest: NOW - 30 * 86_400_000 };
const reading = (members: string): string => `{"boot":"b1","seq":7,"r":[{${members}}]}`;
const decode = (text: string | Buffer): DecodedFrame => decodeReadings(Buffer.from(text as string), OPTIONS);

const frameReading = fc.record<FrameReading>({
  logger: fc.constantFrom('RCPJ00010', 'a', 'urn:dev:mac:0024befffe804ff1', '~x/9'),
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

/** A frame without the short form of its bytes, which has a specification of its own. */
function withoutKept(packed: PackedFrame | null): Omit<PackedFrame, 'kept'> | null {
  if (packed === null) return null;
  const { boot, seq, upMs, firstAt, lastAt, signature, count, series, single } = packed;
  return { boot, seq, upMs, firstAt, lastAt, signature, count, series, single };
}

describe('decodeReadings', () => {
  it('gives back every frame that encodeFrame writes, by the scanner and by JSON.parse alike', () => {
    fc.assert(
      fc.property(frame, (sent) => {
        const raw = encodeFrame(sent);
        const times = sent.readings.map(({ at }) => at);
        const expected = { ...sent, firstAt: Math.min(...times), lastAt: Math.max(...times), signature: null };
        expect(scanCompactJson(raw, OPTIONS)?.frame).toEqual(expected);
        expect(decodeCompactJson(raw, OPTIONS)).toEqual({ ok: true, frame: expected });
      }),
    );
  });

  it('packs while it scans exactly what packing afterwards gives, and leaves other orders and several loggers alone', () => {
    fc.assert(
      fc.property(frame, fc.boolean(), (sent, orderly) => {
        const ascending = sent.readings.toSorted((one, other) => one.at - other.at);
        const frames = {
          ...sent,
          readings: orderly ? ascending.map((each) => ({ ...each, logger: 'a' })) : sent.readings,
        };
        const raw = encodeFrame(frames);
        const decoded = decodeCompactJson(raw, OPTIONS);
        const expected = decoded.ok ? packFrame(decoded.frame) : null;
        expect(decodePacked(raw, OPTIONS)).toMatchObject({ ok: true, frame: withoutKept(expected) });
        const scanned = withoutKept(scanPacked(raw, OPTIONS));
        const [first] = frames.readings;
        const humidAtOnce =
          first?.humidityPermille !== null || frames.readings.every((each) => each.humidityPermille === null);
        if ((orderly && humidAtOnce) || scanned !== null) expect(scanned).toEqual(withoutKept(expected));
      }),
    );
  });

  it('scans a reading that comes alone, whichever optional members it has', () => {
    const member = (name: string, value: number | null): string => (value === null ? '' : `,"${name}":${value}`);
    fc.assert(
      fc.property(
        frameReading,
        frame,
        ({ logger, at, milliCelsius, humidityPermille, counter }, { boot, seq, upMs }) => {
          const humidity = humidityPermille === null ? null : humidityPermille / 10;
          const measured = `"d":"${logger}","t":${at},"c":${milliCelsius / 1000}${member('h', humidity)}${member('n', counter)}`;
          const raw = Buffer.from(`{${measured},"boot":"${boot}","seq":${seq}${member('up', upMs)}}`);
          const general = decodeCompactJson(raw, OPTIONS);
          expect(general).toMatchObject({ ok: true, frame: { boot, seq, upMs } });
          expect({ ok: true, frame: scanCompactJson(raw, OPTIONS)?.frame }).toEqual(general);
          expect(scanPacked(raw, OPTIONS)).toMatchObject({
            count: 1,
            single: { logger, at, milliCelsius, humidityPermille, counter },
          });
          expect({ ok: true, frame: scanPacked(raw, OPTIONS) }).toEqual(decodePacked(raw, OPTIONS));
        },
      ),
    );
  });

  it('takes nothing by the scanner that JSON.parse refuses or reads differently', () => {
    const damage = fc.tuple(fc.nat(), fc.constantFrom(...'0123456789.-+eE,:{}[]"\\ntfu \u00e9'));
    fc.assert(
      fc.property(frame, fc.array(damage, { minLength: 1, maxLength: 3 }), (sent, damages) => {
        let text = encodeFrame({ ...sent, readings: sent.readings.slice(0, 2) }).toString();
        for (const [where, what] of damages) {
          const at = where % text.length;
          text = text.slice(0, at) + what + text.slice(at + (where % 2));
        }
        const raw = Buffer.from(text);
        const scanned = scanCompactJson(raw, OPTIONS)?.frame;
        if (scanned !== undefined) expect(decodeCompactJson(raw, OPTIONS)).toEqual({ ok: true, frame: scanned });
        const packed = scanPacked(raw, OPTIONS);
        const general = decodeCompactJson(raw, OPTIONS);
        if (packed !== null) expect(general.ok && withoutKept(packFrame(general.frame))).toEqual(withoutKept(packed));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads a single reading as a frame of one', () => {
    const single = decode(`{"d":"x","t":${NOW},"c":-0.5,"h":44.1,"boot":"b","seq":0}`);
    expect(single).toMatchObject({
      ok: true,
      frame: { boot: 'b', seq: 0, readings: [{ logger: 'x', at: NOW, milliCelsius: -500, humidityPermille: 441 }] },
    });
  });

  it('keeps milli-degrees exactly and rounds finer ones half away from zero', () => {
    const of = (celsius: string): unknown => {
      const decoded = decode(reading(`"d":"x","t":${NOW},"c":${celsius}`));
      return decoded.ok ? decoded.frame.readings[0]?.milliCelsius : decoded.code;
    };
    expect(['5.12', '8.0', '-0', '-0.0004', '0.0625', '-0.0625', '1e1', '4.35'].map(of)).toEqual([
      5120, 8000, 0, 0, 63, -63, 10_000, 4350,
    ]);
  });

  it('takes a signature as the last member only and says which bytes it signs', () => {
    const signed = `{"boot":"b1","seq":7,"r":[{"d":"x","t":${NOW},"c":5}],"sig":"${'A'.repeat(86)}"}`;
    const spaced = ` ${signed}`;
    for (const text of [signed, spaced]) {
      const decoded = decode(text);
      expect(decoded).toMatchObject({ ok: true, frame: { signature: { text: 'A'.repeat(86) } } });
      const signature = decoded.ok ? decoded.frame.signature : null;
      const signedBytes = signature?.form === 'trailing' ? signature.signedBytes : 0;
      expect(text.slice(signedBytes)).toBe(`,"sig":"${'A'.repeat(86)}"}`);
    }
    const early = `{"boot":"b1","sig":"${'A'.repeat(86)}","seq":7,"r":[{"d":"x","t":${NOW},"c":5}]}`;
    expect(decode(early)).toMatchObject({ code: 'signature-malformed', boot: 'b1', seq: 7 });
    expect(decode(signed.replace('"sig":"', '"sig": "'))).toMatchObject({ code: 'signature-malformed' });
  });

  const valid = `"d":"x","t":${NOW},"c":5`;
  it.each([
    ['json-invalid', `{"boot":"b1","seq":7,"r":[{${valid}}]} x`],
    ['json-invalid', `{"boot":"b1","seq":7,"r":[{${valid}}`],
    ['json-invalid', `{"boot":"b1","seq":7,"r":[{"d":"x","t":${NOW},"c":NaN}]}`],
    ['member-unknown', reading(`${valid},"x":1`)],
    ['member-unknown', `{"boot":"b1","seq":7,"__proto__":1,"r":[{${valid}}]}`],
    ['member-missing', reading(`"d":"x","t":${NOW}`)],
    ['member-missing', `{"boot":"b1","seq":7}`],
    ['member-invalid', reading(`"d":"x","t":${NOW},"c":"5"`)],
    ['member-invalid', reading(`"d":"x","t":${NOW},"c":null`)],
    ['member-invalid', reading(`"d":"x","t":${NOW},"c":1e999`)],
    ['member-invalid', reading(`"d":"x","t":${NOW}.5,"c":5`)],
    ['member-invalid', reading(`"d":"x","t":9007199254740993,"c":5`)],
    ['member-invalid', reading(`"d":"two words","t":${NOW},"c":5`)],
    ['member-invalid', reading(`${valid},"n":-1`)],
    ['member-invalid', reading(`${valid},"n":9007199254740993`)],
    ['member-invalid', reading(`"d":"${'x'.repeat(65)}","t":${NOW},"c":5`)],
    ['frame-empty', `{"boot":"b1","seq":7,"r":[]}`],
    ['too-many-readings', `{"boot":"b1","seq":7,"r":[${Array.from({ length: 1001 }, () => `{${valid}}`).join()}]}`],
    ['temperature-implausible', reading(`"d":"x","t":${NOW},"c":200.001`)],
    ['humidity-implausible', reading(`${valid},"h":100.1`)],
    ['time-in-future', reading(`"d":"x","t":${NOW + 15 * 60_000 + 1},"c":5`)],
    ['time-too-old', reading(`"d":"x","t":${OPTIONS.oldest - 1},"c":5`)],
    ['span-too-long', `{"boot":"b1","seq":7,"r":[{${valid}},{"d":"x","t":${NOW - 86_400_001},"c":5}]}`],
  ])('refuses %s and still names the frame', (code, text) => {
    expect(decode(text)).toMatchObject({ ok: false, code, boot: 'b1', seq: 7 });
  });

  it.each([
    ['member-repeated', `{"boot":"b1","seq":7,"seq":8,"r":[{${valid}}]}`],
    ['member-repeated', reading(`${valid},"c":6`)],
    ['frame-empty', '[]'],
    ['shape-invalid', '[7]'],
    ['shape-invalid', '"b1"'],
    ['shape-invalid', '7'],
    ['json-invalid', ''],
    ['sequence-missing', `{"r":[{${valid}}]}`],
    ['sequence-missing', `{${valid}}`],
    ['member-invalid', `{"boot":"b1","seq":-7,"r":[{${valid}}]}`],
    ['member-invalid', `{"boot":"b1","seq":9007199254740993,"r":[{${valid}}]}`],
    ['frame-too-large', ' '.repeat(256 * 1024 + 1)],
  ])('refuses %s where no number can be named', (code, text) => {
    expect(decode(text)).toMatchObject({ ok: false, code, seq: null });
  });

  it('refuses bytes that are not UTF-8', () => {
    const raw = Buffer.concat([Buffer.from('{"boot":"b1","seq":7,"r":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(decode(raw)).toMatchObject({ ok: false, code: 'utf8-invalid', boot: 'b1', seq: 7 });
  });

  it('takes a message without numbers only where that is allowed', () => {
    const raw = Buffer.from(`{${valid}}`);
    expect(decodeReadings(raw, { ...OPTIONS, unsequenced: 'accept' })).toMatchObject({
      ok: true,
      frame: { boot: null, seq: null },
    });
    const half = Buffer.from(`{"boot":"b1",${valid}}`);
    expect(decodeReadings(half, { ...OPTIONS, unsequenced: 'accept' })).toMatchObject({ code: 'sequence-missing' });
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expect(decode(Buffer.from(bytes)).ok).toBe(false)),
    );
    fc.assert(fc.property(fc.json(), (text) => expect(decode(text).ok).toBe(false)));
  });
});

describe('dayOf', () => {
  it('is the UTC day', () => {
    expect(dayOf(Date.UTC(2026, 1, 28, 23, 59, 59, 999))).toBe('2026-02-28');
  });
});
