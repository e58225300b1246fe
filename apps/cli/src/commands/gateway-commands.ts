import { FAULT_KINDS } from '@coldchain/gateway-kit';
import { API_OPTIONS } from '../api/api-options.js';
import type { Command } from '../command.js';
import { GATEWAY_OPTIONS } from '../gateway/gateway-options.js';
import { lazyCommand } from './lazy-command.js';
import { ZONE } from './zone-option.js';

const BOOT = { kind: 'text', value: 'NAME', doc: 'name of the counting of frames' } as const;

/** Registering, watching and playing gateways. */
export const GATEWAY_COMMANDS: readonly Command[] = [
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
      name: 'gateway key add',
      positionals: ['GATEWAY', 'KID', 'FILE'],
      summary: 'Register a public key (PEM) that frames of a gateway are signed with',
      options: API_OPTIONS,
    },
    async () => (await import('./gateway-key.js')).runGatewayKeyAdd,
  ),
  lazyCommand(
    {
      name: 'gateway key list',
      positionals: ['GATEWAY'],
      summary: 'Keys of a gateway, also revoked ones',
      options: API_OPTIONS,
    },
    async () => (await import('./gateway-key.js')).runGatewayKeyList,
  ),
  lazyCommand(
    {
      name: 'gateway key revoke',
      positionals: ['GATEWAY', 'KID'],
      summary: 'Believe a key no more; what it signed before stays',
      options: API_OPTIONS,
    },
    async () => (await import('./gateway-key.js')).runGatewayKeyRevoke,
  ),
  lazyCommand(
    {
      name: 'gateway tail',
      positionals: ['[GATEWAY]'],
      summary: 'Show what arrives from gateways as it comes, and why something was refused',
      options: { once: { kind: 'flag', value: '', doc: 'what was refused lately, and end' }, ...API_OPTIONS },
    },
    async () => (await import('./gateway-tail.js')).runGatewayTail,
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
      summary: 'Publish the readings of a simulated cold store as time passes',
      help: [
        'A fault is KIND[@TIME[/DURATION]][=VALUE]: TIME such as 2026-11-21T08:00:00Z or +2h after the begin, DURATION such as 30m.',
        ...Object.entries(FAULT_KINDS).map(([kind, doc]) => `  ${kind.padEnd(16)} ${doc}`),
      ],
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
        fault: { kind: 'list', value: 'FAULT', doc: 'something that goes wrong; may be repeated' },
        duration: { kind: 'text', value: 'TIME', doc: 'end after this time from the begin on, as 90s, 10m, 2h, 3d' },
        boot: BOOT,
      },
    },
    async () => (await import('./gateway-simulate.js')).runGatewaySimulate,
  ),
];
