import type { OptionDefinition } from '../command.js';

/** Options of every command that asks the API. */
export const API_OPTIONS = {
  api: { kind: 'text', value: 'URL', doc: 'address of the API (default CCT_API_URL, http://127.0.0.1:3000)' },
  as: {
    kind: 'text',
    value: 'ORGANISATION[/ROLE]',
    doc: 'an account of <data dir>/demo-accounts.json instead of CCT_API_KEY',
  },
} as const satisfies Readonly<Record<string, OptionDefinition>>;
