import { API_OPTIONS } from '../api/api-options.js';
import type { Command } from '../command.js';
import { lazyCommand } from './lazy-command.js';

const REASON = {
  kind: 'text',
  value: 'TEXT',
  doc: 'why, in words (needed); kept by the API, never on the ledger',
} as const;

/** Deviation cases, and what is asked when something has gone wrong. */
export const CASE_COMMANDS: readonly Command[] = [
  lazyCommand(
    {
      name: 'case list',
      positionals: [],
      summary: 'Deviation cases: number, unit, where it happened, what stands',
      options: {
        state: { kind: 'text', value: 'STATE', doc: 'open (default), decided or all' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./case-show.js')).runCaseList,
  ),
  lazyCommand(
    {
      name: 'case show',
      positionals: ['CASE'],
      summary: 'A case with all that is known and was done; its last line is the digest that a decision names',
      options: API_OPTIONS,
    },
    async () => (await import('./case-show.js')).runCaseShow,
  ),
  lazyCommand(
    {
      name: 'case acknowledge',
      positionals: ['CASE'],
      summary: 'Take notice of a case',
      options: { reason: REASON, ...API_OPTIONS },
    },
    async () => (await import('./case-acts.js')).runCaseAcknowledge,
  ),
  lazyCommand(
    {
      name: 'case comment',
      positionals: ['CASE', 'TEXT'],
      summary: 'Say something about a case',
      options: API_OPTIONS,
    },
    async () => (await import('./case-acts.js')).runCaseComment,
  ),
  lazyCommand(
    {
      name: 'case assign',
      positionals: ['CASE', '[ACCOUNT]'],
      summary: 'Give a case to a person of the organisation; without one, to nobody',
      options: API_OPTIONS,
    },
    async () => (await import('./case-acts.js')).runCaseAssign,
  ),
  lazyCommand(
    {
      name: 'case evidence',
      positionals: ['CASE', 'FILE'],
      summary: 'Keep a file with a case',
      options: {
        name: { kind: 'text', value: 'NAME', doc: 'name of the file (default: its own)' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./case-acts.js')).runCaseEvidence,
  ),
  lazyCommand(
    {
      name: 'case cause',
      positionals: ['CASE', 'CAUSE'],
      summary: 'Say why it happened',
      help: [
        'CAUSE: equipment-failure, door-left-open, power-failure, handling-error, transport-delay, packaging-failure,',
        'sensor-lost, sensor-faulty or other.',
      ],
      options: { reason: REASON, ...API_OPTIONS },
    },
    async () => (await import('./case-acts.js')).runCaseCause,
  ),
  lazyCommand(
    {
      name: 'case assess',
      positionals: ['CASE'],
      summary: 'As the owner of a batch: may the goods be used?',
      options: {
        conclusion: { kind: 'text', value: 'WORD', doc: 'usable or not-usable' },
        reason: REASON,
        ...API_OPTIONS,
      },
    },
    async () => (await import('./case-acts.js')).runCaseAssess,
  ),
  lazyCommand(
    {
      name: 'case decide',
      positionals: ['CASE'],
      summary: 'As the Responsible Person of who has the goods: release or reject',
      help: ['The password is read from a file, so that it stands in no list of processes.'],
      options: {
        decision: { kind: 'text', value: 'WORD', doc: 'release or reject' },
        reason: REASON,
        shown: { kind: 'text', value: 'DIGEST', doc: 'the digest that `case show` ended with (needed)' },
        'password-file': { kind: 'text', value: 'FILE', doc: 'holds the password; - is standard input (needed)' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./case-acts.js')).runCaseDecide,
  ),
  lazyCommand(
    {
      name: 'user list',
      positionals: [],
      summary: 'Accounts of the organisation: whom a case can be given to',
      options: API_OPTIONS,
    },
    async () => (await import('./user-list.js')).runUserList,
  ),
  lazyCommand(
    {
      name: 'audit list',
      positionals: [],
      summary: 'What accounts of the organisation signed, wrong passwords, and changed ones; newest first',
      options: {
        kind: {
          kind: 'text',
          value: 'KIND',
          doc: 'only decision-signed, password-wrong, password-refused or password-changed',
        },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./audit-list.js')).runAuditList,
  ),
  lazyCommand(
    {
      name: 'triage',
      positionals: [],
      summary: 'A place whose cooling failed: what lies there, usable until when, and whom to call',
      options: {
        since: { kind: 'text', value: 'TIME', doc: 'since when the cooling is off (needed)' },
        celsius: { kind: 'text', value: 'T', doc: 'what the place is taken to have (default 25)' },
        place: { kind: 'text', value: 'NAME', doc: 'only what is in this place' },
        logger: { kind: 'text', value: 'SERIAL', doc: 'only what this logger watches' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./triage.js')).runTriage,
  ),
  lazyCommand(
    {
      name: 'return',
      positionals: ['SSCC'],
      summary: 'Back into saleable stock, if evidence covers all of the customer’s custody',
      options: API_OPTIONS,
    },
    async () => (await import('./acts.js')).runReturn,
  ),
  lazyCommand(
    {
      name: 'logger upload',
      positionals: ['FILE'],
      summary: 'Attach a logger export to the legs of a unit that the logger watched',
      options: {
        unit: { kind: 'text', value: 'SSCC', doc: 'the unit (needed)' },
        logger: { kind: 'text', value: 'SERIAL', doc: 'which logger, where the file does not say' },
        zone: { kind: 'text', value: 'OFFSET', doc: 'offset of the times in the file from UTC, as Z or +02:00' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./logger-upload.js')).runLoggerUpload,
  ),
  lazyCommand(
    {
      name: 'logger look-back',
      positionals: ['SERIAL'],
      summary: 'A calibration that failed: the legs, batches and decisions that rested on the logger',
      options: {
        since: { kind: 'text', value: 'TIME', doc: 'the last calibration that was right (needed)' },
        until: { kind: 'text', value: 'TIME', doc: 'when it was found wrong (default: now)' },
        ...API_OPTIONS,
      },
    },
    async () => (await import('./logger-look-back.js')).runLoggerLookBack,
  ),
];
