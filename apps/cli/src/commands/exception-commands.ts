import { API_OPTIONS } from '../api/api-options.js';
import type { Command } from '../command.js';
import { lazyCommand } from './lazy-command.js';

/** When an act happened. */
export const EVENT_TIME = { kind: 'text', value: 'TIME', doc: 'when it happened (default: now)' } as const;

const UNITS = {
  kind: 'list',
  value: 'SSCC',
  doc: 'only this unit; may be repeated (default: all that are meant)',
} as const;
const NOTE = { kind: 'text', value: 'TEXT', doc: 'why, in words; kept by the API, never on the ledger' } as const;
const GTIN = { kind: 'text', value: 'GTIN', doc: 'the product' } as const;
const LOT = { kind: 'text', value: 'LOT', doc: 'the lot' } as const;

/** What does not go as planned: recalls, shipments that end otherwise, quarantine, and what is undone. */
export const EXCEPTION_COMMANDS: readonly Command[] = [
  lazyCommand(
    {
      name: 'batch recall',
      positionals: [],
      summary: 'Recall every unit and pack of a lot',
      options: {
        gtin: GTIN,
        lot: LOT,
        class: { kind: 'text', value: '1|2|3', doc: '1 is the gravest' },
        depth: { kind: 'text', value: 'DEPTH', doc: 'wholesale, pharmacy or patient (default)' },
        'event-time': EVENT_TIME,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./acts.js')).runBatchRecall,
  ),
  lazyCommand(
    {
      name: 'batch lift',
      positionals: [],
      summary: 'End the organisation’s own recall of a lot',
      options: { gtin: GTIN, lot: LOT, 'event-time': EVENT_TIME, ...API_OPTIONS },
    },
    async () => (await import('./acts.js')).runBatchLift,
  ),
  lazyCommand(
    {
      name: 'shipment cancel',
      positionals: ['SHIPMENT'],
      summary: 'Call back what was shipped and not received',
      options: { unit: UNITS, 'event-time': EVENT_TIME, ...API_OPTIONS },
    },
    async () => (await import('./acts.js')).runShipmentCancel,
  ),
  lazyCommand(
    {
      name: 'shipment refuse',
      positionals: ['SHIPMENT'],
      summary: 'Do not take what is on its way: it stays with its sender, on hold',
      options: {
        discrepancy: { kind: 'text', value: 'TEXT', doc: 'what is wrong' },
        unit: UNITS,
        'event-time': EVENT_TIME,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./acts.js')).runShipmentRefuse,
  ),
  lazyCommand(
    {
      name: 'revert',
      positionals: ['CODE'],
      summary: 'Put back a pack that was dispensed or decommissioned by mistake',
      options: { 'event-time': EVENT_TIME, ...API_OPTIONS },
    },
    async () => (await import('./acts.js')).runRevert,
  ),
  lazyCommand(
    {
      name: 'hold list',
      positionals: [],
      summary: 'Units in quarantine, and who said what about each hold',
      options: API_OPTIONS,
    },
    async () => (await import('./hold-list.js')).runHoldList,
  ),
  lazyCommand(
    {
      name: 'hold place',
      positionals: ['SSCC…'],
      summary: 'Quarantine units',
      options: {
        kind: { kind: 'text', value: 'KIND', doc: 'thermal, discrepancy, security or authority' },
        note: NOTE,
        'event-time': EVENT_TIME,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./acts.js')).runHoldPlace,
  ),
  lazyCommand(
    {
      name: 'hold assess',
      positionals: ['HOLD'],
      summary: 'As the owner of a batch: may the goods be used?',
      options: {
        conclusion: { kind: 'text', value: 'WORD', doc: 'usable or not-usable' },
        unit: UNITS,
        note: NOTE,
        'event-time': EVENT_TIME,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./acts.js')).runHoldAssess,
  ),
  lazyCommand(
    {
      name: 'hold release',
      positionals: ['HOLD'],
      summary: 'End a hold',
      options: { unit: UNITS, note: NOTE, 'event-time': EVENT_TIME, ...API_OPTIONS },
    },
    async () => (await import('./acts.js')).runHoldRelease,
  ),
];
