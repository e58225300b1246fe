import type { Installation } from './installation.js';

/** A terminal's Ctrl-C reaches us twice under npm, from the terminal and from npm: only a later one is a second wish. */
const SAME_WISH_MS = 1_000;
const PARENT_POLL_MS = 250;

/**
 * Resolves when somebody wants the installation to stop: SIGINT, SIGTERM, SIGHUP, or the end of the npm that runs us. A
 * second signal, a second later, ends everything at once.
 */
export function stopRequest(installation: Installation): Promise<'asked'> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const ask = (): void => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        installation.interrupt();
        resolve('asked');
      } else if (performance.now() - firstAt > SAME_WISH_MS) {
        installation.kill();
        process.exit(1);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
    watchParent(ask);
  });
}

/** npm may be killed without a word to us. Without npm a new parent is normal (a shell that was closed). */
function watchParent(ask: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    ask();
  }, PARENT_POLL_MS);
  timer.unref();
}
