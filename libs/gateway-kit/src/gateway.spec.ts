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
  override span: string | null = 'one';
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
  readonly at: readonly number[];
}

/** A platform that stores what comes and acknowledges it when it is told to. */
class Platform extends Uplink {
  online = false;
  readonly frames: SentFrame[] = [];
  readonly statuses: Record<string, unknown>[] = [];
  readonly order: string[] = [];
  private listener: UplinkListener | null = null;
  key: KeyObject = privateKey;
  /** Numbers that are said to be set aside. */
  readonly rejected: (readonly [seq: number, code: string])[] = [];

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
      return { boot, contiguous, last: contiguous, missing: [], rejected: this.rejected };
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
      const { boot, seq, upMs, readings } = decoded.frame;
      this.order.push(`frame ${boot}`);
      this.frames.push({ boot: boot ?? '', seq: seq ?? -1, up: upMs, at: readings.map(({ at }) => at) });
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

/** A frame that the platform has of an earlier run. */
const stored = (boot: string, seq: number): SentFrame => ({ boot, seq, up: null, at: [] });

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

/** Memory that outlives the log, as a disk does. */
class Disk extends MemoryLogStorage {
  room = Infinity;

  override append(name: string, bytes: Buffer): void {
    if (bytes.length > this.room) throw new Error('ENOSPC');
    this.room -= bytes.length;
    super.append(name, bytes);
  }

  override close(): void {
    // What is on it stays.
  }
}

function world(
  storage: LogStorage = new MemoryLogStorage(),
  boot = 'a',
  repeats = false,
  clock = new SpecClock(),
): World {
  const [platform, rang, ending] = [new Platform(), [] as string[], new AbortController()];
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
      repeats,
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
    platform.frames.push(stored('a', 0));
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

  it('numbers a frame anew when the platform has another one under its number, and loses neither', async () => {
    // Nothing of the earlier run is left here: no store, another disk, or a restored one.
    const { gateway, platform, until, stop } = world();
    platform.frames.push(stored('a', 0), stored('a', 1));
    gateway.record([[reading(START)], [reading(START + 1)], [reading(START + 2)]]);
    platform.online = true;
    await until(() => platform.frames.length === 5);
    const sent = platform.frames.slice(2);
    const anew = sent.find(({ boot }) => boot !== 'a')?.boot ?? '';
    expect(sent.map(({ boot, seq, at }) => `${boot}/${seq} ${at.join()}`).sort()).toEqual([
      `a/2 ${START + 2}`,
      `${anew}/0 ${START}`,
      `${anew}/1 ${START + 1}`,
    ]);
    platform.acknowledge();
    expect(gateway.log.pending).toBe(0);
    // Its clock is that of the boot that it goes on for, and is told before.
    expect(platform.order.indexOf(`clock ${anew}`)).toBeGreaterThanOrEqual(0);
    expect(platform.order.indexOf(`clock ${anew}`)).toBeLessThan(platform.order.indexOf(`frame ${anew}`));
    gateway.record([[reading(START + 3)]]);
    expect([gateway.log.boot, gateway.log.nextSeq]).toEqual([anew, 3]);
    await stop();
  });

  it('gives no number that the platform has already, also when it hears so before it measures', async () => {
    const { gateway, platform, until, stop } = world();
    platform.frames.push(stored('a', 0), stored('a', 1));
    platform.online = true;
    await until(() => gateway.log.boot !== 'a');
    gateway.record([[reading(START)]]);
    expect(gateway.log.nextSeq).toBe(1);
    await stop();
  });

  it('gives the number of a spoiled last record to no other reading', async () => {
    const disk = new Disk();
    const first = world(disk);
    first.gateway.record([[reading(START)], [reading(START + 1)]]);
    await first.stop();
    const spoilt = new Disk();
    const [name = ''] = disk.names();
    const bytes = Buffer.from(disk.read(name));
    bytes[bytes.length - 1]! ^= 1;
    spoilt.append(name, bytes);
    const second = world(spoilt);
    second.gateway.record([[reading(START + 2)]]);
    const numbers = [...second.gateway.log.frames()].map(({ boot, seq }) => `${boot === 'a' ? 'a' : 'new'}/${seq}`);
    expect(numbers).toEqual(['a/0', 'new/0']);
    await second.stop();
  });

  it('sends what an earlier run left, though the platform has the number, before it believes that', async () => {
    const disk = new Disk();
    const first = world(disk);
    first.gateway.record([[reading(START)]]);
    await first.stop();
    const second = world(disk);
    second.platform.frames.push(stored('a', 0));
    second.platform.online = true;
    await second.until(() => second.platform.frames.length === 2);
    expect(second.gateway.log.pending).toBe(1);
    second.platform.acknowledge();
    expect(second.gateway.log.pending).toBe(0);
    await second.stop();
  });

  it('sends a replay under its own numbers again, where the platform has them', async () => {
    const { gateway, platform, until, stop } = world(new MemoryLogStorage(), 'a', true);
    platform.frames.push(stored('a', 0), stored('a', 1));
    gateway.record([[reading(START)], [reading(START + 1)]], () => null);
    platform.online = true;
    await until(() => platform.frames.length === 4);
    expect(
      platform.frames
        .map(({ boot, seq }) => `${boot}/${seq}`)
        .slice(2)
        .sort(),
    ).toEqual(['a/0', 'a/1']);
    platform.acknowledge();
    expect(gateway.log.pending).toBe(0);
    await stop();
  });

  it('tells no clocks of boots that are over, however often its clock was set', async () => {
    const { gateway, platform, clock, until, stop } = world();
    platform.online = true;
    const steps = 40;
    for (let step = 0; step < steps; step++) {
      clock.counted += 1_000;
      clock.wall += HOUR;
      gateway.record([[reading(clock.wall)]]);
      await until(() => platform.frames.length === step + 1);
      platform.acknowledge();
      expect(gateway.log.pending).toBe(0);
    }
    expect(new Set(platform.frames.map(({ boot }) => boot)).size).toBe(steps);
    platform.cut();
    const before = platform.statuses.length;
    platform.online = true;
    clock.wall += HOUR;
    gateway.record([[reading(clock.wall)]]);
    await until(() => platform.frames.length === steps + 1);
    const told = platform.statuses.slice(before).filter((status) => 'boot' in status);
    expect(new Set(told.map(({ boot }) => boot))).toEqual(new Set([gateway.log.boot]));
    await stop();
  });

  describe('started again before it could tell how its clock stood', () => {
    /** Measures with a wrong clock, ends, and is started again with this counting clock. */
    async function startedAgain(span: string | null): Promise<World> {
      const disk = new Disk();
      const first = world(disk);
      first.clock.counted = 1_000;
      first.clock.wall = START - 2 * HOUR;
      first.gateway.record([[reading(first.clock.wall)]]);
      await first.stop();
      const clock = new SpecClock();
      Object.assign(clock, { span, counted: 60_000, wall: START + 60_000 });
      const second = world(disk, 'b', false, clock);
      second.gateway.record([[reading(clock.wall)]]);
      second.platform.online = true;
      await second.until(() => second.platform.frames.length === 2);
      await second.stop();
      return second;
    }
    const clocksOf = ({ platform }: World): (readonly [unknown, number])[] =>
      platform.statuses
        .filter((status) => 'boot' in status)
        .map(({ boot, time, up }) => [boot, Number(time) - Number(up)] as const);

    it('tells it, before the frames, while the counting clock goes on', async () => {
      const again = await startedAgain('one');
      expect(clocksOf(again)).toEqual([
        ['a', START - 2 * HOUR - 1_000],
        ['b', START],
      ]);
      const { order } = again.platform;
      expect(order.indexOf('clock a')).toBeLessThan(order.indexOf('frame a'));
    });

    it.each([
      ['kept under taken numbers', true],
      ['measured after they turned out to be taken', false],
    ])('tells it also of the boot that went on for another, of frames %s', async (_which, isKept) => {
      const disk = new Disk();
      const { gateway, platform, clock, until, stop } = world(disk);
      clock.wall = START - 2 * HOUR;
      platform.online = true;
      gateway.record([[reading(clock.wall)]]);
      await until(() => platform.frames.length === 1);
      platform.acknowledge();
      platform.cut();
      if (isKept) gateway.record([[reading(clock.wall)]]);
      platform.frames.push(stored('a', 1));
      platform.online = true;
      await until(() => gateway.log.boot !== 'a');
      if (!isKept) gateway.record([[reading(clock.wall)]]);
      await stop();
      const later = new SpecClock();
      Object.assign(later, { counted: 60_000, wall: START + 60_000 });
      const second = world(disk, 'b', false, later);
      second.platform.online = true;
      await second.until(() => second.platform.frames.length === 1);
      await second.stop();
      expect(clocksOf(second)).toEqual([[gateway.log.boot, START - 2 * HOUR]]);
      expect(second.platform.order).toEqual(expect.arrayContaining([`frame ${gateway.log.boot}`]));
    });

    it.each(['another', null])('guesses nothing when that is another one (%s)', async (span) => {
      expect(clocksOf(await startedAgain(span))).toEqual([['b', START]]);
    });
  });

  it('sends nothing under numbers that are taken while the disk is full', async () => {
    const disk = new Disk();
    const { gateway, platform, until, stop } = world(disk);
    gateway.record([[reading(START)]]);
    platform.frames.push(stored('a', 0));
    disk.room = 0;
    platform.online = true;
    await until(() => platform.statuses.filter(({ state }) => state === 'online').length > 6);
    expect([platform.frames.length, gateway.log.pending]).toEqual([1, 1]);
    disk.room = Infinity;
    await until(() => platform.frames.length === 2);
    expect(platform.frames[1]).toMatchObject({ seq: 0, at: [START] });
    expect(platform.frames[1]?.boot).not.toBe('a');
    // However often it tried, one other boot is told.
    const told = new Set(platform.statuses.flatMap(({ boot }) => (typeof boot === 'string' ? [boot] : [])));
    expect(told).toEqual(new Set(['a', platform.frames[1]?.boot]));
    await stop();
  });

  it('keeps a frame that was set aside for its time until it was sent with the clock known', async () => {
    const { gateway, platform, until, stop } = world();
    platform.online = true;
    gateway.record([[reading(START)], [reading(START + 1)]]);
    await until(() => platform.frames.length === 2);
    // An instance that had not heard of the clock refused one; this is what it says first.
    platform.rejected.push([1, 'time-in-future']);
    platform.acknowledge();
    expect([...gateway.log.frames()].map(({ seq }) => seq)).toEqual([1]);
    expect(gateway.rejected).toEqual([]);
    await until(() => platform.frames.length === 3);
    expect(platform.frames[2]).toMatchObject({ boot: 'a', seq: 1 });
    await sleep(0);
    platform.acknowledge();
    expect(gateway.log.pending).toBe(0);
    expect(gateway.rejected).toEqual([{ boot: 'a', seq: 1, code: 'time-in-future' }]);
    // Now that the clock is known what is said of a time holds at once.
    gateway.record([[reading(START + 2)]]);
    await until(() => platform.frames.length === 4);
    await sleep(0);
    platform.rejected.push([2, 'time-too-old']);
    platform.acknowledge();
    expect(gateway.log.pending).toBe(0);
    await stop();
  });

  it('forgets a frame that was set aside for its time when the platform takes it after all', async () => {
    const { gateway, platform, until, stop } = world();
    platform.online = true;
    gateway.record([[reading(START)]]);
    await until(() => platform.frames.length === 1);
    platform.rejected.push([0, 'time-in-future']);
    platform.acknowledge();
    await until(() => platform.frames.length === 2);
    platform.rejected.length = 0;
    platform.acknowledge();
    expect([gateway.log.pending, gateway.rejected]).toEqual([0, []]);
    await stop();
  });

  it('keeps all frames or none when the clock was set between them, so that trying again stores nothing twice', async () => {
    const disk = new Disk();
    const { gateway, stop } = world(disk);
    const frames = [[reading(START)], [reading(START + 1)], [reading(START + HOUR)]];
    const closed = ([one]: readonly FrameReading[]): { wall: number; up: number } => ({ wall: one?.at ?? 0, up: 5 });
    disk.room = 400;
    expect(() => gateway.record(frames, closed)).toThrow(expect.objectContaining({ code: 'log-not-written' }));
    expect([gateway.log.pending, gateway.log.boot]).toEqual([0, 'a']);
    disk.room = Infinity;
    gateway.record(frames, closed);
    const numbers = [...gateway.log.frames()].map(({ boot, seq }) => `${boot === 'a' ? 'a' : 'new'}/${seq}`);
    expect(numbers).toEqual(['a/0', 'a/1', 'new/0']);
    await stop();
  });
});
