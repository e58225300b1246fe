import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';
export type LogLevel = LevelWithSilent;

const SECRET_FIELDS = [
  'apiKey',
  'authorization',
  'password',
  'secret',
  'salt',
  'privateKey',
  'databaseUrl',
  'mqttUrl',
  'natsUrl',
  'connectionString',
  'cookie',
];

/**
 * JSON lines on standard output (or `destination`): `level`, `time` (ISO 8601 UTC), `name`, `pid`, `msg`.
 * The message is a constant sentence, data are fields, an error goes under `err`; no payload of a reading or a
 * document at `info`. The fields of the redaction list are replaced at the top, one and two levels down.
 */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '(redacted)' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
