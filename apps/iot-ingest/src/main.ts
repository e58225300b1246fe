import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Database } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { runProcess } from '@coldchain/runtime';
import { startIngest } from './ingest.js';

/**
 * How much the heap may grow over what was alive at the last full collection. Where there is much memory V8 lets it grow by
 * 300 (`MemoryController::GrowingFactor`), and messages live just long enough to count among what is old: garbage of a
 * queue that is drained would take 100 MB more. It is read at each collection, so it may be set now.
 */
const HEAP_GROWTH_PERCENT = 200;

setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
// What is new is compiled at once: it is a queue that waits after a start (5 % of the first second's processor time).
setFlagsFromString('--always-sparkplug');
await runProcess('iot-ingest', async ({ configuration, logger, health, metrics, onStop }) => {
  const database = Database.open({
    url: configuration.databaseUrl,
    role: 'cct_ingest',
    applicationName: 'iot-ingest',
    maxConnections: 10,
    preparesStatements: true,
  });
  onStop('database', () => database.close());
  const ingest = await startIngest({
    database,
    configuration: {
      ...configuration,
      ingestDiskPath: configuration.ingestDiskPath ?? configuration.dataDir,
      ingestKeyFile: configuration.ingestKeyFile ?? join(configuration.dataDir, 'ingest-key.pem'),
    },
    logger,
    clock: new SystemClock(),
    random: new SystemRandom(),
    health,
    metrics,
  });
  onStop('ingest', () => ingest.stop());
});
