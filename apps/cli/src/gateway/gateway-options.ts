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
    value: 'FOLDER',
    doc: 'keep frames here until they are acknowledged; a restart goes on with it',
  },
  format: { kind: 'text', value: 'FORM', doc: 'compact (default), senml-json, senml-cbor or cose' },
  'sign-key': {
    kind: 'text',
    value: 'FILE',
    doc: 'sign compact and cose frames with this private key (Ed25519, P-256)',
  },
  'key-id': { kind: 'text', value: 'KID', doc: 'its id at the platform (default k1)' },
  alarm: { kind: 'text', value: 'PROFILE', doc: 'ring here, as 2-8 or -20: judged without the platform' },
  'platform-key': {
    kind: 'text',
    value: 'FILE',
    doc: 'believe only acknowledgements signed with this public key (CCT_INGEST_KEY_FILE with .pub)',
  },
  frame: { kind: 'text', value: 'N', doc: 'readings per frame (default 60)' },
} as const satisfies Readonly<Record<string, OptionDefinition>>;
