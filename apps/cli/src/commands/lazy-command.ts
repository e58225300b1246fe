import type { Command, Invocation, ExitCode } from '../command.js';

/**
 * A command whose work is loaded when it is called: `coldchain --help` should not wait for an MQTT client.
 */
export function lazyCommand(
  description: Omit<Command, 'run'>,
  load: () => Promise<(invocation: Invocation) => Promise<ExitCode>>,
): Command {
  return { ...description, run: async (invocation) => (await load())(invocation) };
}
