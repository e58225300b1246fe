import { DomainError } from '@coldchain/kernel';
import { SETTINGS } from './settings.js';

/**
 * Why a process did not start or go on, for the person who started it: what failed, code, what happened, what to do.
 * One line, unless the next step quotes a log. `configuration` is searched for the name of a port that is taken.
 */
export function failureLine(what: string, error: unknown, configuration: object | null): string {
  const { code, text, nextStep } = explain(error, configuration);
  return `${what}: ${code}: ${text.replaceAll(/\s+/g, ' ').trim()} – ${nextStep}`;
}

interface Explanation {
  readonly code: string;
  readonly text: string;
  readonly nextStep: string;
}

function explain(error: unknown, configuration: object | null): Explanation {
  if (error instanceof DomainError) {
    const nextStep = error.details['nextStep'];
    if (typeof nextStep === 'string') return { code: error.code, text: error.message, nextStep };
    return {
      code: error.code,
      text: error.message,
      nextStep: error.code === 'configuration-invalid' ? 'correct the variable and start again' : 'see the log above',
    };
  }
  const failure = systemError(error);
  switch (failure.code) {
    case 'EADDRINUSE':
      return {
        code: 'port-taken',
        text: `port ${failure.port ?? '?'} is in use`,
        nextStep: `end the other program or set ${portVariable(failure.port, configuration)} to a free port`,
      };
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'server-unreachable',
        text: `${failure.message || `nothing answers at port ${failure.port ?? '?'}`}`,
        nextStep: 'start the server that CCT_DATABASE_URL or CCT_MQTT_URL names, or correct the address',
      };
    case '28P01':
    case '28000':
      return {
        code: 'database-refused',
        text: failure.message,
        nextStep: 'correct user and password in CCT_DATABASE_URL',
      };
    default:
      return { code: failure.code ?? 'start-failed', text: failure.message, nextStep: 'see the log above' };
  }
}

interface SystemError {
  readonly code: string | undefined;
  readonly message: string;
  readonly port: number | undefined;
}

function systemError(error: unknown): SystemError {
  if (error instanceof AggregateError && error.errors.length > 0) return systemError(error.errors[0]);
  if (!(error instanceof Error)) return { code: undefined, message: String(error), port: undefined };
  const { code, port } = error as Error & { code?: unknown; port?: unknown };
  return {
    code: typeof code === 'string' ? code : undefined,
    message: error.message,
    port: typeof port === 'number' ? port : undefined,
  };
}

function portVariable(port: number | undefined, configuration: object | null): string {
  const values = new Map<string, unknown>(Object.entries(configuration ?? {}));
  const names = Object.entries(SETTINGS)
    .filter(([name, setting]) => name.endsWith('_PORT') && values.get(setting.key) === port)
    .map(([name]) => name);
  return names.length > 0 ? names.join(' or ') : 'its port variable';
}
