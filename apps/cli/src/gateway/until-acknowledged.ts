import { sleep } from '@coldchain/kernel';
import type { Gateway } from '@coldchain/gateway-kit';
import type { Terminal } from '../command.js';

const LOOK_MS = 25;
const PROGRESS_MS = 1_000;

/**
 * Runs a gateway while `produce` measures, and after it has ended until everything is acknowledged.
 * @returns false when it was stopped before
 */
export async function runUntilAcknowledged(
  gateway: Gateway,
  terminal: Terminal,
  produce: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  terminal.stopped.addEventListener('abort', stop);
  if (terminal.stopped.aborted) stop();
  const sending = gateway.run(ending.signal);
  // A broker that refuses us ends the production too.
  const failed = sending.catch(() => ending.abort());
  try {
    await produce(ending.signal);
    let saidAt = -Infinity;
    while (gateway.log.pending > 0 && !ending.signal.aborted) {
      if (terminal.interactive && performance.now() - saidAt > PROGRESS_MS) {
        saidAt = performance.now();
        terminal.note(`${gateway.log.pending} frames to be acknowledged`);
      }
      await sleep(LOOK_MS, ending.signal);
    }
    return gateway.log.pending === 0 && !terminal.stopped.aborted;
  } finally {
    ending.abort();
    terminal.stopped.removeEventListener('abort', stop);
    await failed;
    await sending;
    gateway.close();
  }
}
