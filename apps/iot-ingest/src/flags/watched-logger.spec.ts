import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type KeptWatch, watchReadings } from './watched-logger.js';

const MINUTE = 60_000;
const reading = (at: number) => ({ at, milliCelsius: 5_000, humidityPermille: null });

describe('watchReadings', () => {
  const ofAnother: KeptWatch = {
    detector: 'later@9 other@9',
    state: Buffer.of(1),
    seenSince: 0,
    seenUntil: 9 * MINUTE,
  };

  it('leaves what another version has kept as it is while all that comes is late', () => {
    expect(watchReadings(ofAnother, [reading(MINUTE), reading(9 * MINUTE)])).toEqual({
      kept: ofAnother,
      flags: [],
      readings: 0,
      late: 2,
    });
  });

  it('begins anew where what another version has kept cannot be read', () => {
    const { kept, readings, late } = watchReadings(ofAnother, [reading(MINUTE), reading(10 * MINUTE)]);
    expect([readings, late]).toEqual([1, 1]);
    expect([kept.seenSince, kept.seenUntil]).toEqual([10 * MINUTE, 10 * MINUTE]);
    expect(watchReadings(kept, [reading(11 * MINUTE)]).kept.seenSince).toBe(10 * MINUTE);
  });

  it('goes on from what the foresight before has kept, and has an older one begin anew', () => {
    const kept = watchReadings(
      null,
      Array.from({ length: 300 }, (_, k) => reading(k * MINUTE)),
    ).kept;
    const [usual = ''] = kept.detector.split(' ');
    const next = (foresight: string): Buffer =>
      watchReadings({ ...kept, detector: `${usual} ${foresight}` }, [reading(300 * MINUTE)]).kept.state;
    const goesOn = watchReadings(kept, [reading(300 * MINUTE)]).kept.state;
    expect(next('foresight@2').equals(goesOn)).toBe(true);
    expect(next('foresight@1').equals(goesOn)).toBe(false);
  });

  it('begins anew where a state is damaged: else it would raise no flag of any logger again', () => {
    const { kept } = watchReadings(null, [reading(0), reading(MINUTE)]);
    const damaged = [
      Buffer.alloc(0),
      Buffer.of(1),
      kept.state.subarray(0, kept.state.length - 9),
      Buffer.alloc(100, 0xff),
      deflateRawSync(Buffer.alloc(7)),
      deflateRawSync(Buffer.alloc(8)),
      deflateRawSync(Buffer.alloc(2 ** 22)),
    ];
    for (const state of damaged) {
      const next = watchReadings({ ...kept, state }, [reading(2 * MINUTE)]);
      expect([next.readings, next.kept.seenSince]).toEqual([1, 2 * MINUTE]);
    }
    expect(watchReadings(kept, [reading(2 * MINUTE)]).kept.seenSince).toBe(0);
  });
});
