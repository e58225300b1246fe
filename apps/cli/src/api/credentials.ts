import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfiguration } from '@coldchain/runtime';
import { CliError, usageError } from '../cli-error.js';
import type { Invocation } from '../command.js';

/** Address of the API and the key to send. */
export interface ApiAccess {
  readonly url: string;
  readonly key: string;
}

interface Account {
  readonly organisation: string;
  readonly role: string;
  readonly apiKey: string;
}

/**
 * Key from `--as` and the demonstration's accounts, else `CCT_API_KEY`.
 * @throws CliError `credentials-missing`, `account-unknown`
 */
export function apiAccess({ options, terminal }: Invocation, roles: readonly string[]): ApiAccess {
  const configuration = loadConfiguration('cli', terminal.environment);
  const url = (options.text('api') ?? configuration.apiUrl ?? `http://127.0.0.1:${configuration.httpPort}`).replace(
    /\/$/,
    '',
  );
  const as = options.text('as') ?? options.text('organisation');
  if (as !== undefined) return { url, key: demonstrationKey(configuration.dataDir, as, roles) };
  if (configuration.apiKey !== null) return { url, key: configuration.apiKey };
  throw new CliError(
    'credentials-missing',
    'no account to ask as',
    'set CCT_API_KEY, or name an account of the demonstration with --as ORGANISATION[/ROLE]',
    64,
  );
}

function demonstrationKey(dataDir: string, as: string, roles: readonly string[]): string {
  const [organisation = '', role, ...more] = as.split('/');
  if (more.length > 0) throw usageError(`'${as}' is not ORGANISATION[/ROLE]`, '');
  const file = join(dataDir, 'demo-accounts.json');
  const accounts = readAccounts(file).filter((account) => account.organisation === organisation);
  const wanted = role === undefined ? roles : [role];
  // Without a role the first account that may do what the command does, else any: the API has the last word.
  const found =
    wanted.map((name) => accounts.find((account) => account.role === name)).find((account) => account !== undefined) ??
    (role === undefined ? accounts[0] : undefined);
  if (found === undefined) {
    throw new CliError(
      'account-unknown',
      `'${as}' is not among the accounts of ${file}`,
      'name an organisation and role that are in it',
    );
  }
  return found.apiKey;
}

function readAccounts(file: string): readonly Account[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Account[];
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'not JSON';
    throw new CliError(
      'accounts-unreadable',
      `cannot read ${file} (${reason})`,
      'start the demonstration, or set CCT_DATA_DIR or CCT_API_KEY',
    );
  }
}
