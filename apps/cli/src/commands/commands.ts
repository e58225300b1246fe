import { API_OPTIONS } from '../api/api-options.js';
import type { Command } from '../command.js';
import { CASE_COMMANDS } from './case-commands.js';
import { EVIDENCE_COMMANDS } from './evidence-commands.js';
import { EVENT_TIME, EXCEPTION_COMMANDS } from './exception-commands.js';
import { GATEWAY_COMMANDS } from './gateway-commands.js';
import { lazyCommand } from './lazy-command.js';
import { PLAN_COMMANDS } from './plan-commands.js';
import { ZONE } from './zone-option.js';

const FREQUENCY = { kind: 'text', value: 'day|week|month|quarter', doc: 'length of a period (needed)' } as const;
const HORIZON = { kind: 'text', value: 'H', doc: 'periods ahead, 1 to 400 (needed)' } as const;

/** Every command, in the order of the overview. */
export const COMMANDS: readonly Command[] = [
  lazyCommand(
    {
      name: 'event hash',
      positionals: ['FILE'],
      summary: 'EPCIS event hash of each event in a document, one per line',
      options: {
        profile: { kind: 'text', value: 'NAME', doc: 'cbv2.0-2025, cbv2.0 (default) or cbv2.1' },
        prehash: { kind: 'flag', value: '', doc: 'the text that is hashed, instead of the hash' },
      },
    },
    async () => (await import('./event-hash.js')).runEventHash,
  ),
  lazyCommand(
    {
      name: 'gs1 parse',
      positionals: ['TEXT'],
      summary: 'What an element string, Digital Link or EPC URN says, as JSON',
      options: {},
    },
    async () => (await import('./gs1-parse.js')).runGs1Parse,
  ),
  lazyCommand(
    {
      name: 'logger read',
      positionals: ['FILE'],
      summary: 'The readings of a logger export as CSV in UTC',
      help: ['Reads Berlinger FridgeTag and Q-tag text, and CSV "timestamp,celsius[,humidity]".'],
      options: { zone: ZONE },
    },
    async () => (await import('./logger-read.js')).runLoggerRead,
  ),
  lazyCommand(
    {
      name: 'excursions',
      positionals: ['FILE'],
      summary: 'Judges a logger export by a product profile, as JSON',
      help: ['The verdict is in the answer. Exit status 2: gaps or missing readings do not allow one.'],
      options: {
        profile: {
          kind: 'text',
          value: 'NAME|device|FILE.json',
          doc: 'what the product may take (default 2-8); device: its own alarms',
        },
        zone: ZONE,
      },
    },
    async () => (await import('./excursions.js')).runExcursions,
  ),
  lazyCommand(
    {
      name: 'forecast',
      positionals: ['FILE'],
      summary: 'Demand forecasts with intervals, from CSV series,date,quantity[,available], as CSV',
      help: ['Exit status 2: some series were refused; the others are there.'],
      options: {
        frequency: FREQUENCY,
        horizon: HORIZON,
        level: { kind: 'text', value: '80,95', doc: 'levels of the intervals in per cent (default 80,95)' },
      },
    },
    async () => (await import('./forecast.js')).runForecast,
  ),
  lazyCommand(
    {
      name: 'backtest',
      positionals: ['FILE'],
      summary: 'What these forecasts would have been worth: MASE, sMAPE, RMSSE, MSIS, coverage, as JSON',
      options: {
        frequency: FREQUENCY,
        horizon: HORIZON,
        origins: {
          kind: 'text',
          value: 'N',
          doc: 'forecasts are made after each of the last N possible periods (needed)',
        },
      },
    },
    async () => (await import('./backtest.js')).runBacktest,
  ),
  lazyCommand(
    {
      name: 'reorder',
      positionals: ['FILE'],
      summary: 'When and how much to order, from the same CSV and a stock list, as CSV',
      help: ['Times are in periods of the frequency. Without a stock list there are levels and no order quantity.'],
      options: {
        frequency: FREQUENCY,
        'lead-time': { kind: 'text', value: 'L', doc: 'periods from order to delivery (needed)' },
        review: { kind: 'text', value: 'R', doc: 'periods between two looks at the stock (needed)' },
        service: { kind: 'text', value: 'P', doc: 'probability of no stockout, such as 0.95 (needed)' },
        'lead-time-spread': {
          kind: 'text',
          value: 'S',
          doc: 'standard deviation of the lead time in periods (default 0)',
        },
        stock: {
          kind: 'text',
          value: 'STOCK.csv',
          doc: 'series,on_hand,on_order,pack_size,minimum_order,expiry; a row for each lot',
        },
        sentences: { kind: 'flag', value: '', doc: 'say each order in words, to standard error' },
      },
    },
    async () => (await import('./reorder.js')).runReorder,
  ),
  lazyCommand(
    {
      name: 'anomalies',
      positionals: ['FILE'],
      summary: 'What in a series is unusual: score, alert and cause of each row, by it and the rows before it',
      help: ['FILE is CSV "timestamp,value[,humidity]". Flags are advice: they hold nothing.'],
      options: {
        setting: { kind: 'text', value: 'NAME', doc: 'cold-chain (default) or general' },
        zone: ZONE,
      },
    },
    async () => (await import('./anomalies.js')).runAnomalies,
  ),
  lazyCommand(
    {
      name: 'profile what-if',
      positionals: ['FILE.json'],
      summary: 'Which units a product profile would judge differently, before it is published',
      help: ['Exit status 0: none, 1: some, 2: some cannot be told.'],
      options: { gtin: { kind: 'text', value: 'GTIN', doc: 'the product' }, ...API_OPTIONS },
    },
    async () => (await import('./profile-what-if.js')).runProfileWhatIf,
  ),
  lazyCommand(
    {
      name: 'verify',
      positionals: ['CODE'],
      summary: 'May this pack or unit be used? 0 ok, 1 do not use, 2 unknown',
      options: API_OPTIONS,
    },
    async () => (await import('./verify.js')).runVerify,
  ),
  lazyCommand(
    {
      name: 'trail',
      positionals: ['CODE'],
      summary: 'The custody events of a pack, batch or unit',
      options: API_OPTIONS,
    },
    async () => (await import('./trail.js')).runTrail,
  ),
  lazyCommand(
    {
      name: 'batch register',
      positionals: [],
      summary: 'Register a lot and the packs of its first run',
      options: {
        gtin: { kind: 'text', value: 'GTIN', doc: 'the product' },
        lot: { kind: 'text', value: 'LOT', doc: 'the lot' },
        expiry: { kind: 'text', value: 'DAY', doc: 'last day of use, YYYY-MM-DD' },
        'profile-version': { kind: 'text', value: 'N', doc: 'version of the product profile (default 1)' },
        serial: { kind: 'list', value: 'SERIAL', doc: 'a pack; may be repeated' },
        'event-time': EVENT_TIME,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./acts.js')).runBatchRegister,
  ),
  lazyCommand(
    {
      name: 'ship',
      positionals: ['SSCC…'],
      summary: 'Ship units to a named receiver',
      options: {
        to: { kind: 'text', value: 'ORGANISATION', doc: 'the receiver' },
        place: {
          kind: 'text',
          value: 'PLACE',
          doc: 'a place of yours, as a rule a vehicle, that they are in from now on',
        },
        'event-time': EVENT_TIME,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./acts.js')).runShip,
  ),
  lazyCommand(
    {
      name: 'receive',
      positionals: ['SSCC…'],
      summary: 'Receive units',
      options: {
        unannounced: { kind: 'flag', value: '', doc: 'nobody announced them: they are held' },
        discrepancy: { kind: 'text', value: 'TEXT', doc: 'what was wrong: they are held' },
        'event-time': EVENT_TIME,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./acts.js')).runReceive,
  ),
  lazyCommand(
    {
      name: 'dispense',
      positionals: ['CODE'],
      summary: 'Dispense one pack',
      options: { 'event-time': EVENT_TIME, ...API_OPTIONS },
    },
    async () => (await import('./acts.js')).runDispense,
  ),
  ...EVIDENCE_COMMANDS,
  ...EXCEPTION_COMMANDS,
  ...CASE_COMMANDS,
  ...PLAN_COMMANDS,
  ...GATEWAY_COMMANDS,
  lazyCommand(
    {
      name: 'frame prove',
      positionals: ['GATEWAY', 'BOOT', 'SEQUENCE'],
      summary: 'A frame and the path from it to a root on the ledger, as JSON; 2: its root is not there yet',
      options: API_OPTIONS,
    },
    async () => (await import('./frame.js')).runFrameProve,
  ),
  lazyCommand(
    {
      name: 'frame verify',
      positionals: ['FILE'],
      summary: 'Checks such a proof without any server: 0 it holds, 1 it does not, 2 not on the ledger yet',
      help: ['That the ledger holds the root is for a member of the channel to ask; --root compares with what he got.'],
      options: { root: { kind: 'text', value: 'HEX', doc: 'the root as got from the ledger by yourself' } },
    },
    async () => (await import('./frame.js')).runFrameVerify,
  ),
  lazyCommand(
    {
      name: 'fsck',
      positionals: [],
      summary: 'Re-hash every stored event and compare with the ledger, both ways',
      options: {},
    },
    async () => (await import('./ledger.js')).runFsck,
  ),
  lazyCommand(
    {
      name: 'ledger status',
      positionals: [],
      summary: 'Heights per organisation, what waits, what is parked, the last block and its signers',
      help: ['Exit status 0: all is well, 1: something is wrong, 2: something could not be found out.'],
      options: {},
    },
    async () => (await import('./ledger.js')).runLedgerStatus,
  ),
  lazyCommand(
    {
      name: 'ledger unpark',
      positionals: ['[ID…]'],
      summary: 'Let parked outbox rows go again, with all that waits for them',
      options: { all: { kind: 'flag', value: '', doc: 'all that are parked' } },
    },
    async () => (await import('./ledger.js')).runLedgerUnpark,
  ),
  lazyCommand(
    {
      name: 'ledger rebuild',
      positionals: [],
      summary: 'Build the read model anew from block 0; a worker may run beside it',
      options: {},
    },
    async () => (await import('./ledger.js')).runLedgerRebuild,
  ),
];
