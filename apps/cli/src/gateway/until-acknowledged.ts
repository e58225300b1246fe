import { sleep } from '@coldchain/kernel';
import type { Terminal } from '../command.js';
import type { FrameSender } from './frame-sender.js';
import type { FrameStore } from './frame-store.js';

const LOOK_MS = 25;
const PROGRESS_MS = 1_000;

/**
 * Sends while `produce` fills the store, and after it has ended until everything is acknowledged.
 * @returns false when it was stopped before
 */
export async function sendUntilAcknowledged(
  sender: FrameSender,
  store: FrameStore,
  terminal: Terminal,
  produce: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  terminal.stopped.addEventListener('abort', stop);
  if (terminal.stopped.aborted) stop();
  const sending = sender.run(ending.signal);
  // A broker that refuses us ends the production too.
  const failed = sending.catch(() => ending.abort());
  try {
    await produce(ending.signal);
    let saidAt = -Infinity;
    while (store.pending > 0 && !ending.signal.aborted) {
      if (terminal.interactive && performance.now() - saidAt > PROGRESS_MS) {
        saidAt = performance.now();
        terminal.note(`${store.pending} frames to be acknowledged`);
      }
      await sleep(LOOK_MS, ending.signal);
    }
    return store.pending === 0 && !terminal.stopped.aborted;
  } finally {
    ending.abort();
    terminal.stopped.removeEventListener('abort', stop);
    await failed;
    await sending;
    store.close();
  }
}
