import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, ManualClock, sleep, SystemClock } from '@coldchain/kernel';
import { createLogger } from '@coldchain/runtime';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Gateway, MessageSource, UNKNOWN_GATEWAY } from '../message-source.js';
import { Acknowledger } from './acknowledger.js';
import { PlatformKey } from './platform-key.js';

/** Everybody listens; keeps who was told, in order. */
class Listeners extends MessageSource {
  readonly told: number[] = [];

  async start(): Promise<void> {}
  async pause(): Promise<void> {}
  listens(): boolean {
    return true;
  }
  send(gateway: Gateway): void {
    this.told.push(gateway.id);
  }
  async stop(): Promise<void> {}
}

const gateway = (id: number): Gateway => ({ ...UNKNOWN_GATEWAY, id });
const GATEWAYS = Array.from({ length: 200 }, (_, index) => 1 + index);

describe('Acknowledger', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'coldchain-acknowledger-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function acknowledgerOf(
    source: MessageSource,
    isPressed: () => boolean,
    clock: Clock = new SystemClock(),
  ): Acknowledger {
    return new Acknowledger({
      database: { query: async () => [] },
      source,
      watermarks: { of: async (asked) => new Map(asked.map(({ gatewayId }) => [gatewayId, []])) },
      key: PlatformKey.ofFile(join(folder, 'key.pem')),
      clock,
      logger: createLogger('spec', 'fatal'),
      figures: null,
      isPressed,
    });
  }

  it('tells every gateway, in turns while readings wait to be stored, who waited longest first', async () => {
    const source = new Listeners();
    let isPressed = true;
    const acknowledger = acknowledgerOf(source, () => isPressed);
    for (const id of GATEWAYS) acknowledger.touched(gateway(id), 'b');
    acknowledger.start();
    while (source.told.length < 20) await sleep(5);
    expect(source.told.length).toBeLessThan(GATEWAYS.length);
    isPressed = false;
    while (source.told.length < GATEWAYS.length) await sleep(5);
    expect(source.told).toEqual(GATEWAYS);
    await acknowledger.stop();
  });

  it('lets nobody wait so long that its frames are sent again, however many there are', async () => {
    const source = new Listeners();
    const clock = new ManualClock(0);
    const acknowledger = acknowledgerOf(source, () => true, clock);
    for (const id of GATEWAYS) acknowledger.touched(gateway(id), 'b');
    acknowledger.start();
    while (source.told.length === 0) await sleep(5);
    expect(source.told.length).toBeLessThan(GATEWAYS.length);
    const before = source.told.length;
    clock.advance(5_000);
    while (source.told.length === before) await sleep(5);
    const next = source.told.length;
    await acknowledger.stop();
    expect({ next, told: source.told }).toEqual({ next: GATEWAYS.length, told: GATEWAYS });
  });

  it('tells all that is due when it stops, also while readings wait', async () => {
    const source = new Listeners();
    const acknowledger = acknowledgerOf(source, () => true);
    for (const id of GATEWAYS) acknowledger.touched(gateway(id), 'b');
    acknowledger.start();
    await acknowledger.stop();
    expect([...source.told].sort((one, other) => one - other)).toEqual(GATEWAYS);
  });
});
