import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CsvRow, csvRows } from './csv-rows.js';

async function rowsOf(text: string, cuts: readonly number[] = []): Promise<CsvRow[]> {
  const bytes = Buffer.from(text, 'utf8');
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const rows: CsvRow[] = [];
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 1; at < places.length; at++) yield bytes.subarray(places[at - 1], places[at]);
  };
  for await (const row of csvRows(chunks())) rows.push(row);
  return rows;
}

const fieldsOf = async (text: string): Promise<(readonly string[] | null)[]> =>
  (await rowsOf(text)).map(({ fields }) => fields);

describe('csvRows', () => {
  it('counts lines from one, and leaves out empty ones and the mark at the begin', async () => {
    expect(await rowsOf('\uFEFFa,b\r\n\r\n c , d \n\nlast')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 3, fields: ['c', 'd'] },
      { line: 5, fields: ['last'] },
    ]);
  });

  it('reads quotes as RFC 4180 writes them, and tells one that is not closed', async () => {
    expect(await fieldsOf('"a, ""b""",c,""\n"open,1\n"closed"more,2\n')).toEqual([['a, "b"', 'c', ''], null, null]);
  });

  it('gives up on what is no CSV instead of filling the memory', async () => {
    expect(await rowsOf('x'.repeat(50_000))).toEqual([{ line: 1, fields: null }]);
  });

  it('takes no longer for a row that is made to be slow', async () => {
    const cpuOf = async (text: string): Promise<number> => {
      const begin = process.cpuUsage();
      await rowsOf(text);
      const { user, system } = process.cpuUsage(begin);
      return user + system;
    };
    const blanks = ' '.repeat(1000);
    const ordinary = `"${'x'.repeat(1000)}",1\n`;
    await cpuOf(ordinary.repeat(300));
    expect(await cpuOf(`${blanks}x"\n`)).toBeLessThan(await cpuOf(ordinary.repeat(300)));
    expect(await fieldsOf(`${blanks}x"\n${blanks}"a"${blanks},${blanks}b${blanks}\n`)).toEqual([null, ['a', 'b']]);
  });

  it('gives the same wherever the bytes are split', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', ' ', '7'), maxLength: 6 });
    const lines = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(), { maxLength: 8 }), async (rows, cuts) => {
        const text = rows.map((row) => row.join(',')).join('\n');
        expect(await rowsOf(text, cuts)).toEqual(await rowsOf(text));
      }),
    );
  });
});
