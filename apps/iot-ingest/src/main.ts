import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Database } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { runProcess } from '@coldchain/runtime';
import { startIngest } from './ingest.js';

/**
 * How much the heap may grow over what was alive at the last full collection. Messages live just long enough to count among
 * what is old, and by itself V8 lets so much garbage of a drained queue lie that it took 80 MB more (README). Set at run
 * time it counts from the next collection on.
 */
const HEAP_GROWTH_PERCENT = 200;

setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
// What is new is compiled at once: a queue waits after a start (200,000 single readings, medians of five in one run each:
// 148,000 → 157,000 a second).
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
