import { spawnSync } from 'node:child_process';
import { PostgresLauncherError } from './launcher-error.js';

/** The user that runs the server when we are root; PostgreSQL refuses to run as root. Null: ourselves. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

const OWN_ACCOUNT = 'coldchain';

/**
 * As root: the owner of an existing cluster, else `postgres` where that user exists, else a system user `coldchain`
 * that is created on first use. As anyone else: null.
 */
export function serverAccount(clusterOwner: { uid: number; gid: number } | null): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  if (clusterOwner !== null && clusterOwner.uid !== 0) return { ...clusterOwner, name: `uid ${clusterOwner.uid}` };
  const account = lookUp('postgres') ?? lookUp(OWN_ACCOUNT) ?? createAccount();
  if (account !== null) return account;
  throw new PostgresLauncherError(
    'server-account-missing',
    'PostgreSQL does not run as root, and there is neither a user postgres nor a program to create one',
    'start as a normal user, create a user postgres, or set CCT_DATABASE_URL to a PostgreSQL server of your own',
  );
}

/** By `id`, so that users of a directory service count too. */
function lookUp(name: string): ServerAccount | null {
  const ask = (flag: string): number => {
    const answer = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return answer.status === 0 ? Number(answer.stdout.trim()) : 0;
  };
  const uid = ask('-u');
  const gid = ask('-g');
  return uid > 0 && gid > 0 ? { uid, gid, name } : null;
}

function createAccount(): ServerAccount | null {
  // shadow-utils, then busybox; initdb looks the user up in the password file, a bare uid is not enough.
  const attempts: readonly (readonly [string, readonly string[]])[] = [
    ['useradd', ['--system', '--no-create-home', '--user-group', '--shell', '/bin/false', OWN_ACCOUNT]],
    ['adduser', ['-S', '-D', '-H', '-s', '/bin/false', OWN_ACCOUNT]],
  ];
  for (const [program, parameters] of attempts) {
    if (spawnSync(program, parameters, { stdio: 'ignore' }).status !== 0) continue;
    const account = lookUp(OWN_ACCOUNT);
    if (account !== null) return account;
  }
  return null;
}
