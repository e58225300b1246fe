import type { ConfigurationProblem } from './configuration.js';

/** Passwords that stand in manuals and examples; the user's own name counts too. */
const DEFAULT_PASSWORDS = ['postgres', 'password', 'coldchain', 'admin', 'root', 'secret', 'changeme', 'guest', 'test'];
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * What production mode refuses: defaults that can lose data or admit anyone (architecture §8). `values` is the slice of
 * one process; a setting that the process does not use is absent and not judged.
 */
export function productionProblems(values: Readonly<Record<string, unknown>>): ConfigurationProblem[] {
  if (values['mode'] !== 'production') return [];
  const problems: ConfigurationProblem[] = [];
  const refuse = (name: string, text: string): void => {
    problems.push({ name, code: 'refused-in-production', text });
  };
  if (values['ledger'] === 'embedded')
    refuse('CCT_LEDGER', 'the embedded ledger is one process that could rewrite it; set fabric');
  if (typeof values['databaseUrl'] === 'string') {
    const weakness = passwordWeakness(values['databaseUrl']);
    if (weakness !== null) refuse('CCT_DATABASE_URL', `${weakness}; give the database user a password of its own`);
  }
  // Only who runs or reads the broker has the setting; the command line names one when it needs it.
  const connectsHere = values['mqttUrl'] === null && !('apiKey' in values) && typeof values['natsUrl'] !== 'string';
  if (connectsHere && typeof values['mqttCertFile'] !== 'string')
    refuse(
      'CCT_MQTT_CERT_FILE',
      'gateways would connect without TLS; set it and CCT_MQTT_KEY_FILE, or CCT_MQTT_URL to a broker that has TLS',
    );
  if (typeof values['mqttUrl'] === 'string') {
    const address = new URL(values['mqttUrl']);
    const encrypted = address.protocol === 'mqtts:' || address.protocol === 'wss:';
    if (!encrypted && !LOOPBACK.includes(address.hostname))
      refuse('CCT_MQTT_URL', 'passwords would travel in clear; use mqtts:// or wss://');
    const weakness = passwordWeakness(values['mqttUrl']);
    if (weakness !== null) refuse('CCT_MQTT_URL', `${weakness}; give the broker's user a password of its own`);
  }
  return problems;
}

function passwordWeakness(address: string): string | null {
  const { username, password } = new URL(address);
  if (password === '') return 'has no password';
  const plain = decodeURIComponent(password).toLowerCase();
  if (DEFAULT_PASSWORDS.includes(plain) || plain === decodeURIComponent(username).toLowerCase())
    return 'has a default password';
  return null;
}
