import { describe, expect, it } from '@jest/globals';
import { CliError } from './cli-error.js';
import type { Command, Terminal } from './command.js';
import { runCommandLine } from './command-line.js';

class RecordingTerminal implements Terminal {
  readonly lines: string[] = [];
  readonly notes: string[] = [];
  readonly input = (async function* none(): AsyncGenerator<Uint8Array> {})();
  readonly interactive = false;
  readonly environment = {};
  readonly stopped = new AbortController().signal;

  out(text: string): void {
    this.lines.push(text);
  }

  note(text: string): void {
    this.notes.push(text);
  }
}

const echo: Command = {
  name: 'say again',
  positionals: ['WORD', '[MORE…]'],
  summary: 'Says it again',
  options: {
    times: { kind: 'text', value: 'N', doc: 'how often' },
    loud: { kind: 'flag', value: '', doc: 'in capitals' },
    to: { kind: 'list', value: 'NAME', doc: 'to whom' },
  },
  run: async ({ positionals, options, json, terminal }) => {
    if (positionals[0] === 'no') throw new CliError('not-said', 'it is not said', 'say something else', 2);
    const { text, flag, list } = { text: options.text('times'), flag: options.flag('loud'), list: options.list('to') };
    terminal.out(JSON.stringify({ positionals, text, flag, list, json }));
    return 1;
  },
};
const short: Command = { ...echo, name: 'say', positionals: ['WORD'], options: {}, run: async () => 0 };

async function run(...parameters: string[]): Promise<{ status: number; out: string; notes: string }> {
  const terminal = new RecordingTerminal();
  const status = await runCommandLine(parameters, [short, echo], terminal);
  return { status, out: terminal.lines.join('\n'), notes: terminal.notes.join('\n') };
}

describe('runCommandLine', () => {
  it('takes the longest name, parameters and options in any place, and the exit status of the command', async () => {
    const { status, out } = await run(
      'say',
      'again',
      '--loud',
      'a',
      '--times',
      '3',
      'b',
      '--to',
      'x',
      '--to=y',
      '--json',
    );
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual({ positionals: ['a', 'b'], text: '3', flag: true, list: ['x', 'y'], json: true });
    expect((await run('say', 'again-and-again')).status).toBe(0);
  });

  it.each([
    ['an unknown command', ['sing'], /usage: there is no command 'sing' – see "coldchain --help"/],
    ['an unknown option', ['say', 'again', 'a', '--slowly'], /usage: Unknown option '--slowly'/],
    ['an option without its value', ['say', 'again', 'a', '--times'], /usage: /],
    ['a missing parameter', ['say', 'again'], /usage: WORD is missing – see "coldchain say again --help"/],
    ['a parameter too many', ['say', 'one', 'two'], /usage: 'two' is one parameter too many/],
  ])('refuses %s with status 64', async (_title, parameters, message) => {
    const { status, notes, out } = await run(...parameters);
    expect([status, out]).toEqual([64, '']);
    expect(notes).toMatch(message);
  });

  it('prints code, text and next step of a refusal, as JSON where that was asked for', async () => {
    expect(await run('say', 'again', 'no')).toEqual({
      status: 2,
      out: '',
      notes: 'coldchain: not-said: it is not said – say something else',
    });
    expect(JSON.parse((await run('say', 'again', 'no', '--json')).notes)).toEqual({
      error: { code: 'not-said', text: 'it is not said', nextStep: 'say something else' },
    });
  });

  it('helps', async () => {
    expect(await run()).toMatchObject({ status: 64, out: expect.stringContaining('say again  Says it again') });
    expect(await run('--help')).toMatchObject({ status: 0, notes: '' });
    const { status, out } = await run('say', 'again', '--help');
    expect(status).toBe(0);
    expect(out).toMatch(/Usage: coldchain say again WORD \[MORE…\] \[OPTIONS\]/);
    expect(out).toMatch(/--times N +how often/);
  });
});
