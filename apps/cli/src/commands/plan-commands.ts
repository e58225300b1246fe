import { API_OPTIONS } from '../api/api-options.js';
import type { Command } from '../command.js';
import { lazyCommand } from './lazy-command.js';

const PRODUCT = { kind: 'text', value: 'CODE|GTIN', doc: 'only this article, or GTIN that belongs to none' } as const;
const SITE = { kind: 'text', value: 'SITE', doc: 'only this site; the organisation’s own is its GLN' } as const;
const LISTED = { product: PRODUCT, site: SITE, ...API_OPTIONS };

/** Demand, forecasts and orders on the platform. */
export const PLAN_COMMANDS: readonly Command[] = [
  lazyCommand(
    {
      name: 'plan import',
      positionals: ['FILE'],
      summary: 'Import demand from CSV product,date,quantity[,site][,source][,available]',
      help: [
        'The same file counts once. Of a series with a bad row nothing is taken; exit status 2 then, 1 when all are bad.',
      ],
      options: {
        source: {
          kind: 'text',
          value: 'SOURCE',
          doc: 'of rows that name none: dispensed (default), issued, ordered or delivered',
        },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./plan-import.js')).runPlanImport,
  ),
  lazyCommand(
    {
      name: 'plan demand',
      positionals: [],
      summary: 'What is known of demand, as the CSV that "forecast" reads',
      options: {
        frequency: { kind: 'text', value: 'day|week|month|quarter', doc: 'length of a period (default: as planned)' },
        ...LISTED,
      },
    },
    async () => (await import('./plan-lists.js')).runPlanDemand,
  ),
  lazyCommand(
    {
      name: 'plan set',
      positionals: [],
      summary: 'How the organisation plans',
      options: {
        frequency: { kind: 'text', value: 'day|week|month|quarter', doc: 'length of a period (default week)' },
        horizon: { kind: 'text', value: 'H', doc: 'periods ahead (default 13)' },
        'decommissions-are': {
          kind: 'text',
          value: 'WORD',
          doc: 'dispensed (default), or delivered where packs are decommissioned when they come in',
        },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./plan-jobs.js')).runPlanSet,
  ),
  lazyCommand(
    {
      name: 'plan article',
      positionals: ['FILE.json'],
      summary: 'Say how an article is counted and ordered, and which packs it has; the API reference tells the members',
      options: API_OPTIONS,
    },
    async () => (await import('./plan-jobs.js')).runPlanArticle,
  ),
  lazyCommand(
    {
      name: 'plan prices',
      positionals: ['FILE'],
      summary: 'Set prices of base units from CSV article,unit_price',
      help: [
        'The whole list is taken, or nothing where a row is wrong; an empty price is one that is not known any more.',
      ],
      options: API_OPTIONS,
    },
    async () => (await import('./plan-import.js')).runPlanPrices,
  ),
  lazyCommand(
    {
      name: 'plan run',
      positionals: [],
      summary: 'Ask for forecasts now and wait for them; every night they are made anyway',
      options: {
        ...LISTED,
        until: { kind: 'text', value: 'DAY', doc: 'history ends before the period of this day (default: today)' },
        'no-wait': { kind: 'flag', value: '', doc: 'print the job and do not wait' },
      },
    },
    async () => (await import('./plan-jobs.js')).runPlanRun,
  ),
  lazyCommand(
    {
      name: 'plan jobs',
      positionals: [],
      summary: 'Forecast jobs, newest first, and how far they are',
      options: API_OPTIONS,
    },
    async () => (await import('./plan-jobs.js')).runPlanJobs,
  ),
  lazyCommand(
    {
      name: 'plan cancel',
      positionals: ['JOB'],
      summary: 'End a job after what it is just doing',
      options: API_OPTIONS,
    },
    async () => (await import('./plan-jobs.js')).runPlanCancel,
  ),
  lazyCommand(
    {
      name: 'plan resume',
      positionals: ['JOB'],
      summary: 'Go on with a job that was cancelled or failed',
      options: API_OPTIONS,
    },
    async () => (await import('./plan-jobs.js')).runPlanResume,
  ),
  lazyCommand(
    {
      name: 'plan forecasts',
      positionals: [],
      summary: 'The newest forecast of each product and site, as the CSV that "forecast" writes',
      options: LISTED,
    },
    async () => (await import('./plan-lists.js')).runPlanForecasts,
  ),
  lazyCommand(
    {
      name: 'plan orders',
      positionals: [],
      summary: 'What to order by when, from the saleable stock of this moment, as CSV',
      options: LISTED,
    },
    async () => (await import('./plan-lists.js')).runPlanOrders,
  ),
  lazyCommand(
    {
      name: 'plan what-if',
      positionals: ['CODE|GTIN'],
      summary: 'What other service levels would take and give, as CSV',
      options: { site: SITE, ...API_OPTIONS },
    },
    async () => (await import('./plan-lists.js')).runPlanWhatIf,
  ),
  lazyCommand(
    {
      name: 'plan impact',
      positionals: ['GTIN', 'LOT'],
      summary: 'Which own sites run dry, and when, if a lot is held or recalled, and who has some to spare',
      options: API_OPTIONS,
    },
    async () => (await import('./plan-lists.js')).runPlanImpact,
  ),
  lazyCommand(
    {
      name: 'plan share',
      positionals: ['CODE|GTIN', 'ORGANISATION'],
      summary: 'Let another organisation know how much of a product is free, and at which site',
      help: [
        'Nothing is shared before. "plan impact" of the other one names it, without the lot that is asked about, so that how',
        'much of it is of a lot that he names can be told. Demand, orders and lots stay your own.',
      ],
      options: API_OPTIONS,
    },
    async () => (await import('./plan-shares.js')).runPlanShare,
  ),
  lazyCommand(
    {
      name: 'plan shares',
      positionals: [],
      summary: 'Who is told of your free stock, and who tells you of his',
      options: API_OPTIONS,
    },
    async () => (await import('./plan-shares.js')).runPlanShares,
  ),
  lazyCommand(
    {
      name: 'plan unshare',
      positionals: ['SHARE'],
      summary: 'Tell of it no more; the number is that of "plan shares"',
      options: API_OPTIONS,
    },
    async () => (await import('./plan-shares.js')).runPlanUnshare,
  ),
  lazyCommand(
    {
      name: 'plan flags',
      positionals: [],
      summary: 'What is unusual in the readings of own loggers, newest first; advice that holds nothing',
      options: { logger: { kind: 'text', value: 'SERIAL', doc: 'only this logger' }, ...API_OPTIONS },
    },
    async () => (await import('./plan-lists.js')).runPlanFlags,
  ),
];
