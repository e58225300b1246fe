import { describe, expect, it } from '@jest/globals';
import type { Terminal } from '../command.js';
import { csvRows } from './csv-lines.js';

async function fieldsOf(text: string): Promise<(readonly string[])[]> {
  const terminal: Terminal = {
    out: () => undefined,
    note: () => undefined,
    input: (async function* () {
      yield new TextEncoder().encode(text);
    })(),
    interactive: false,
    environment: {},
    stopped: new AbortController().signal,
  };
  const rows: (readonly string[])[] = [];
  for await (const { fields } of csvRows('-', terminal)) rows.push(fields);
  return rows;
}

describe('rows of a CSV', () => {
  it('take no longer to read when they are made to be slow', async () => {
    const cpuOf = async (text: string): Promise<number> => {
      const begin = process.cpuUsage();
      await fieldsOf(text).catch(() => undefined);
      const { user, system } = process.cpuUsage(begin);
      return user + system;
    };
    const blanks = ' '.repeat(1000);
    const ordinary = `"${'x'.repeat(1000)}",1\n`;
    await cpuOf(ordinary.repeat(300));
    expect(await cpuOf(`${blanks}x"`)).toBeLessThan(await cpuOf(ordinary.repeat(300)));
    expect(await fieldsOf(`${blanks}"a"${blanks},${blanks}b${blanks}`)).toEqual([['a', 'b']]);
    await expect(fieldsOf(`${blanks}x"`)).rejects.toMatchObject({ code: 'csv-invalid' });
  });
});
