import { COMMAND_TABLE, COMMANDS, EVENT_NAMES } from './protocol';

/** The README's table of commands: one row of cells per command, in the order of the protocol. */
export function commandTable(): string[][] {
  return COMMANDS.map((command) => {
    const { who, effect } = COMMAND_TABLE[command];
    return [`\`${command}\``, who, effect, EVENT_NAMES[command]];
  });
}
