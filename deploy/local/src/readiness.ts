import { connect } from 'node:net';
import { sleep } from '@coldchain/kernel';
import { LocalError } from './local-error.js';
import type { ServerChild } from './server-child.js';

const READY_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_500;
const BETWEEN_PROBES_MS = 25;

/** A question whose answer is null when ready, else the reason. */
type Probe = () => Promise<string | null>;

/** Asks `/readyz` at an address. */
export function readyz(address: string): Probe {
  return async () => {
    try {
      const response = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
      const body = await response.text();
      return response.ok ? null : body.slice(0, 300);
    } catch {
      return 'does not answer';
    }
  };
}

/** Opens a connection and closes it. */
export function listens(port: number, host: string): Probe {
  return () =>
    new Promise((resolve) => {
      const socket = connect({ port, host, timeout: PROBE_TIMEOUT_MS });
      const answer = (reason: string | null): void => {
        socket.destroy();
        resolve(reason);
      };
      socket.once('connect', () => answer(null));
      socket.once('timeout', () => answer('does not answer'));
      socket.once('error', () => answer('does not answer'));
    });
}

/**
 * Waits until every probe of a child agrees.
 * @throws LocalError `process-ended` with the tail of its log, `process-not-ready`, `interrupted`
 */
export async function untilReady(child: ServerChild, probes: readonly Probe[], signal: AbortSignal): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS;
  let reason: string | null = 'not asked';
  while (Date.now() < until) {
    if (signal.aborted) throw new LocalError('interrupted', 'stopped while starting', 'start again');
    if (child.end !== undefined) throw endedError(child);
    reason = null;
    for (const probe of probes) reason ??= await probe();
    if (reason === null) return;
    await sleep(BETWEEN_PROBES_MS, signal);
  }
  throw new LocalError(
    'process-not-ready',
    `${child.name} is not ready after ${READY_TIMEOUT_MS / 1000} s: ${reason}`,
    `see ${child.logFile}\n${child.logTail()}`,
  );
}

/** A child ended that should have gone on. */
export function endedError(child: ServerChild): LocalError {
  return new LocalError(
    'process-ended',
    `${child.name} ended (${child.end ?? 'unknown'})`,
    `see ${child.logFile}, its last lines:\n${child.logTail()}`,
  );
}
