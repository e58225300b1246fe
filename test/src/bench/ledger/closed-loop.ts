import { sleep } from '@coldchain/kernel';
import { quantile } from '../statistics.js';

/** What a number of clients, each with one call under way, got done. */
export interface LoopResult {
  readonly perSecond: number;
  /** Of calls that began and ended while it was measured, ms. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly calls: number;
}

/** How long clients run before and while they are measured, ms. */
export interface LoopTimes {
  readonly warmMs: number;
  readonly measureMs: number;
}

/** A measurement is longer where it would have seen less, but not so many times longer. */
const FEWEST_CALLS = 20;
const LONGEST = 10;

/**
 * Keeps `inFlight` calls under way. Measured is the middle: neither the start, in which nothing has ended yet, nor the end.
 * @param call one call; rejects when it fails, which ends the measurement
 * @param observe called when measuring begins, and its result when it ends; both while all clients run
 */
export async function closedLoop<Observed>(
  inFlight: number,
  { warmMs, measureMs }: LoopTimes,
  call: (client: number) => Promise<void>,
  observe: () => () => Observed,
): Promise<LoopResult & { readonly observed: Observed }> {
  const calls: { readonly began: number; readonly ended: number }[] = [];
  const stop = new AbortController();
  const clients = Array.from({ length: inFlight }, async (_, client) => {
    while (!stop.signal.aborted) {
      const began = performance.now();
      await call(client);
      calls.push({ began, ended: performance.now() });
    }
  });
  const running = Promise.all(clients);
  const failed = running.then(() => undefined);
  try {
    await Promise.race([sleep(warmMs, stop.signal), failed]);
    const from = performance.now();
    const finish = observe();
    const endedSince = (): number => calls.filter((one) => one.ended > from).length;
    for (let part = 0; part < LONGEST && (part === 0 || endedSince() < Math.max(FEWEST_CALLS, inFlight)); part++)
      await Promise.race([sleep(measureMs, stop.signal), failed]);
    const observed = finish();
    const to = performance.now();
    const ended = endedSince();
    stop.abort();
    await running;
    // Slow calls would be missing if only those counted that also ended before the end.
    const latencies = calls.filter((one) => one.began >= from && one.began < to).map((one) => one.ended - one.began);
    return {
      perSecond: (ended * 1000) / (to - from),
      p50: quantile(latencies, 0.5),
      p95: quantile(latencies, 0.95),
      p99: quantile(latencies, 0.99),
      calls: ended,
      observed,
    };
  } finally {
    stop.abort();
  }
}
