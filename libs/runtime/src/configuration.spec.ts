import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConfigurationInvalid,
  configurationTable,
  type Environment,
  loadConfiguration,
  printConfiguration,
  type ProcessName,
} from './index.js';

const DATABASE = 'postgres://owner:long-and-own@db.example/coldchain';

function problemsOf(name: ProcessName, environment: Environment): string[] {
  try {
    loadConfiguration(name, environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    return error.problems.map((problem) => `${problem.name} ${problem.code}`);
  }
}

describe('loadConfiguration', () => {
  it('gives defaults, parsed and frozen, of the settings that the process reads', () => {
    const configuration = loadConfiguration('iot-ingest', { CCT_DATABASE_URL: DATABASE, PATH: '/bin' });
    expect(configuration.mqttPort).toBe(1883);
    expect(configuration.ingestGroupSize).toBe(5_000);
    expect(configuration.mqttUrl).toBeNull();
    expect(configuration.databaseUrl).toBe(DATABASE);
    expect('httpPort' in configuration).toBe(false);
    expect(Object.isFrozen(configuration)).toBe(true);
  });

  it('names the closest name for one that does not exist, whichever process reads it', () => {
    const load = (): unknown => loadConfiguration('cli', { CCT_HTP_PORT: '80' });
    expect(load).toThrow('CCT_HTP_PORT: is not known, did you mean CCT_HTTP_PORT?');
  });

  it('reports every problem at once and treats empty text as not set', () => {
    const environment = { CCT_HTTP_PORT: '70000', CCT_LEDGER: 'paper', CCT_DATABASE_URL: '' };
    expect(problemsOf('api', environment).sort()).toEqual([
      'CCT_DATABASE_URL value-missing',
      'CCT_HTTP_PORT value-invalid',
      'CCT_LEDGER value-invalid',
    ]);
  });

  it.each(['1e3', '-1', '0x50', ' 80', '80.5', 'NaN'])('refuses %j where a port is meant', (value) => {
    expect(problemsOf('local', { CCT_HTTP_PORT: value })).toEqual(['CCT_HTTP_PORT value-invalid']);
  });

  it('never repeats a secret in an error', () => {
    expect(() => loadConfiguration('api', { CCT_DATABASE_URL: 'mysql://u:hunter2@h/d' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('secrets from files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runtime-'));
    writeFileSync(join(folder, 'url'), `${DATABASE}\n`);
    writeFileSync(join(folder, 'empty'), '\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads the file without its final line break', () => {
    expect(loadConfiguration('api', { CCT_DATABASE_URL_FILE: join(folder, 'url') }).databaseUrl).toBe(DATABASE);
  });

  it('refuses both forms at once, a missing and an empty file, and a file for what is no secret', () => {
    const file = join(folder, 'url');
    expect(problemsOf('api', { CCT_DATABASE_URL: DATABASE, CCT_DATABASE_URL_FILE: file })).toEqual([
      'CCT_DATABASE_URL value-and-file',
    ]);
    expect(problemsOf('api', { CCT_DATABASE_URL_FILE: join(folder, 'none') })).toEqual([
      'CCT_DATABASE_URL_FILE file-unreadable',
    ]);
    expect(problemsOf('api', { CCT_DATABASE_URL_FILE: join(folder, 'empty') })).toEqual([
      'CCT_DATABASE_URL_FILE file-unreadable',
    ]);
    expect(problemsOf('cli', { CCT_MODE_FILE: file })).toEqual(['CCT_MODE_FILE name-unknown']);
  });
});

describe('settings that belong together', () => {
  it.each<[string, Environment, string]>([
    ['a certificate without its key', { CCT_MQTT_CERT_FILE: 'c.pem' }, 'CCT_MQTT_KEY_FILE value-missing'],
    ['a key without its certificate', { CCT_MQTT_KEY_FILE: 'k.pem' }, 'CCT_MQTT_CERT_FILE value-missing'],
    [
      'TLS of aedes',
      { CCT_MQTT_CERT_FILE: 'c.pem', CCT_MQTT_KEY_FILE: 'k.pem', CCT_MQTT_SERVER: 'aedes' },
      'CCT_MQTT_SERVER value-invalid',
    ],
  ])('are refused apart: %s', (_what, environment, problem) => {
    expect(problemsOf('iot-ingest', { CCT_DATABASE_URL: DATABASE, ...environment })).toEqual([problem]);
  });
});

describe('production mode', () => {
  const safe = { CCT_MODE: 'production', CCT_DATABASE_URL: DATABASE, CCT_LEDGER: 'fabric' };

  it('accepts what is safe', () => {
    const mqtt = { CCT_MQTT_URL: 'mqtts://ingest:of-its-own@broker.example' };
    expect(problemsOf('api', safe)).toEqual([]);
    expect(problemsOf('ledger-worker', safe)).toEqual([]);
    expect(problemsOf('iot-ingest', { ...safe, ...mqtt })).toEqual([]);
    expect(problemsOf('iot-ingest', { ...safe, CCT_MQTT_CERT_FILE: 'c.pem', CCT_MQTT_KEY_FILE: 'k.pem' })).toEqual([]);
  });

  it.each<[string, ProcessName, Environment]>([
    ['the embedded ledger', 'ledger-worker', { CCT_LEDGER: 'embedded' }],
    ['the embedded ledger by default', 'api', { CCT_LEDGER: undefined }],
    ['gateways without TLS', 'iot-ingest', {}],
    ['the same of a start', 'local', {}],
    ['anonymous MQTT', 'iot-ingest', { CCT_MQTT_URL: 'mqtts://broker.example' }],
    ['MQTT passwords in clear', 'iot-ingest', { CCT_MQTT_URL: 'mqtt://ingest:of-its-own@broker.example' }],
    ['an empty database password', 'api', { CCT_DATABASE_URL: 'postgres://owner@db.example/coldchain' }],
    ['a default database password', 'api', { CCT_DATABASE_URL: 'postgres://owner:postgres@db.example/coldchain' }],
    ['the user name as password', 'api', { CCT_DATABASE_URL: 'postgres://owner:Owner@db.example/coldchain' }],
  ])('refuses %s', (_what, name, environment) => {
    const problems = problemsOf(name, { ...safe, ...environment });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('refused-in-production');
  });
});

describe('what people read', () => {
  it('prints the slice of a process with secrets redacted', () => {
    const printed = printConfiguration('iot-ingest', { CCT_DATABASE_URL: DATABASE });
    expect(printed).toContain('CCT_DATABASE_URL=(set)');
    expect(printed).toContain('CCT_MQTT_URL=(not set)');
    expect(printed).toContain('CCT_MQTT_PORT=1883');
    expect(printed).not.toContain('long-and-own');
  });

  it('keeps the table of the README equal to the registry', () => {
    // Formatting pads columns: cells are compared.
    const cells = (text: string): string[] =>
      text
        .split('\n')
        .filter((line) => line.startsWith('| `CCT_'))
        .map((line) => line.replaceAll(/\s+/g, ' '));
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(cells(readme)).toEqual(cells(configurationTable()));
  });
});
