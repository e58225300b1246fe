import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import { decodeReadings, type FrameReading, presetProfile } from '@coldchain/telemetry';
import { AlarmMonitor } from './alarm/alarm-monitor.js';
import { Gateway, newBootName } from './gateway.js';
import { GatewayClock } from './gateway-clock.js';
import { FrameLog } from './log/frame-log.js';
import { type LogStorage, MemoryLogStorage } from './log/log-storage.js';
import { type UpChannel, Uplink, UplinkConnection, type UplinkListener } from './send/uplink.js';

const START = 1_763_600_000_000;
const HOUR = 3_600_000;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');

class SpecClock extends GatewayClock {
  wall = START;
  counted = 0;

  now(): number {
    return this.wall;
  }

  up(): number {
    return this.counted;
  }
}

interface SentFrame {
  readonly boot: string;
  readonly seq: number;
  readonly up: number | null;
}

/** A platform that stores what comes and acknowledges it when it is told to. */
class Platform extends Uplink {
  online = false;
  readonly frames: SentFrame[] = [];
  readonly statuses: Record<string, unknown>[] = [];
  readonly order: string[] = [];
  private listener: UplinkListener | null = null;
  key: KeyObject = privateKey;

  async connect(listener: UplinkListener): Promise<UplinkConnection | null> {
    if (!this.online) return null;
    this.listener = listener;
    setImmediate(() => this.acknowledge());
    return new PlatformConnection((channel, payload) => this.took(channel, payload));
  }

  /** Says what is contiguous of every boot. */
  acknowledge(): void {
    const boots = [...new Set(this.frames.map(({ boot }) => boot))].map((boot) => {
      const seqs = new Set(this.frames.filter((frame) => frame.boot === boot).map(({ seq }) => seq));
      let contiguous = -1;
      while (seqs.has(contiguous + 1)) contiguous++;
      return { boot, contiguous, last: contiguous, missing: [], rejected: [] };
    });
    const body = `${JSON.stringify({ boots, time: new Date(START + 5_000).toISOString() }).slice(0, -1)}`;
    const sig = sign(null, Buffer.from(body), this.key).toString('base64url');
    this.listener?.heard('acks', Buffer.from(`${body},"sig":"${sig}"}`));
  }

  cut(): void {
    this.online = false;
    this.listener?.closed();
  }

  private took(channel: UpChannel, payload: Buffer): void {
    if (channel === 'status') {
      const status = JSON.parse(payload.toString()) as Record<string, unknown>;
      this.statuses.push(status);
      this.order.push(`clock ${String(status['boot'])}`);
    } else {
      const decoded = decodeReadings(payload, { now: Infinity, oldest: -Infinity });
      if (!decoded.ok) throw new Error(decoded.code);
      const { boot, seq, upMs } = decoded.frame;
      this.order.push(`frame ${boot}`);
      this.frames.push({ boot: boot ?? '', seq: seq ?? -1, up: upMs });
    }
  }
}

class PlatformConnection extends UplinkConnection {
  constructor(private readonly took: (channel: UpChannel, payload: Buffer) => void) {
    super();
  }

  async publish(channel: UpChannel, payload: Buffer): Promise<void> {
    this.took(channel, payload);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

const reading = (at: number, celsius = 5): FrameReading => ({
  logger: 'L1',
  at,
  milliCelsius: celsius * 1000,
  humidityPermille: null,
  counter: null,
});

interface World {
  readonly gateway: Gateway;
  readonly platform: Platform;
  readonly clock: SpecClock;
  readonly rang: string[];
  readonly ending: AbortController;
  readonly running: Promise<void>;
  readonly until: (look: () => boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
}

function world(storage: LogStorage = new MemoryLogStorage(), boot = 'a'): World {
  const [platform, clock, rang, ending] = [new Platform(), new SpecClock(), [] as string[], new AbortController()];
  const random = new SeededRandom('spec');
  const gateway = new Gateway(
    {
      log: FrameLog.open(storage, { gateway: 'north/g1', source: 'spec', startedAt: START, boot }),
      uplink: platform,
      clock,
      random,
      platformKey: publicKey,
      bounds: { backlogPerSecond: Infinity, backlogWindow: Infinity },
      note: () => undefined,
      format: 'compact',
      signer: null,
      alarms: new AlarmMonitor({ profile: presetProfile('2-8').thermal, intervalMs: 300_000 }),
      ring: ({ state, alarm }) => rang.push(`${state} ${alarm.rule}`),
    },
    () => newBootName(random),
  );
  const running = gateway.run(ending.signal);
  return {
    ...{ gateway, platform, clock, rang, ending, running },
    until: async (look) => {
      for (let tries = 0; !look(); tries++) {
        if (tries > 500) throw new Error('did not come to pass');
        await sleep(10);
      }
    },
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

describe('Gateway', () => {
  it('keeps a day without the platform, rings meanwhile, and tells all of it afterwards', async () => {
    const { gateway, platform, rang, until, stop } = world();
    for (let hour = 0; hour < 24; hour++)
      gateway.record([[reading(START + hour * HOUR, hour === 12 ? 9 : 5)]], () => ({ wall: START, up: 0 }));
    expect(rang).toContain('ringing above-8');
    expect(gateway.log.pending).toBe(24);
    platform.online = true;
    await until(() => platform.frames.length === 24);
    expect(gateway.log.pending).toBe(24);
    platform.acknowledge();
    expect(gateway.log.pending).toBe(0);
    await stop();
  });

  it('believes no acknowledgement that the platform did not sign', async () => {
    const { gateway, platform, until, stop } = world();
    gateway.record([[reading(START)]]);
    platform.key = generateKeyPairSync('ed25519').privateKey;
    platform.online = true;
    platform.frames.push({ boot: 'a', seq: 0, up: null });
    await until(() => platform.statuses.length > 0);
    platform.acknowledge();
    expect(gateway.log.pending).toBe(1);
    await stop();
  });

  it('sends everything again after a lost connection, and what an earlier run left', async () => {
    const storage = new MemoryLogStorage();
    const first = world(storage);
    first.gateway.record([[reading(START)]]);
    first.platform.online = true;
    await first.until(() => first.platform.frames.length === 1);
    first.platform.cut();
    // It lost what it had confirmed.
    first.platform.frames.length = 0;
    first.platform.online = true;
    await first.until(() => first.platform.frames.length === 1);
    await first.stop();
    const second = world(storage, 'b');
    second.gateway.record([[reading(START + HOUR)]]);
    second.platform.online = true;
    await second.until(() => second.platform.frames.length === 2);
    expect(second.platform.frames.map(({ boot, seq }) => `${boot}/${seq}`).sort()).toEqual(['a/0', 'b/0']);
    second.platform.acknowledge();
    expect(second.gateway.log.pending).toBe(0);
    await second.stop();
  });

  it('begins another boot when its clock is set, and tells the platform how each one stood, before its frames', async () => {
    const { gateway, platform, clock, until, stop } = world();
    platform.online = true;
    await until(() => platform.statuses.length > 0);
    clock.counted = 1_000;
    clock.wall = START - 2 * HOUR;
    gateway.record([[reading(clock.wall)]]);
    clock.counted = 2_000;
    clock.wall = START + 2_000;
    gateway.record([[reading(clock.wall)]]);
    await until(() => platform.frames.length === 2);
    platform.acknowledge();
    const [one, other] = platform.frames;
    expect([one?.seq, one?.up, other?.seq, other?.up]).toEqual([0, 1_000, 0, 2_000]);
    expect(other?.boot).not.toBe(one?.boot);
    const clocks = platform.statuses.filter((status) => 'boot' in status);
    expect(clocks.map(({ boot, time, up }) => [boot, Number(time) - Number(up)])).toEqual([
      [one?.boot, START - 2 * HOUR - 1_000],
      [other?.boot, START],
    ]);
    for (const { heard, up } of clocks) expect(heard).toEqual({ time: START + 5_000, up });
    const said = (entry: string): number => platform.order.indexOf(entry);
    for (const { boot = '' } of [one!, other!]) {
      expect(said(`clock ${boot}`)).toBeGreaterThanOrEqual(0);
      expect(said(`clock ${boot}`)).toBeLessThan(said(`frame ${boot}`));
    }
    await stop();
  });
});
