import { describe, expect, it } from '@jest/globals';
import type { FrameTime, Gateway } from '@coldchain/gateway-kit';
import type { FrameReading } from '@coldchain/telemetry';
import { recordMeasured } from './record-measured.js';

const readingAt = (at: number): FrameReading => ({
  ...{ logger: 'L1', at: at + 7, milliCelsius: 5_000 },
  ...{ humidityPermille: null, counter: null },
});

describe('what a simulated gateway heard', () => {
  it('is recorded at once, so that a log that takes nothing has kept none of it, late readings in frames of their own', () => {
    const calls: (readonly (readonly [times: readonly number[], closed: FrameTime | null | undefined])[])[] = [];
    const gateway: Pick<Gateway, 'record'> = {
      record: (frames, closed) => {
        calls.push(frames.map((frame) => [frame.map(({ at }) => at), closed?.(frame)]));
      },
    };
    const clock = { wallAt: (at: number) => at + 7, upAt: (at: number) => at - 100 };
    const heard = [
      { at: 100, heardAt: 300 },
      { at: 200, heardAt: 200 },
      { at: 300, heardAt: 300 },
    ];
    recordMeasured(gateway, heard, { clock, frameSize: 60, readingAt });
    expect(calls).toEqual([
      [
        [[207, 307], { wall: 307, up: 200, progress: 300 }],
        [[107], { wall: 107, up: 0, progress: 100 }],
      ],
    ]);
  });
});
