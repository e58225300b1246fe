import { Database } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { runProcess } from '@coldchain/runtime';
import { runFsck } from './fsck/fsck-command.js';
import { openLedger } from './open-ledger.js';
import { startLedgerWorker } from './worker.js';

if (process.argv[2] === 'fsck') {
  process.exitCode = await runFsck(process.argv.slice(3));
} else {
  await runProcess('ledger-worker', async ({ configuration, logger, health, onStop }) => {
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
      outboxPollMs: configuration.outboxPollMs,
      heightCheckMs: configuration.heightCheckMs,
    });
    onStop('worker', () => worker.stop());
    // A standby is ready: it takes over by itself.
    health.addCheck('ledger', async () => ((await ledger.health()).height > 0 ? null : 'no blocks'));
  });
}
