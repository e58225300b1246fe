import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodePacked, encodeFrame, receivedBytes, redateFrame, type SeriesCorrupt } from './index.js';

const NOW = 1_763_600_000_000;
const OPTIONS = { now: NOW, oldest: NOW - 30 * 86_400_000 };
const LOGGERS = ['RCPJ00010', 'a', 'urn:dev:mac:0024befffe804ff1', '~x/9'];

const reading = fc.record({
  logger: fc.constantFrom(...LOGGERS),
  at: fc.integer({ min: NOW - 80_000_000, max: NOW }),
  milliCelsius: fc.oneof(fc.integer({ min: -200_000, max: 200_000 }), fc.integer({ min: -1, max: 1 })),
  humidityPermille: fc.option(fc.integer({ min: 0, max: 1000 })),
  counter: fc.option(fc.oneof(fc.nat(), fc.integer({ min: 0, max: 10 ** 15 - 1 }))),
});
const frame = fc.record({
  boot: fc.constantFrom('b1', '2026-01-01#4'),
  seq: fc.integer({ min: 0, max: 2 ** 49 }),
  upMs: fc.option(fc.nat()),
  readings: fc.array(reading, { minLength: 1, maxLength: 40 }),
});
const signed = (raw: Buffer): Buffer => Buffer.from(`${raw.toString().slice(0, -1)},"sig":"${'Ab-_'.repeat(22)}"}`);

/** What is kept of a message; null: the message itself. */
function keptOf(raw: Buffer): Buffer | null {
  const decoded = decodePacked(raw, OPTIONS);
  return decoded.ok ? decoded.frame.kept : null;
}

describe('the short form of a frame', () => {
  it('gives back every byte, of one logger and of several, signed or not', () => {
    fc.assert(
      fc.property(frame, fc.boolean(), fc.boolean(), fc.boolean(), (sent, ascending, alone, isSigned) => {
        const readings = ascending ? sent.readings.toSorted((one, other) => one.at - other.at) : sent.readings;
        const sole = alone ? readings.map((each) => ({ ...each, logger: 'a' })) : readings;
        const raw = encodeFrame({ ...sent, readings: sole });
        const bytes = isSigned ? signed(raw) : raw;
        const kept = keptOf(bytes);
        if (ascending && sole.length > 1) expect(kept).not.toBeNull();
        if (kept !== null) expect(receivedBytes(kept).equals(bytes)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives back every byte or is not used, whatever else is written in a message', () => {
    const damage = fc.tuple(fc.nat(), fc.constantFrom(...'0123456789.-+eE,:{}[]"\\ tfu', '00', '.0', '-0', '0.'));
    let short = 0;
    fc.assert(
      fc.property(frame, fc.array(damage, { minLength: 1, maxLength: 3 }), (sent, damages) => {
        const readings = sent.readings.toSorted((one, other) => one.at - other.at).slice(0, 6);
        let text = encodeFrame({ ...sent, readings }).toString();
        for (const [where, what] of damages) {
          const at = where % text.length;
          text = text.slice(0, at) + what + text.slice(at + (where % 3));
        }
        const kept = keptOf(Buffer.from(text));
        if (kept === null) return;
        short++;
        expect(receivedBytes(kept).toString()).toBe(text);
      }),
      { numRuns: 20_000 },
    );
    // Else nothing was looked at.
    expect(short).toBeGreaterThan(100);
  });

  it.each(['5.10', '5.0', '-0', '-0.0', '0.500', '-5.120'])(
    'is not used where a temperature is written %s',
    (celsius) => {
      const two = [celsius, '5'].map((c) => `{"d":"a","t":${NOW},"c":${c}}`).join();
      const raw = Buffer.from(`{"boot":"b","seq":1,"r":[${two}]}`);
      expect(decodePacked(raw, OPTIONS)).toMatchObject({ ok: true, frame: { count: 2, kept: null } });
    },
  );

  it('takes less than a seventh of the bytes of an hour at one reading a minute', () => {
    const readings = Array.from({ length: 60 }, (_, minute) => ({
      logger: 'RCPJ00010',
      at: NOW - (60 - minute) * 60_000 + ((minute * 7) % 20),
      milliCelsius: 5_000 + ((minute * 37) % 90) * 10,
      humidityPermille: 440,
      counter: 1_000 + minute,
    }));
    const raw = encodeFrame({ boot: 'b1', seq: 7, readings });
    expect(keptOf(raw)?.length).toBeLessThan(raw.length / 7);
  });

  it('keeps the order of loggers that take turns in a few bytes', () => {
    const readings = Array.from({ length: 60 }, (_, index) => ({
      logger: LOGGERS[index % 4] as string,
      at: NOW - 3_600_000 + Math.floor(index / 4) * 60_000,
      milliCelsius: 5_000 + index,
      humidityPermille: null,
      counter: null,
    }));
    const raw = encodeFrame({ boot: 'b1', seq: 7, readings });
    const kept = keptOf(raw);
    expect(kept?.length).toBeLessThan(raw.length / 8);
    expect(kept === null ? null : receivedBytes(kept)).toEqual(raw);
  });

  it.each([1, 2, 127, 128, 300, 1_000])(
    'gives back a full frame of %i loggers, whatever they are called',
    (loggers) => {
      const odd = ['__proto__', 'constructor', '{', '},', '[]', 'x'.repeat(64), "'", '/'];
      const readings = Array.from({ length: 1_000 }, (_, index) => ({
        logger: odd[index % loggers] ?? `l${(index * 7) % loggers}`,
        at: NOW - 1_000 + index - (index % 2),
        milliCelsius: index % 3 === 0 ? -1 : 200_000 - index,
        humidityPermille: index % 5 === 0 ? index : null,
        counter: index % 4 === 0 ? null : (index % 2) * (10 ** 15 - 1),
      }));
      const raw = encodeFrame({ boot: '__proto__', seq: 10 ** 15 - 1, upMs: 10 ** 15 - 1, readings });
      const kept = keptOf(raw);
      expect(kept === null ? null : receivedBytes(kept).equals(raw)).toBe(true);
    },
  );

  it('keeps the bytes as they were received where a frame is dated by another clock', () => {
    const readings = [0, 60_000].map((ms) => ({
      ...{ logger: 'a', at: NOW - 3_600_000 + ms, milliCelsius: 5_000, humidityPermille: null, counter: null },
    }));
    const raw = encodeFrame({ boot: 'b', seq: 1, upMs: 90_000, readings });
    const decoded = decodePacked(raw, OPTIONS);
    const moved = decoded.ok ? redateFrame(decoded.frame, { wallAtStart: NOW - 3_630_000, shiftMs: 1_800_000 }) : null;
    expect(moved?.firstAt).toBe(NOW - 1_800_000);
    expect(receivedBytes(moved?.kept as Buffer)).toEqual(raw);
  });

  it('is refused when a byte of it is missing, and gives other bytes when one is changed', () => {
    const two = [5, 6].map((celsius) => `{"d":"a","t":${NOW},"c":${celsius},"n":${celsius}}`).join();
    const raw = Buffer.from(`{"boot":"b","seq":1,"r":[${two}]}`);
    const kept = keptOf(raw) as Buffer;
    // What follows the readings is as long as it is, so a message that ends early is told by its digest.
    for (let length = 1; length < kept.length - 2; length++) {
      expect(outcome(kept.subarray(0, length))).toBe('series-corrupt');
    }
    for (let at = 0; at < kept.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(kept);
        changed[at] = (changed[at] as number) ^ (1 << bit);
        expect(outcome(changed)).not.toBe(raw.toString());
      }
    }
  });
});

function outcome(kept: Buffer): string {
  try {
    return receivedBytes(kept).toString('latin1');
  } catch (error) {
    return (error as SeriesCorrupt).code;
  }
}
