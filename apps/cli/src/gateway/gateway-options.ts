import type { OptionDefinition } from '../command.js';

/** Options of commands that publish as a gateway. */
export const GATEWAY_OPTIONS = {
  gateway: { kind: 'text', value: 'ORGANISATION/NAME', doc: 'the gateway to publish as' },
  password: {
    kind: 'text',
    value: 'PASSWORD',
    doc: 'its password (default CCT_GATEWAY_PASSWORD, which other users cannot see)',
  },
  url: {
    kind: 'text',
    value: 'URL',
    doc: 'the broker (default CCT_MQTT_URL, or mqtt:// with CCT_MQTT_HOST and CCT_MQTT_PORT)',
  },
  logger: { kind: 'text', value: 'SERIAL', doc: 'serial number that the readings come from' },
  store: {
    kind: 'text',
    value: 'FILE',
    doc: 'keep frames here until they are acknowledged; a restart goes on with it',
  },
  'platform-key': {
    kind: 'text',
    value: 'FILE',
    doc: 'believe only acknowledgements signed with this public key (CCT_INGEST_KEY_FILE with .pub)',
  },
  frame: { kind: 'text', value: 'N', doc: 'readings per frame (default 60)' },
} as const satisfies Readonly<Record<string, OptionDefinition>>;
