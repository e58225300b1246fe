import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runCommandLine } from '../command-line.js';
import type { ExitCode } from '../command.js';
import { COMMANDS } from '../commands/commands.js';

interface Outcome {
  readonly status: ExitCode;
  readonly out: string[];
  readonly notes: string[];
}

async function coldchain(parameters: readonly string[], input: string | Iterable<string>): Promise<Outcome> {
  const out: string[] = [];
  const notes: string[] = [];
  const encoder = new TextEncoder();
  const chunks = typeof input === 'string' ? [input] : input;
  const status = await runCommandLine(parameters, COMMANDS, {
    out: (text) => out.push(...text.split('\n')),
    note: (text) => notes.push(text),
    input: (async function* () {
      for (const chunk of chunks) yield encoder.encode(chunk);
    })(),
    interactive: false,
    environment: {},
    stopped: new AbortController().signal,
  });
  return { status, out, notes };
}

const month = (t: number): string => `${2020 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, '0')}-01`;
const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
const series = (name: string, length = 36, value = (t: number) => Math.round(100 + 20 * noise(t))): string =>
  Array.from({ length }, (_, t) => `${name},${month(t)},${value(t)}\n`).join('');
const HEADER = 'series,date,quantity\n';
const FORECAST = ['forecast', '-', '--frequency', 'month', '--horizon', '2'];

describe('coldchain forecast', () => {
  it('writes the columns of the interface, in the order of the file', async () => {
    const { status, out, notes } = await coldchain(FORECAST, HEADER + series('"b, large"') + series('a'));
    expect([status, notes]).toEqual([0, []]);
    expect(out[0]).toBe('series,date,step,mean,lower80,upper80,lower95,upper95,model');
    expect(out.slice(1).map((line) => line.replace(/^("[^"]*"|[^,]*),([^,]*),([^,]*),.*,/, '$1|$2|$3|'))).toEqual([
      '"b, large"|2023-01-01|1|combination@2',
      '"b, large"|2023-02-01|2|combination@2',
      'a|2023-01-01|1|combination@2',
      'a|2023-02-01|2|combination@2',
    ]);
    const numbers = (out[1] ?? '').split(',').slice(4, 9).map(Number);
    const [mean, lower80, upper80, lower95, upper95] = numbers as [number, number, number, number, number];
    expect([lower95 <= lower80, lower80 <= mean, mean <= upper80, upper80 <= upper95]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('takes other levels, rows in any order, split anywhere, with a mark and carriage returns', async () => {
    const text = `\uFEFF${HEADER}${series('a')}`.replaceAll('\n', '\r\n');
    const whole = await coldchain([...FORECAST, '--level', '50'], text);
    expect(whole.out[0]).toBe('series,date,step,mean,lower50,upper50,model');
    const split = await coldchain([...FORECAST, '--level', '50'], text.match(/[\s\S]{1,7}/g) ?? []);
    expect(split).toEqual(whole);
    const [head = '', ...rows] = `${HEADER}${series('a')}`.trimEnd().split('\n');
    const reversed = await coldchain([...FORECAST, '--level', '50'], [head, ...rows.reverse()].join('\n'));
    expect(reversed.out).toEqual(whole.out);
  });

  it('does not let a stockout that it is told of lower the forecast', async () => {
    const header = 'series,date,quantity,available\n';
    const rows = (last: string): string =>
      header +
      series('a', 36, () => 100)
        .replaceAll('\n', ',1\n')
        .replace(/100,1\n$/, last);
    const mean = async (text: string): Promise<number> =>
      Number((await coldchain(FORECAST, text)).out[1]?.split(',')[3]);
    expect(await mean(rows('0,0\n'))).toBeCloseTo(100, 3);
    expect(await mean(rows('0,1\n'))).toBeLessThan(97);
  });

  it('refuses single series with code and line, and goes on: 2; all of them: 1', async () => {
    const bad = 'x,2020-02-30,1\ny,2020-01-01,many\nz,2020-01-01,1\nz,2020-01-01,1\nw,2020-01-01,2e15\n';
    const some = await coldchain(FORECAST, HEADER + bad + series('a'));
    expect(some.status).toBe(2);
    expect(some.out).toHaveLength(3);
    expect(some.notes.map((note) => note.replace(/^coldchain: ([a-z-]+): line (\d+): .*/, '$1 $2'))).toEqual([
      'date-invalid 2',
      'quantity-invalid 3',
      'calendar-invalid 5',
      'series-too-large 6',
    ]);
    expect((await coldchain(FORECAST, HEADER + bad)).status).toBe(1);
  });

  it('tells the first twenty of many problems', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `s${i},never,1\n`).join('');
    const { notes, status } = await coldchain(FORECAST, HEADER + rows);
    expect([status, notes.length, notes.at(-1)]).toEqual([1, 21, '… and 30 more problems']);
  });

  it('refuses a file that is none, and wrong use', async () => {
    const code = async (parameters: string[], text: string): Promise<[ExitCode, string | undefined]> => {
      const { status, notes } = await coldchain(parameters, text);
      return [status, notes[0]?.split(': ')[1]];
    };
    expect(await code(FORECAST, '')).toEqual([1, 'csv-columns']);
    expect(await code(FORECAST, 'series;date;quantity\na;2020-01-01;1\n')).toEqual([1, 'csv-columns']);
    expect(await code(FORECAST, HEADER)).toEqual([1, 'demand-empty']);
    expect(await code(FORECAST, `${HEADER}"a,2020-01-01,1\n`)).toEqual([1, 'csv-invalid']);
    expect(await code(FORECAST.with(1, '/nowhere'), '')).toEqual([1, 'file-unreadable']);
    expect(await code(FORECAST.with(3, 'year'), HEADER)).toEqual([64, 'usage']);
    expect(await code(FORECAST.with(5, '0'), HEADER)).toEqual([64, 'usage']);
    expect(await code([...FORECAST, '--level', '95,95'], HEADER)).toEqual([64, 'usage']);
  });

  it('says what to do about semicolons, and about more origins than there are periods', async () => {
    const semicolons = await coldchain(FORECAST, 'series;date;quantity\na;2020-01-01;1\n');
    expect(semicolons.notes[0]).toMatch(/ – write a header with .*, and commas between the fields of every row$/);
    const backtest = ['backtest', '-', '--frequency', 'month', '--horizon', '12', '--origins', '30'];
    const { notes, status } = await coldchain(backtest, HEADER + series('a'));
    expect([status, notes[0]]).toEqual([
      1,
      expect.stringMatching(/^coldchain: horizon-invalid: .* – ask for a shorter horizon/),
    ]);
  });

  it('gives on threads what it gives without', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const sparse = (t: number): number => (t % 4 === 0 ? 3 : 0);
    const rows = names.map((name) => series(name, 24, sparse));
    const many = await coldchain(FORECAST, HEADER + rows.join(''));
    const few = await coldchain(FORECAST, HEADER + rows.slice(0, 3).join(''));
    expect(many.status).toBe(0);
    expect(many.out).toHaveLength(1 + 2 * names.length);
    expect(many.out.slice(0, 7)).toEqual(few.out);
    expect(many.out.slice(1).map((line) => line.split(',')[0])).toEqual(names.flatMap((name) => [name, name]));
  });
});

describe('coldchain backtest', () => {
  it('is one JSON document with scores of each series and of all', async () => {
    const parameters = ['backtest', '-', '--frequency', 'month', '--horizon', '3', '--origins', '2'];
    const { status, out } = await coldchain(parameters, HEADER + series('a') + series('short', 3) + series('b'));
    expect(status).toBe(2);
    const scores = {
      MASE: expect.any(Number),
      sMAPE: expect.any(Number),
      RMSSE: expect.any(Number),
      MSIS: expect.any(Number),
      coverage: expect.any(Number),
    };
    const document = JSON.parse(out.join('\n')) as { series: { MASE: number }[]; overall: { MASE: number } };
    expect(document).toMatchObject({
      frequency: 'month',
      series: [
        { series: 'a', origins: 2, model: 'combination@2', ...scores },
        { series: 'b', ...scores },
      ],
      overall: { series: 2, ...scores },
    });
    expect(document.overall.MASE).toBeCloseTo(document.series[0]?.MASE ?? NaN, 6);
    expect(JSON.parse((await coldchain(parameters, HEADER + series('short', 3))).out.join('\n'))).toMatchObject({
      series: [],
      overall: { series: 0, MASE: null },
    });
  });
});

describe('numbers of a list', () => {
  it('are what was written: spaces are unknown and no zero, and a word is no number', async () => {
    const spaces = await coldchain(FORECAST, `${HEADER}${series('a')}a,2023-01-01,  \n`);
    const empty = await coldchain(FORECAST, `${HEADER}${series('a')}a,2023-01-01,\n`);
    expect(spaces).toEqual({ ...empty, status: 0 });
    for (const text of ['0x10', '1 000', 'Infinity']) {
      const { status, notes } = await coldchain(FORECAST, `${HEADER}a,2023-01-01,${text}\n`);
      expect([status, notes.join()]).toEqual([1, expect.stringMatching(/quantity-invalid: line 2/)]);
    }
  });
});

describe('coldchain reorder', () => {
  const REORDER = ['reorder', '-', '--frequency', 'month', '--lead-time', '2', '--review', '1', '--service', '0.95'];

  it('writes levels, and no order where no stock is known', async () => {
    const { status, out } = await coldchain(REORDER, HEADER + series('a'));
    expect(status).toBe(0);
    expect(out[0]).toBe('series,reorder_point,order_up_to,safety_stock,order_quantity,model');
    expect(out[1]).toMatch(/^a,3\d\d\.?\d*,4\d\d\.?\d*,\d+\.?\d*,,combination@2$/);
  });

  it('orders from a stock list: lots, cases, and stock that nobody asks for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coldchain-stock-'));
    try {
      const file = join(folder, 'stock.csv');
      const stock = (rows: string): void =>
        writeFileSync(file, `series,on_hand,on_order,pack_size,minimum_order,expiry\n${rows}`);
      const order = async (rows: string): Promise<Outcome> => {
        stock(rows);
        return coldchain([...REORDER, '--stock', file, '--sentences'], HEADER + series('a'));
      };
      const quantity = ({ out }: Outcome): number => Number(out[1]?.split(',')[4]);
      const some = await order('a,50,20,10,,2026-01-01\na,30,20,10,,\n');
      expect(quantity(some) % 10).toBe(0);
      expect(some.notes).toEqual([`a: Order ${quantity(some) / 10} cases of 10 today`]);
      // The same with the first lot expired: five cases more, and with plenty: none.
      expect(quantity(await order('a,50,20,10,,2022-12-01\na,30,20,10,,\n')) - quantity(some)).toBe(50);
      expect(quantity(await order('a,5000,0,10,,\n'))).toBe(0);
      expect((await order('a,5,,,,\nA,9,,,,\n')).notes.at(-1)).toMatch(/^coldchain: stock-unmatched: 1 series .*\(A\)/);
      expect(await order('a,-5,,,,\n')).toMatchObject({
        status: 1,
        notes: [expect.stringMatching(/stock-invalid: line 2/)],
      });
      expect((await order('a,5,,,,soon\n')).status).toBe(1);
      // What is on hand and not told is not nothing: it would be ordered once more.
      for (const onHand of ['', ' ', '0x20']) {
        expect((await order(`a,${onHand},20,10,,\n`)).notes).toEqual([expect.stringMatching(/stock-invalid: line 2/)]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses wrong use', async () => {
    for (const [index, value] of [
      [5, 'x'],
      [5, '-1'],
      [9, '1'],
      [9, '95'],
    ] as const) {
      expect((await coldchain(REORDER.with(index, value), HEADER + series('a'))).status).toBe(64);
    }
    expect((await coldchain([...REORDER, '--stock', '-'], HEADER)).status).toBe(64);
  });
});
