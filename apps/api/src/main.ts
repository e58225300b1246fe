import { EntityDatabase } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { runProcess } from '@coldchain/runtime';
import { startApi } from './app.js';

await runProcess('api', async ({ configuration, logger, health, metrics, onStop }) => {
  const database = await EntityDatabase.open({
    url: configuration.databaseUrl,
    role: 'cct_api',
    applicationName: 'coldchain-api',
  });
  onStop('database', () => database.close());
  const api = await startApi({
    database,
    configuration,
    logger,
    health,
    metrics,
    clock: new SystemClock(),
    random: new SystemRandom(),
  });
  onStop('http', () => api.stop());
  logger.info({ url: api.url }, 'listening');
});
