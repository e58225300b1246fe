import { hostname } from 'node:os';
import { Database } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { runProcess } from '@coldchain/runtime';
import { runFsck } from './fsck/fsck-command.js';
import { openLedger } from './open-ledger.js';
import { runRebuild } from './projection/rebuild-command.js';
import { runUnpark } from './relay/unpark-command.js';
import { runStatus } from './status/status-command.js';
import { registerFigures } from './status/figures.js';
import { startLedgerWorker } from './worker.js';

/** What this process does once and ends, instead of working on: it alone may open the ledger. */
const COMMANDS: Readonly<Record<string, (arguments_: readonly string[]) => Promise<number>>> = {
  fsck: runFsck,
  rebuild: runRebuild,
  status: runStatus,
  unpark: runUnpark,
};

const command = COMMANDS[process.argv[2] ?? ''];
if (command !== undefined) {
  process.exitCode = await command(process.argv.slice(3));
} else {
  await runProcess('ledger-worker', async ({ configuration, logger, health, metrics, onStop }) => {
    const database = Database.open({
      url: configuration.databaseUrl,
      role: 'cct_worker',
      applicationName: 'ledger-worker',
      maxConnections: 16,
    });
    onStop('database', () => database.close());
    const clock = new SystemClock();
    const random = new SystemRandom();
    const ledger = await openLedger(configuration, database.pool, clock, random);
    onStop('ledger', () => ledger.close());
    const worker = startLedgerWorker({
      pool: database.pool,
      ledger,
      logger,
      clock,
      random,
      holder: `${hostname()}:${process.pid}`,
      outboxPollMs: configuration.outboxPollMs,
      heightCheckMs: configuration.heightCheckMs,
    });
    onStop('worker', () => worker.stop());
    // A standby is ready: it takes over by itself.
    health.addCheck('ledger', async () => ((await ledger.health()).height > 0 ? null : 'no blocks'));
    registerFigures(health, metrics, database.pool, worker, clock);
  });
}
