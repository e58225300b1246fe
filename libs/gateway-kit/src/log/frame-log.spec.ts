import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FileLogStorage } from './file-log-storage.js';
import { FrameLog, type LogOwner, type NewFrame } from './frame-log.js';
import { LogStorage, MemoryLogStorage } from './log-storage.js';

const owner: LogOwner = { gateway: 'north/g1', source: 'spec', startedAt: 1_000, boot: 'a' };
const frame = (text: string, lastAt = 10): NewFrame => ({ payload: () => Buffer.from(text), readings: 1, lastAt });
const kept = (log: FrameLog): string[] =>
  [...log.frames()].map(({ boot, seq, payload }) => `${boot}/${seq} ${payload.toString('utf8')}`);

/** A medium that keeps only the first so many bytes of what is written, then refuses or loses power. */
class Medium extends MemoryLogStorage {
  room = Infinity;
  failsToFlush = false;

  override append(name: string, bytes: Buffer): void {
    const fits = bytes.subarray(0, Math.max(0, Math.min(bytes.length, this.room)));
    this.room -= fits.length;
    super.append(name, fits);
    if (fits.length < bytes.length) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  }

  override flush(): void {
    if (this.failsToFlush) throw new Error('EIO: flush');
  }

  override close(): void {
    // What is on it stays.
  }
}

/** What a medium holds after the power went in the middle of a write: the last segment cut at a byte. */
function cutAt(medium: LogStorage, length: number): MemoryLogStorage {
  const copy = new Medium();
  const names = medium.names();
  for (const name of names) {
    const bytes = medium.read(name);
    copy.append(name, name === names.at(-1) ? bytes.subarray(0, length) : bytes);
  }
  return copy;
}

describe('FrameLog', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'frame-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('knows the clocks of the boots of which it keeps frames, whatever else was removed, and none of another boot', () => {
    const medium = new Medium();
    const log = FrameLog.open(medium, owner, { segmentBytes: 300 });
    const [slow, fast] = [-7_200_000, 5_000].map((wallAtStart) => ({ wallAtStart, span: 'one' }));
    log.append([{ ...frame('first'), clock: slow! }]);
    for (let seq = 1; seq < 20; seq++) log.append([frame(`${seq}`)]);
    log.append([{ ...frame('set'), boot: 'b', clock: fast! }, frame('after'), { ...frame('untold'), boot: 'c' }]);
    log.settle('a', [...Array(19).keys()]);
    expect(medium.names()).not.toContain('0000000001.frames');
    const again = FrameLog.open(medium, { ...owner, boot: 'd' });
    again.append([frame('later')]);
    expect(kept(again)).toEqual(['a/19 19', 'b/0 set', 'b/1 after', 'c/0 untold', 'd/0 later']);
    expect([...again.clocks]).toEqual([
      ['a', slow],
      ['b', fast],
    ]);
    expect([...FrameLog.open(medium, { ...owner, boot: 'e' }).clocks.keys()]).toEqual(['a', 'b']);
  });

  it('finds what was not acknowledged after a restart, with its numbers and bytes, and counts on in the same boot', () => {
    const log = FrameLog.open(new FileLogStorage(folder), owner);
    log.append([frame('{"a":"é"}'), frame('two', 20), frame('three\0\xc0\xf7', 30)]);
    log.settle('a', [1, 7]);
    log.close();
    const again = FrameLog.open(new FileLogStorage(folder), { ...owner, startedAt: 9 });
    expect(kept(again)).toEqual(['a/0 {"a":"é"}', 'a/2 three\0\xc0\xf7']);
    expect([again.startedAt, again.nextSeq, again.lastReadingAt, again.pending]).toEqual([1_000, 3, 30, 2]);
    again.close();
  });

  it('begins another boot at 0 beside what an earlier one left', () => {
    const log = FrameLog.open(new FileLogStorage(folder), owner);
    log.append([frame('one')]);
    log.close();
    const again = FrameLog.open(new FileLogStorage(folder), { ...owner, boot: 'b' });
    again.append([frame('two', 5)]);
    expect(kept(again)).toEqual(['a/0 one', 'b/0 two']);
    expect(again.lastReadingAt).toBe(10);
    again.beginBoot({ boot: 'c' });
    again.append([frame('three')]);
    again.close();
    const third = FrameLog.open(new FileLogStorage(folder), { ...owner, boot: 'c' });
    expect([third.nextSeq, third.pending]).toEqual([1, 3]);
    third.close();
  });

  it('refuses the log of another gateway', () => {
    FrameLog.open(new FileLogStorage(folder), owner).close();
    expect(() => FrameLog.open(new FileLogStorage(folder), { ...owner, gateway: 'north/g2' })).toThrow(/north\/g1/);
  });

  it('loses nothing that was kept before when a write is cut at any byte, and takes nothing of the torn one', () => {
    const medium = new Medium();
    const log = FrameLog.open(medium, owner);
    log.append([frame('one'), frame('two')]);
    const before = medium.read(medium.names()[0]!).length;
    log.append([frame('three'), frame('four')]);
    const after = medium.read(medium.names()[0]!).length;
    const seen = new Set<string>();
    for (let length = before; length <= after; length++) {
      const again = FrameLog.open(cutAt(medium, length), owner);
      const found = kept(again);
      expect(found.slice(0, 2)).toEqual(['a/0 one', 'a/1 two']);
      expect(['', 'a/2 three', 'a/2 three,a/3 four']).toContain(found.slice(2).join());
      expect(again.spoiltBytes).toBe(0);
      again.append([frame('next')]);
      expect(kept(again).at(-1)).toBe(`a/${found.length} next`);
      // The tail was cut off: a third start reads the same.
      seen.add(found.join());
    }
    expect(seen.size).toBe(3);
  });

  it('survives a cut at any byte of its very first write', () => {
    const medium = new Medium();
    FrameLog.open(medium, owner);
    const { length } = medium.read(medium.names()[0]!);
    for (let cut = 0; cut <= length; cut++) {
      const log = FrameLog.open(cutAt(medium, cut), owner);
      log.append([frame('one')]);
      expect(kept(log)).toEqual(['a/0 one']);
    }
  });

  it('reads on behind bytes that the medium spoiled, and says how many', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const medium = new Medium();
        const log = FrameLog.open(medium, owner);
        log.append(['one', 'two', 'three'].map((text) => frame(text)));
        const [name = ''] = medium.names();
        const bytes = Buffer.from(medium.read(name));
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const spoilt = new Medium();
        spoilt.append(name, bytes);
        spoilt.append('0000000002.frames', Buffer.alloc(0));
        const again = FrameLog.open(spoilt, owner);
        expect(again.spoiltBytes).toBeGreaterThan(0);
        expect(again.pending).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('keeps nothing of what a full disk did not take, at any byte, and goes on when there is room', () => {
    const whole = new Medium();
    const sizes = FrameLog.open(whole, owner);
    const head = whole.read(whole.names()[0]!).length;
    sizes.append([frame('two')]);
    const size = whole.read(whole.names()[0]!).length - head;
    for (let room = 0; room < size; room++) {
      const medium = new Medium();
      const log = FrameLog.open(medium, owner);
      log.append([frame('one')]);
      medium.room = room;
      expect(() => log.append([frame('two')])).toThrow(expect.objectContaining({ code: 'log-not-written' }));
      expect(kept(log)).toEqual(['a/0 one']);
      medium.room = Infinity;
      log.append([frame('three')]);
      expect(kept(FrameLog.open(medium, owner))).toEqual(['a/0 one', 'a/1 three']);
    }
  });

  it('leaves no file behind for each time that a full disk takes nothing, and goes on when there is room', () => {
    const medium = new Medium();
    const log = FrameLog.open(medium, owner);
    log.append([frame('one')]);
    medium.room = 3;
    for (let tries = 0; tries < 20; tries++) {
      expect(() => log.append([frame('two')])).toThrow(expect.objectContaining({ code: 'log-not-written' }));
      medium.room = 3;
    }
    expect(medium.names().length).toBe(1);
    medium.room = Infinity;
    log.append([frame('three')]);
    expect(kept(FrameLog.open(medium, owner))).toEqual(['a/0 one', 'a/1 three']);
  });

  it('has one file open, however many segments wait', () => {
    const open = (): number =>
      readdirSync('/proc/self/fd').filter((number) => {
        try {
          return readlinkSync(`/proc/self/fd/${number}`).startsWith(folder);
        } catch {
          // That of the listing itself.
          return false;
        }
      }).length;
    const log = FrameLog.open(new FileLogStorage(folder), owner, { segmentBytes: 1 });
    for (let seq = 0; seq < 20; seq++) log.append([frame(`frame ${seq}`)]);
    expect(readdirSync(folder).length).toBeGreaterThan(15);
    expect(open()).toBe(1);
    log.close();
    expect(open()).toBe(0);
  });

  it('keeps frames of two boots in one write: all of them or none', () => {
    const medium = new Medium();
    const log = FrameLog.open(medium, owner);
    log.append([frame('one', 7)]);
    const both = [frame('two', 8), { ...frame('three', 5), boot: 'b' }, { ...frame('four', 6), boot: 'b' }];
    medium.room = 120;
    expect(() => log.append(both)).toThrow(expect.objectContaining({ code: 'log-not-written' }));
    expect([log.boot, log.nextSeq, ...kept(log)]).toEqual(['a', 1, 'a/0 one']);
    medium.room = Infinity;
    log.append(both);
    const again = FrameLog.open(medium, { ...owner, boot: 'b' });
    expect(kept(again)).toEqual(['a/0 one', 'a/1 two', 'b/0 three', 'b/1 four']);
    expect([again.boot, again.nextSeq, again.lastReadingAt]).toEqual(['b', 2, 8]);
  });

  it('tells that the last record was spoiled, though it looks like a write that was cut short', () => {
    const medium = new Medium();
    const log = FrameLog.open(medium, owner);
    log.append([frame('one'), frame('two')]);
    expect(FrameLog.open(medium, owner).isDoubtful).toBe(false);
    const spoilt = new Medium();
    const [name = ''] = medium.names();
    const bytes = Buffer.from(medium.read(name));
    bytes[bytes.length - 1]! ^= 1;
    spoilt.append(name, bytes);
    const again = FrameLog.open(spoilt, owner);
    expect([again.isDoubtful, again.spoiltBytes, again.nextSeq]).toEqual([true, 0, 1]);
    again.beginBoot({ boot: 'b' });
    expect(again.isDoubtful).toBe(false);
  });

  it('frees a full disk by acknowledgements, though it cannot write them down', () => {
    const medium = new Medium();
    const log = FrameLog.open(medium, owner, { segmentBytes: 1 });
    for (const text of ['one', 'two', 'three']) log.append([frame(text)]);
    const before = medium.names().length;
    medium.room = 0;
    log.settle('a', [0, 1]);
    expect(medium.names().length).toBeLessThan(before);
    medium.room = Infinity;
    log.append([frame('four')]);
    expect(kept(FrameLog.open(medium, owner))).toEqual(['a/2 three', 'a/3 four']);
  });

  it('does not believe a segment after a flush that failed', () => {
    const medium = new Medium();
    const log = FrameLog.open(medium, owner);
    const [doubtful] = medium.names();
    medium.failsToFlush = true;
    expect(() => log.append([frame('one')])).toThrow(expect.objectContaining({ code: 'log-not-written' }));
    medium.failsToFlush = false;
    log.append([frame('two')]);
    expect(kept(log)).toEqual(['a/0 two']);
    expect(kept(FrameLog.open(medium, owner))).toEqual(['a/0 two']);
    expect(medium.names()).not.toContain(doubtful);
  });

  it('removes only segments that are settled as a whole, and never forgets its numbers', () => {
    const storage = new FileLogStorage(folder);
    const log = FrameLog.open(storage, owner, { segmentBytes: 200 });
    for (let seq = 0; seq < 50; seq++) log.append([frame(`frame ${seq}`, seq)]);
    const segments = readdirSync(folder).length;
    expect(segments).toBeGreaterThan(10);
    log.settle(
      'a',
      [...Array(49).keys()].filter((seq) => seq !== 20),
    );
    expect(kept(log)).toEqual(['a/20 frame 20', 'a/49 frame 49']);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(3);
    log.settle('a', [20, 49]);
    log.close();
    const again = FrameLog.open(new FileLogStorage(folder), owner);
    expect([again.nextSeq, again.pending, again.lastReadingAt]).toEqual([50, 0, 49]);
    expect(readdirSync(folder).length).toBe(1);
    again.close();
  });

  it('takes nothing beyond its bound, and never overwrites what nobody acknowledged', () => {
    const log = FrameLog.open(new Medium(), owner, { totalBytes: 2_000, segmentBytes: 500 });
    let taken = 0;
    expect(() => {
      for (; taken < 1_000; taken++) log.append([frame('x'.repeat(50))]);
    }).toThrow(expect.objectContaining({ code: 'log-full' }));
    expect(log.pending).toBe(taken);
    log.settle('a', [...Array(taken).keys()]);
    log.append([frame('again')]);
    expect(log.pending).toBe(1);
  });

  it('agrees with a list of what was appended and settled, over any restarts and cuts', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant('settle' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ do: fc.constant('restart' as const), boot: fc.constantFrom('a', 'b', 'c') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const medium = new Medium();
        let log = FrameLog.open(medium, owner, { segmentBytes: 300 });
        const next = new Map<string, number>();
        const model = new Map<string, string>();
        for (const [index, one] of steps.entries()) {
          if (one.do === 'append') {
            const frames = log.append(Array.from({ length: one.count }, (_, at) => frame(`${index}.${at}`)));
            for (const { boot, seq, payload } of frames) model.set(`${boot}/${seq}`, payload.toString('utf8'));
          } else if (one.do === 'settle') {
            const chosen = [...log.frames()].filter(({ seq }) => (seq * 0.37) % 1 < one.share);
            for (const { boot, seq } of chosen) {
              log.settle(boot, [seq]);
              model.delete(`${boot}/${seq}`);
            }
          } else if (!next.has(one.boot) || one.boot === log.boot) {
            // A boot that is over never comes again.
            next.set(log.boot, 0);
            log = FrameLog.open(medium, { ...owner, boot: one.boot }, { segmentBytes: 300 });
          }
          const found = new Map(
            [...log.frames()].map(({ boot, seq, payload }) => [`${boot}/${seq}`, payload.toString()]),
          );
          for (const [key, text] of model) expect(found.get(key)).toBe(text);
        }
      }),
    );
  });
});
