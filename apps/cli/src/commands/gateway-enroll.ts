import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readEnrolment } from '../gateway/enrolment.js';
import { readInput } from '../input.js';

/**
 * Registers the gateways and loggers of a file, one after the other; passwords of new gateways go to standard output once.
 * What is there already is left as it is, so that the file can be given again. 1 when something was refused.
 */
export async function runGatewayEnroll(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const entries = readEnrolment((await readInput(positionals[0] ?? '-', terminal)).toString('utf8'));
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'administrator']));
  let refused = 0;
  if (!json) terminal.out('gateway,user,password');
  for (const { kind, line, name, body } of entries) {
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
  }
  terminal.note(`${entries.length - refused} of ${entries.length} are registered`);
  return refused === 0 ? 0 : 1;
}
