import { join } from 'node:path';
import { Database } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { runProcess } from '@coldchain/runtime';
import { startIngest } from './ingest.js';

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
