import type { Command } from './command.js';

const EXIT_CODES = 'Exit status: 0 done or true, 1 refused, invalid or false, 2 unknown or incomplete, 64 wrong usage.';

/** What `coldchain --help` prints. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return ['Usage: coldchain COMMAND …', '', ...lines, '', '"coldchain COMMAND --help" says more.', EXIT_CODES].join(
    '\n',
  );
}

/** What `coldchain COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, { value, doc }]) => ({
    left: `--${name}${value === '' ? '' : ` ${value}`}`,
    doc,
  }));
  const all = [...options, { left: '--json', doc: 'machine-readable output' }, { left: '--help', doc: 'this text' }];
  const width = Math.max(...all.map(({ left }) => left.length));
  return [
    ['Usage: coldchain', command.name, ...command.positionals, '[OPTIONS]'].join(' '),
    '',
    command.summary,
    ...(command.help === undefined ? [] : ['', ...command.help]),
    '',
    ...all.map(({ left, doc }) => `  ${left.padEnd(width)}  ${doc}`),
    '',
    EXIT_CODES,
  ].join('\n');
}
