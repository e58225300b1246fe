import { describe, expect, test } from '@jest/globals';
import type { BootClocks } from '../clocks/boot-clocks.js';
import type { Gateway, ReceivedMessage } from '../message-source.js';
import { readMessages } from './read-message.js';

const NOW = Date.UTC(2026, 10, 25);
const GATEWAY = { id: 1, organisationId: 1, name: 'g', acceptsUnsequenced: false } as Gateway;

const message = (text: string): ReceivedMessage =>
  ({ gateway: GATEWAY, channel: 'readings', refusal: null, topic: 't', payload: Buffer.from(text) }) as ReceivedMessage;

/** Clocks of boots as a gateway told them. */
function clocks(shiftMs: number, wallAtStart: number): BootClocks {
  const of = async (keys: readonly { gatewayId: number; boot: string }[]): Promise<unknown> =>
    new Map(keys.map(({ gatewayId, boot }) => [`${gatewayId} ${boot}`, { shiftMs, wallAtStart }]));
  return { of, use: of } as unknown as BootClocks;
}

const codesOf = async (texts: readonly string[], known: BootClocks): Promise<unknown[]> =>
  (await readMessages(texts.map(message), { now: NOW, maxAgeDays: 400, policies: new Map(), clocks: known })).map(
    (entry) => (entry.kind === 'dead-letter' ? [entry.code, entry.boot, entry.seq] : entry.kind),
  );

describe('messages with times that no calendar has', () => {
  test.each([9_000_000_000_000_000, 8_640_000_000_000_001, 253_402_300_800_000, -1])(
    '%d is set aside with its number, and delays nothing beside it',
    async (t) => {
      const good = `{"boot":"b","seq":2,"up":5,"r":[{"d":"x","t":${NOW - 1000},"c":5}]}`;
      for (const up of ['', '"up":1,']) {
        const [bad, ...others] = await codesOf(
          [`{"boot":"b","seq":1,${up}"r":[{"d":"x","t":${t},"c":5}]}`, good],
          clocks(0, NOW),
        );
        expect(bad).toEqual([expect.any(String), 'b', 1]);
        expect(others).toEqual(['frame']);
      }
    },
  );

  test('a clock that shows any number re-dates nothing', async () => {
    for (const shiftMs of [8e15, -8e15, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      const wall = 4_102_444_800_000;
      const [entry] = await codesOf(
        [`{"boot":"b","seq":1,"up":0,"r":[{"d":"x","t":${wall},"c":5}]}`],
        clocks(shiftMs, wall),
      );
      expect(entry).toEqual(['time-in-future', 'b', 1]);
    }
  });
});
