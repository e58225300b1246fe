import { EntityDatabase } from '@coldchain/database';
import { Clock, Random } from '@coldchain/kernel';
import { Health, Metrics } from '@coldchain/runtime';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ApiOptions } from '../api-options.js';
import { AccessGuard } from './access.guard.js';
import { Authentication } from './authentication.js';
import { OperationInterceptor } from './operation.interceptor.js';
import { Work } from './work.js';

/** What the API is given from outside. */
export interface Surroundings {
  readonly database: EntityDatabase;
  readonly configuration: ApiOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** Access, input, problems and transactions for every capability. */
@Global()
@Module({})
export class HttpModule {
  static with(surroundings: Surroundings): DynamicModule {
    return {
      module: HttpModule,
      providers: [
        { provide: EntityDatabase, useValue: surroundings.database },
        { provide: ApiOptions, useValue: surroundings.configuration },
        { provide: Clock, useValue: surroundings.clock },
        { provide: Random, useValue: surroundings.random },
        { provide: Health, useValue: surroundings.health },
        { provide: Metrics, useValue: surroundings.metrics },
        Authentication,
        Work,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: OperationInterceptor },
      ],
      exports: [EntityDatabase, ApiOptions, Clock, Random, Health, Metrics, Authentication, Work],
    };
  }
}
