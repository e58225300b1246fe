import { loadConfiguration, printConfiguration } from './configuration.js';
import { Health } from './health.js';
import { serveHealth } from './health-server.js';
import { createLogger, type Logger } from './logger.js';
import { Metrics } from './metrics.js';
import type { Configuration, ProcessName } from './settings.js';
import { failureLine } from './failure-line.js';
import { StopSequence } from './stop-sequence.js';

/** The names of server processes. */
export type ServerName = Exclude<ProcessName, 'cli' | 'local'>;

/** What a process has at hand while it starts. */
export interface ProcessContext<Process extends ServerName> {
  readonly configuration: Configuration<Process>;
  readonly logger: Logger;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Registers how to end what was just started; run in reverse order. */
  readonly onStop: (name: string, stop: () => Promise<void> | void) => void;
  /** Ends the process in order because it cannot go on; the exit status is 1. */
  readonly fail: (error: unknown) => void;
}

/** All stop steps together have this long; what is still running then is cut off. */
export const STOP_DEADLINE_MS = 10_000;
const CUT_OFF_MS = 2_000;

/**
 * The whole life of a server process. Reads its configuration (`--check-config` prints it redacted and ends), serves
 * probes where a health port is set, runs `start`, and stops in reverse order on SIGTERM, SIGINT (each is handled once,
 * a second one kills), when the parent's pipe closes (`CCT_PARENT_PIPE=1`: end of standard input) or after `fail`.
 * Exit status: 0 stopped as asked, 1 failed (at start with one line on standard error) or cut off at the deadline.
 */
export async function runProcess<Process extends ServerName>(
  name: Process,
  start: (context: ProcessContext<Process>) => Promise<void>,
): Promise<void> {
  let configuration: Configuration<Process> | null = null;
  const stops = new StopSequence();
  try {
    if (process.argv.includes('--check-config')) {
      process.stdout.write(`${printConfiguration(name)}\n`);
      return;
    }
    configuration = loadConfiguration(name);
    // Seen through the settings that every process has; a generic slice cannot be narrowed further.
    const common: CommonSettings = configuration as unknown as CommonSettings;
    const logger = createLogger(name, common.logLevel);
    const health = new Health();
    const metrics = new Metrics(name);
    metrics.collectProcessFigures();
    const end = supervise(stops, logger, health, common.parentPipe === '1');
    const port = common.ingestHealthPort ?? common.workerHealthPort ?? 0;
    if (port !== 0) {
      const server = await serveHealth(health, metrics, { host: common.httpHost, port });
      stops.add('health server', () => server.close());
    }
    await start({
      configuration,
      logger,
      health,
      metrics,
      onStop: (step, stop) => stops.add(step, stop),
      fail: (error) => end({ reason: 'failure', error }),
    });
    health.markStarted();
    logger.info('started');
  } catch (error) {
    process.stderr.write(`${failureLine(`coldchain ${name} did not start`, error, configuration)}\n`);
    await stops.run(STOP_DEADLINE_MS);
    process.exit(1);
  }
}

type CommonSettings = Configuration<'api'> &
  Partial<Pick<Configuration<'iot-ingest'>, 'ingestHealthPort'>> &
  Partial<Pick<Configuration<'ledger-worker'>, 'workerHealthPort'>>;

type End = { readonly reason: 'signal' | 'parent gone' } | { readonly reason: 'failure'; readonly error: unknown };

function supervise(stops: StopSequence, logger: Logger, health: Health, parentPipe: boolean): (end: End) => void {
  let ending = false;
  const end = (cause: End): void => {
    if (cause.reason === 'failure') logger.fatal({ err: cause.error }, 'cannot go on');
    if (ending) return;
    ending = true;
    // Whatever happens below, also to a log whose reader has gone: nobody else would end this process.
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS + CUT_OFF_MS);
    health.markStopping();
    logger.info({ reason: cause.reason }, 'stopping');
    void stops.run(STOP_DEADLINE_MS).then(({ failed, unfinished }) => {
      for (const { name, error } of failed) logger.error({ step: name, err: error }, 'stop step failed');
      if (unfinished.length > 0) logger.error({ unfinished }, 'stop deadline passed');
      const clean = cause.reason !== 'failure' && failed.length === 0 && unfinished.length === 0;
      if (clean) logger.info('stopped');
      process.exit(clean ? 0 : 1);
    });
  };
  process.once('SIGTERM', () => end({ reason: 'signal' }));
  process.once('SIGINT', () => end({ reason: 'signal' }));
  process.on('uncaughtException', (error) => end({ reason: 'failure', error }));
  process.on('unhandledRejection', (error) => end({ reason: 'failure', error }));
  if (parentPipe) {
    const gone = (): void => end({ reason: 'parent gone' });
    process.stdin.once('end', gone).once('close', gone).once('error', gone).resume();
  }
  return end;
}
