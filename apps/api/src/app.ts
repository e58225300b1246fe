import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EntityDatabase } from '@coldchain/database';
import type { Clock, Random } from '@coldchain/kernel';
import { Health, type Logger, Metrics } from '@coldchain/runtime';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import type { ApiOptions } from './api-options.js';
import { AppModule } from './app.module.js';
import { jsonBody, openContext, securityHeaders } from './http/middleware.js';
import { NestLogger } from './http/nest-logger.js';
import { ProblemFilter } from './http/problem.filter.js';
import { requestLog } from './http/request-log.js';
import { LiveStreams } from './live/live.controller.js';
import { ASSETS_FOLDER } from './package-facts.js';

/** What the API needs to run; `health` and `metrics` of the process, or its own where none are given. */
export interface ApiSurroundings {
  readonly database: EntityDatabase;
  readonly configuration: ApiOptions;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly health?: Health;
  readonly metrics?: Metrics;
}

/** A listening API. */
export interface RunningApi {
  /** `http://host:port` without a slash at its end. */
  readonly url: string;
  /** Ends open requests and stops listening; the database stays open. */
  stop(): Promise<void>;
}

/** Starts the API. @throws when the port is taken */
export async function startApi(surroundings: ApiSurroundings): Promise<RunningApi> {
  const { database, configuration, logger, clock, random } = surroundings;
  const health = surroundings.health ?? startedHealth();
  const metrics = surroundings.metrics ?? new Metrics('api');
  health.addCheck('database', async () => {
    await database.query('SELECT 1');
    return null;
  });

  const server = express();
  server.disable('x-powered-by');
  server.disable('etag');
  server.set('query parser', 'simple');
  server.use(openContext(clock, random), requestLog(clock, logger, metrics), securityHeaders());
  server.use('/assets', express.static(ASSETS_FOLDER, { index: false, redirect: false, dotfiles: 'ignore' }));
  server.use(jsonBody());

  const app = await NestFactory.create(
    AppModule.with({ database, configuration, clock, random, health, metrics }),
    new ExpressAdapter(server),
    { bodyParser: false, logger: new NestLogger(logger), abortOnError: false },
  );
  app.useGlobalFilters(new ProblemFilter(logger));
  await app.init();

  // Files may take long to come; how long JSON may take is decided where it is read.
  const listener = createServer({ requestTimeout: 600_000, headersTimeout: 10_000 }, server);
  await listening(listener, configuration);
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://${hostOf(configuration.httpHost)}:${port}`,
    stop: async () => {
      await app.get(LiveStreams).stop();
      await closed(listener);
      await app.close();
    },
  };
}

function startedHealth(): Health {
  const health = new Health();
  health.markStarted();
  return health;
}

function listening(server: Server, { httpHost, httpPort }: ApiOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(httpPort, httpHost, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Idle connections are cut; a request that is being answered ends first. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

const hostOf = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};
