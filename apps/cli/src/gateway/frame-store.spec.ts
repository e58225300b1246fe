import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FrameStore, type StoreHeader } from './frame-store.js';

const header: StoreHeader = { boot: 'b', gateway: 'north/g1', source: 'spec', startedAt: 1_000 };
const frame = (text: string, lastAt: number) => ({ payload: Buffer.from(text), readings: 1, lastAt });

describe('FrameStore', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'frame-store-'));
    path = join(folder, 'frames');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds what was not acknowledged after a restart, with its numbers and bytes', () => {
    const store = FrameStore.open(path, header);
    store.append([frame('{"a":"é"}', 10), frame('two', 20), frame('three', 30)]);
    store.settle([1]);
    store.close();
    const again = FrameStore.open(path, { ...header, boot: 'other', startedAt: 9 });
    expect(again.header).toEqual(header);
    expect([...again.frames()].map(({ seq, payload }) => [seq, payload.toString('utf8')])).toEqual([
      [0, '{"a":"é"}'],
      [2, 'three'],
    ]);
    expect([again.nextSeq, again.lastReadingAt, again.pending]).toEqual([3, 30, 2]);
    again.close();
  });

  it('drops a line that was cut short and goes on behind the last whole one', () => {
    const store = FrameStore.open(path, header);
    store.append([frame('one', 10)]);
    store.close();
    appendFileSync(path, '{"seq":1,"to":20,"n":1,"fra');
    const again = FrameStore.open(path, header);
    expect(again.nextSeq).toBe(1);
    again.append([frame('two', 20)]);
    again.close();
    expect([...FrameStore.open(path, header).frames()].map(({ payload }) => payload.toString('utf8'))).toEqual([
      'one',
      'two',
    ]);
  });

  it('refuses a store that was begun for something else', () => {
    FrameStore.open(path, header).close();
    expect(() => FrameStore.open(path, { ...header, gateway: 'north/g2' })).toThrow(/north\/g1/);
  });

  it('writes the file anew when most of it is settled, and keeps its numbers', () => {
    const store = FrameStore.open(path, header);
    store.append(Array.from({ length: 6_000 }, (_, index) => frame(`frame ${index}`, index)));
    store.settle(Array.from({ length: 5_999 }, (_, index) => index));
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(10);
    store.close();
    const again = FrameStore.open(path, header);
    expect([again.nextSeq, again.pending, again.lastReadingAt]).toEqual([6_000, 1, 5_999]);
    again.close();
  });
});
