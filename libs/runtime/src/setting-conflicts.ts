import type { ConfigurationProblem } from './configuration.js';

/** Settings that cannot stand together, in any mode. `values` is the slice of one process. */
export function settingConflicts(values: Readonly<Record<string, unknown>>): ConfigurationProblem[] {
  const { mqttCertFile, mqttKeyFile, mqttServer } = values;
  const [hasCertificate, hasKey] = [typeof mqttCertFile === 'string', typeof mqttKeyFile === 'string'];
  if (hasCertificate && !hasKey)
    return [{ name: 'CCT_MQTT_KEY_FILE', code: 'value-missing', text: 'is required with CCT_MQTT_CERT_FILE' }];
  if (hasKey && !hasCertificate)
    return [{ name: 'CCT_MQTT_CERT_FILE', code: 'value-missing', text: 'is required with CCT_MQTT_KEY_FILE' }];
  if (hasCertificate && mqttServer === 'aedes')
    return [{ name: 'CCT_MQTT_SERVER', code: 'value-invalid', text: 'aedes has no TLS here; `packets` has' }];
  return [];
}
