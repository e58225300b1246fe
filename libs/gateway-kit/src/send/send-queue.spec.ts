import { describe, expect, it } from '@jest/globals';
import { FrameLog, type KeptFrame } from '../log/frame-log.js';
import { MemoryLogStorage } from '../log/log-storage.js';
import { SendQueue } from './send-queue.js';

const owner = { gateway: 'north/g1', source: 'spec', startedAt: 0, boot: 'b' };

function begin(backlog: number): { log: FrameLog; keep: (count: number) => readonly KeptFrame[] } {
  const log = FrameLog.open(new MemoryLogStorage(), owner);
  const keep = (count: number): readonly KeptFrame[] =>
    log.append(Array.from({ length: count }, () => ({ payload: () => Buffer.of(1), readings: 1, lastAt: 0 })));
  keep(backlog);
  return { log, keep };
}
/** Numbers that may be sent now. */
function drain(queue: SendQueue, now: number): number[] {
  const sent: number[] = [];
  for (let frame = queue.next(now); frame !== null; frame = queue.next(now)) sent.push(frame.seq);
  return sent;
}

describe('SendQueue', () => {
  it('sends what was just measured first, and paces the backlog', () => {
    const { log, keep } = begin(100);
    const queue = new SendQueue(log, { backlogPerSecond: 20, backlogWindow: 50 });
    queue.connected(0);
    expect(drain(queue, 0)).toEqual([0, 1]);
    queue.kept(keep(3), 0);
    expect(drain(queue, 0)).toEqual([100, 101, 102]);
    expect(drain(queue, 100)).toEqual([2, 3]);
    // What was not used is not saved up.
    expect(drain(queue, 5_000)).toEqual([4, 5]);
  });

  it('lets only so much of the backlog be on its way, and the rest of the window stays free for live frames', () => {
    const { log, keep } = begin(100);
    const queue = new SendQueue(log, { backlogPerSecond: Infinity, backlogWindow: 4, window: 6 });
    queue.connected(0);
    expect(drain(queue, 0)).toEqual([0, 1, 2, 3]);
    const live = keep(5);
    queue.kept(live, 0);
    expect(drain(queue, 0)).toEqual([100, 101]);
    queue.confirmed(live[0]!, 0);
    expect(drain(queue, 0)).toEqual([102]);
  });

  it('sends again what no acknowledgement covered in time, and not what one did', () => {
    const { log } = begin(3);
    const queue = new SendQueue(log, { backlogPerSecond: Infinity });
    queue.connected(0);
    expect(drain(queue, 0)).toEqual([0, 1, 2]);
    log.settle('b', [1]);
    expect(drain(queue, 9_999)).toEqual([]);
    expect(drain(queue, 10_000)).toEqual([0, 2]);
    expect(drain(queue, 19_999)).toEqual([]);
  });

  it('sends at once what is asked for, and again everything on a new connection', () => {
    const { log } = begin(4);
    const queue = new SendQueue(log, { backlogPerSecond: Infinity });
    queue.connected(0);
    drain(queue, 0);
    queue.ask('b', [[1, 2]]);
    queue.ask('other', [[0, 3]]);
    expect(drain(queue, 1)).toEqual([1, 2]);
    queue.connected(2);
    expect(drain(queue, 2)).toEqual([0, 1, 2, 3]);
  });

  it('learns how uneven a way is from live frames that had it for themselves, and paces a backlog by that', () => {
    const { log, keep } = begin(0);
    const queue = new SendQueue(log, {});
    queue.connected(0);
    for (let minute = 1; minute <= 40; minute++) {
      const at = minute * 60_000;
      queue.kept(keep(1), at);
      const frame = queue.next(at);
      if (frame !== null) queue.confirmed(frame, at + (minute % 4 === 0 ? 40 : 140));
      log.settle('b', [minute - 1]);
    }
    keep(600);
    const back = 41 * 60_000;
    queue.connected(back);
    let flights: { readonly frame: KeptFrame; readonly end: number }[] = [];
    let sent = 0;
    for (let now = back; now < back + 30_000; now += 10) {
      for (const { frame } of flights.filter(({ end }) => end <= now)) queue.confirmed(frame, now);
      flights = flights.filter(({ end }) => end > now);
      for (let frame = queue.next(now); frame !== null; frame = queue.next(now)) {
        flights.push({ frame, end: now + (sent++ % 4 === 0 ? 40 : 140) });
      }
    }
    // At its slowest it would be 60.
    expect(sent).toBeGreaterThan(200);
  });

  it('does not take for usual what many frames that the platform asked for took, one behind the other', () => {
    const { log, keep } = begin(200);
    const queue = new SendQueue(log, {});
    queue.connected(0);
    log.settle(
      'b',
      Array.from({ length: 200 }, (_, seq) => seq),
    );
    keep(200);
    for (let second = 0; second < 600; second += 4) {
      const at = second * 1_000;
      queue.ask('b', [[200, 399]]);
      const asked: KeptFrame[] = [];
      for (let frame = queue.next(at); frame !== null; frame = queue.next(at)) asked.push(frame);
      expect(asked.length).toBe(200);
      asked.forEach((frame, index) => queue.confirmed(frame, at + 40 + index * 19));
    }
    const back = 700_000;
    keep(600);
    queue.connected(back);
    let flights: { readonly frame: KeptFrame; readonly end: number }[] = [];
    let sent = 0;
    for (let now = back; now < back + 30_000; now += 10) {
      for (const { frame } of flights.filter(({ end }) => end <= now)) {
        queue.confirmed(frame, now);
        log.settle('b', [frame.seq]);
      }
      flights = flights.filter(({ end }) => end > now);
      for (let frame = queue.next(now); frame !== null; frame = queue.next(now)) {
        // The first are quick, and all behind them wait in a queue.
        flights.push({ frame, end: now + (sent++ < 4 ? 40 : 300) });
      }
    }
    expect(sent).toBeLessThan(120);
  });

  it('sends what was measured while it was away for a moment before what waits for longer', () => {
    const { log, keep } = begin(2);
    const queue = new SendQueue(log, { backlogPerSecond: Infinity });
    queue.kept(keep(1), 0);
    queue.kept(keep(1), 59_000);
    queue.connected(60_000);
    expect(drain(queue, 60_000)).toEqual([3, 0, 1, 2]);
  });
});
