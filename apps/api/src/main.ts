import { EntityDatabase } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { runProcess } from '@coldchain/runtime';
import { startApi } from './app.js';
import { startPlanning } from './planning/planning-runner.js';

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
  const { planningThreads: threads, planningNightHour: hour, jobLeaseMs: leaseMs } = configuration;
  if (threads > 0) {
    const nightHour = hour === 24 ? null : hour;
    const planning = startPlanning({ database, clock: new SystemClock(), logger, threads, nightHour, leaseMs });
    onStop('planning', () => planning.stop());
  }
  logger.info({ url: api.url }, 'listening');
});
