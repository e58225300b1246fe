import { integer, setting } from './setting.js';

/** Settings of the API alone: work on jobs, and how often accounts may ask. */
export const API_SETTINGS = {
  CCT_PLANNING_THREADS: setting({
    key: 'planningThreads',
    schema: integer(0, 64),
    doc: 'Threads that fit forecasts while a job runs in this process; 0: it works on no jobs.',
    default: '1',
    processes: ['api'],
    requiredBy: [],
    secret: false,
  }),
  CCT_PLANNING_NIGHT_HOUR: setting({
    key: 'planningNightHour',
    schema: integer(0, 24),
    doc: 'Hour of the day (UTC) from which each organisation gets its nightly forecasts; 24: never.',
    default: '1',
    processes: ['api'],
    requiredBy: [],
    secret: false,
  }),
  CCT_JOB_LEASE_MS: setting({
    key: 'jobLeaseMs',
    schema: integer(500, 3_600_000),
    doc: 'Time without a sign of life after which another process goes on with a job.',
    default: '60000',
    processes: ['api'],
    requiredBy: [],
    secret: false,
  }),
  CCT_ACCOUNT_RATE: setting({
    key: 'accountRequestsPerMinute',
    schema: integer(0, 10_000_000),
    doc: 'Requests a minute that one account may make of one API process, ten seconds of it at once; 0: no limit.',
    default: '60000',
    processes: ['api'],
    requiredBy: [],
    secret: false,
  }),
} as const;
