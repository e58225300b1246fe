import { sleep } from '@coldchain/kernel';

/** How long is given way at most, and how often is looked. */
const LONGEST_WAIT_MS = 30_000;
const BETWEEN_LOOKS_MS = 250;

/**
 * Gives way to readings that wait to be stored, but not for ever: who follows what is stored takes the processor from who
 * stores it, and has all the time of its interval.
 */
export async function untilCalm(isPressed: () => boolean, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS && isPressed() && !signal.aborted; waitedMs += BETWEEN_LOOKS_MS)
    await sleep(BETWEEN_LOOKS_MS, signal);
}
