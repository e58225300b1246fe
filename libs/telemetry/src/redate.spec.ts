import { describe, expect, it } from '@jest/globals';
import { decodePacked, encodeFrame, type PackedFrame, redateFrame, unpackSeries } from './index.js';

const TRUE_START = 1_763_600_000_000;
const YEAR_1970 = 0;
const MINUTE = 60_000;

/** A frame closed `up` ms after the start of a gateway whose wall clock showed `wall` then. */
function frameAt(wall: number, up: number | null, ages: readonly number[]): PackedFrame {
  const readings = ages.map((age) => ({
    logger: 'L',
    at: wall + (up ?? 0) - age,
    milliCelsius: 5000,
    humidityPermille: null,
    counter: null,
  }));
  const raw = encodeFrame({ boot: 'b', seq: 0, upMs: up, readings });
  const decoded = decodePacked(raw, { now: Infinity, oldest: -Infinity });
  if (!decoded.ok) throw new Error(decoded.code);
  return decoded.frame;
}

describe('redateFrame', () => {
  it('moves a reading that came alone as well', () => {
    const clock = { wallAtStart: YEAR_1970, shiftMs: TRUE_START - YEAR_1970 };
    expect(redateFrame(frameAt(YEAR_1970, MINUTE, [0]), clock)?.single?.at).toBe(TRUE_START + MINUTE);
  });

  it('moves all readings of a boot whose clock began in 1970 to when they were made', () => {
    const clock = { wallAtStart: YEAR_1970, shiftMs: TRUE_START - YEAR_1970 };
    const frame = redateFrame(frameAt(YEAR_1970, 90 * MINUTE, [3 * MINUTE, MINUTE, 0]), clock);
    const times = frame?.series.flatMap(({ data }) => unpackSeries(data).map(({ at }) => at - TRUE_START));
    expect(times).toEqual([87 * MINUTE, 89 * MINUTE, 90 * MINUTE]);
    expect([frame?.firstAt, frame?.lastAt]).toEqual([TRUE_START + 87 * MINUTE, TRUE_START + 90 * MINUTE]);
  });

  it.each([
    ['without up', frameAt(YEAR_1970, null, [0]), { wallAtStart: YEAR_1970, shiftMs: TRUE_START }],
    [
      'of a clock that is nearly right',
      frameAt(TRUE_START, MINUTE, [0]),
      { wallAtStart: TRUE_START, shiftMs: 119_999 },
    ],
    [
      'of a logger with a clock of its own',
      frameAt(TRUE_START, MINUTE, [0]),
      { wallAtStart: YEAR_1970, shiftMs: TRUE_START },
    ],
    [
      'whose newest reading is old',
      frameAt(TRUE_START, MINUTE, [2 * MINUTE]),
      { wallAtStart: TRUE_START, shiftMs: 7_200_000 },
    ],
  ])('leaves alone a frame %s', (_what, frame, clock) => {
    expect(redateFrame(frame, clock)).toBeNull();
  });
});
