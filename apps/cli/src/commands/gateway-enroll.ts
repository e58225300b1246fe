import { mapLimit } from '@coldchain/kernel';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readEnrolment } from '../gateway/enrolment.js';
import { readInput } from '../input.js';

/** Registrations at a time: making a password costs the API a tenth of a second. */
const AT_ONCE = 8;

/**
 * Registers the gateways and loggers of a file, some at a time; passwords of new gateways go to standard output once, each
 * as soon as it is there. A file with a wrong row registers nothing; what the API refuses all the same is told, and the
 * other rows are registered. What is there already is left as it is, so that the file can be given again. 1 when something
 * was refused.
 */
export async function runGatewayEnroll(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const entries = readEnrolment((await readInput(positionals[0] ?? '-', terminal)).toString('utf8'));
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'administrator']));
  let refused = 0;
  if (!json) terminal.out('gateway,user,password');
  await mapLimit(entries, AT_ONCE, async ({ kind, line, name, body }) => {
    try {
      const answer = await client.post(kind === 'gateway' ? '/v1/gateways' : '/v1/loggers', body);
      if (json) terminal.out(JSON.stringify({ kind, name, ...(answer as object) }));
      else if (kind === 'gateway') {
        const { user, password } = answer as { readonly user: string; readonly password: string };
        terminal.out(`${name},${user},${password}`);
      }
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode === 2) throw error;
      const exists = error.code === 'gateway-exists';
      if (!exists) refused++;
      terminal.note(`line ${line}: ${kind} ${name} ${exists ? 'exists already' : `was refused: ${error.message}`}`);
    }
  });
  terminal.note(`${entries.length - refused} of ${entries.length} are registered`);
  return refused === 0 ? 0 : 1;
}
