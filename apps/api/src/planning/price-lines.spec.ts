import { describe, expect, it } from '@jest/globals';
import { csvRows } from './csv-rows.js';
import { type PriceList, readPrices } from './price-lines.js';

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}
const read = (text: string): Promise<PriceList> => readPrices(csvRows(chunks(text)));

describe('readPrices', () => {
  it('reads prices by the names of the columns, whatever else stands beside them', async () => {
    const { prices, problems } = await read(
      'name,Unit_Price,article\r\n"Insulin, 100 E",1.25,insulin\r\n\r\nx,0,b\r\ny,,c',
    );
    expect(problems).toEqual([]);
    expect(prices).toEqual([
      { line: 2, article: 'insulin', unitPrice: 1.25 },
      { line: 4, article: 'b', unitPrice: 0 },
      { line: 5, article: 'c', unitPrice: null },
    ]);
  });

  it('names the line of everything that is wrong', async () => {
    const rows = ['a,1', 'b,1,50', 'c,"1,50"', 'd,-1', 'e,1e3', 'f,0.1234567', 'a,2', ',3', 'g,1000000001', 'h'];
    const { problems } = await read(`article,unit_price\n${rows.join('\n')}\n`);
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [3, 'fields-wrong'],
      [4, 'price-invalid'],
      [5, 'price-invalid'],
      [6, 'price-invalid'],
      [7, 'price-invalid'],
      [8, 'article-repeated'],
      [9, 'article-invalid'],
      [10, 'price-invalid'],
      [11, 'fields-wrong'],
    ]);
    expect(problems[5]?.detail).toBe('a stands in line 2 already');
  });

  it.each([
    ['', 'csv-columns'],
    ['article;unit_price\na;1\n', 'csv-columns'],
    ['article,price\na,1\n', 'csv-columns'],
    ['article,unit_price,article\na,1,b\n', 'csv-columns'],
    ['article,unit_price\n"a,1\n', 'csv-invalid'],
  ])('takes nothing without its two columns: %j', async (text, code) => {
    const { prices, problems } = await read(text);
    expect([prices.length, problems.map((one) => one.code)]).toEqual([0, [code]]);
  });

  it('tells the first hundred problems of a wrong file, and stops', async () => {
    const { problems } = await read(`article,unit_price\n${'a,x\n'.repeat(1000)}`);
    expect(problems).toHaveLength(100);
  });
});
