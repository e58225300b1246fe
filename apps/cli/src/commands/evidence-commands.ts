import { API_OPTIONS } from '../api/api-options.js';
import type { Command } from '../command.js';
import { EVENT_TIME } from './exception-commands.js';
import { lazyCommand } from './lazy-command.js';

/** What watches goods: places and their loggers, qualified packaging, and what all of it says about a unit. */
export const EVIDENCE_COMMANDS: readonly Command[] = [
  lazyCommand(
    {
      name: 'evidence',
      positionals: ['SSCC'],
      summary: 'What watched a unit, who spent its budget, what it will be at arrival, and what is wrong',
      help: [
        'Exit status 0: nothing is wrong, 1: a budget or the freeze rule is broken or will be, 2: there are findings.',
      ],
      options: API_OPTIONS,
    },
    async () => (await import('./evidence.js')).runEvidence,
  ),
  lazyCommand(
    {
      name: 'place add',
      positionals: ['PLACE'],
      summary: 'Register a cold room, a fridge or a vehicle, and the loggers that watch it from now on',
      options: {
        gln: { kind: 'text', value: 'GLN', doc: 'of a location' },
        extension: { kind: 'text', value: 'TEXT', doc: 'what lies inside of the location (AI 254)' },
        vehicle: { kind: 'text', value: 'GIAI', doc: 'of a vehicle' },
        logger: { kind: 'list', value: 'SERIAL', doc: 'a registered logger that watches it; may be repeated' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./places.js')).runPlaceAdd,
  ),
  lazyCommand(
    {
      name: 'place list',
      positionals: [],
      summary: 'Places, the loggers that watch them, and the units that are there',
      options: API_OPTIONS,
    },
    async () => (await import('./places.js')).runPlaceList,
  ),
  lazyCommand(
    {
      name: 'place unwatch',
      positionals: ['PLACE', 'SERIAL'],
      summary: 'From now on a logger watches a place no longer',
      options: API_OPTIONS,
    },
    async () => (await import('./places.js')).runPlaceUnwatch,
  ),
  lazyCommand(
    {
      name: 'place enter',
      positionals: ['PLACE', 'SSCC…'],
      summary: 'Put units into a place',
      options: { 'event-time': EVENT_TIME, ...API_OPTIONS },
    },
    async () => (await import('./places.js')).runPlaceEnter,
  ),
  lazyCommand(
    {
      name: 'place leave',
      positionals: ['PLACE', 'SSCC…'],
      summary: 'Units leave a place',
      options: { 'event-time': EVENT_TIME, ...API_OPTIONS },
    },
    async () => (await import('./places.js')).runPlaceLeave,
  ),
  lazyCommand(
    {
      name: 'packaging add',
      positionals: ['NAME'],
      summary: 'Register a qualified packaging and its hours',
      options: {
        hours: { kind: 'text', value: 'H', doc: 'how long it keeps its range after it was closed' },
        min: { kind: 'text', value: 'C', doc: 'lowest °C that it keeps' },
        max: { kind: 'text', value: 'C', doc: 'highest °C that it keeps' },
        certificate: { kind: 'text', value: 'TEXT', doc: 'names the qualification report' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./places.js')).runPackagingAdd,
  ),
];
