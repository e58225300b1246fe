import { API_OPTIONS } from '../api/api-options.js';
import type { Command } from '../command.js';
import { GATEWAY_OPTIONS } from '../gateway/gateway-options.js';
import { lazyCommand } from './lazy-command.js';

const ZONE = {
  kind: 'text',
  value: 'OFFSET',
  doc: 'offset of the times in the file from UTC, as Z or +02:00',
} as const;
const EVENT_TIME = { kind: 'text', value: 'TIME', doc: 'when it happened (default: now)' } as const;
const BOOT = { kind: 'text', value: 'NAME', doc: 'name of the counting of frames' } as const;

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
        profile: { kind: 'text', value: 'NAME|FILE.json', doc: 'what the product may take (default 2-8)' },
        zone: ZONE,
      },
    },
    async () => (await import('./excursions.js')).runExcursions,
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
  lazyCommand(
    {
      name: 'gateway add',
      positionals: ['NAME'],
      summary: 'Register a gateway; prints its password once',
      options: {
        logger: {
          kind: 'list',
          value: 'SERIAL[:MS]',
          doc: 'register a logger too, with its interval (default 300000); may be repeated',
        },
        unsequenced: { kind: 'flag', value: '', doc: 'take messages without boot and sequence from it' },
        organisation: { kind: 'text', value: 'ORGANISATION', doc: 'the same as --as ORGANISATION' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./gateway-add.js')).runGatewayAdd,
  ),
  lazyCommand(
    {
      name: 'gateway enroll',
      positionals: ['FILE'],
      summary: 'Register the gateways and loggers of a CSV file; prints new passwords once',
      options: API_OPTIONS,
    },
    async () => (await import('./gateway-enroll.js')).runGatewayEnroll,
  ),
  lazyCommand(
    {
      name: 'gateway replay',
      positionals: ['FILE'],
      summary: 'Publish a logger export as a gateway would, until all of it is acknowledged',
      options: {
        ...GATEWAY_OPTIONS,
        speed: { kind: 'text', value: 'X|max', doc: 'recorded seconds per second (default max)' },
        'shift-end': { kind: 'text', value: 'TIME|now', doc: 'move all times so that the last reading is then' },
        boot: BOOT,
        zone: ZONE,
      },
    },
    async () => (await import('./gateway-replay.js')).runGatewayReplay,
  ),
  lazyCommand(
    {
      name: 'gateway simulate',
      positionals: [],
      summary: 'Publish the readings of a simulated place as time passes',
      options: {
        ...GATEWAY_OPTIONS,
        profile: { kind: 'text', value: 'KIND', doc: 'fridge-2-8 (default), freezer-20, crt or failing-fridge' },
        seed: { kind: 'text', value: 'TEXT', doc: 'the same seed gives the same temperatures (default: the logger)' },
        interval: { kind: 'text', value: 'MS', doc: 'time between readings (default 300000)' },
        from: { kind: 'text', value: 'TIME', doc: 'begin in the past and catch up' },
        'fails-at': {
          kind: 'text',
          value: 'TIME',
          doc: 'when the failing fridge fails (default: 10 minutes after its begin)',
        },
        duration: { kind: 'text', value: 'TIME', doc: 'end after this time from the begin on, as 90s, 10m, 2h, 3d' },
        boot: BOOT,
      },
    },
    async () => (await import('./gateway-simulate.js')).runGatewaySimulate,
  ),
  lazyCommand(
    {
      name: 'fsck',
      positionals: [],
      summary: 'Re-hash every stored event and compare with the ledger, both ways',
      options: {},
    },
    async () => (await import('./fsck.js')).runFsck,
  ),
];
