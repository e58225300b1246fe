import { describe, expect, it } from '@jest/globals';
import { OPERATIONS } from '@coldchain/api-contract';
import { parseInput } from './input.js';
import { RequestProblem } from './request-problem.js';

const body = { gtin: '09506000134352', lot: 'A1', expiry: '2027-12-31', profileVersion: 1, serials: ['S1'] };
const parse = (changed: Record<string, unknown>) =>
  parseInput(OPERATIONS.registerBatch, { params: {}, query: {}, body: { ...body, ...changed } });

function problemOf(run: () => unknown): RequestProblem {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestProblem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parseInput', () => {
  it('brands and pads what is right', () => {
    expect(parse({ gtin: '9506000134352' }).body).toMatchObject({ gtin: '09506000134352', serials: ['S1'] });
  });

  it('names the code of GS1 when that alone is wrong, with the place', () => {
    const problem = problemOf(() => parse({ gtin: '09506000134353' }));
    expect(problem).toMatchObject({
      code: 'check-digit-wrong',
      errors: [{ pointer: '/gtin', code: 'check-digit-wrong' }],
    });
  });

  it('refuses unknown members, wrong types and NUL, each with its pointer', () => {
    expect(problemOf(() => parse({ extra: 1 }))).toMatchObject({
      code: 'body-invalid',
      errors: [{ pointer: '/extra' }],
    });
    expect(problemOf(() => parse({ profileVersion: '1' }))).toMatchObject({ errors: [{ pointer: '/profileVersion' }] });
    expect(problemOf(() => parse({ serials: ['a\0b'] }))).toMatchObject({ errors: [{ pointer: '/serials/0' }] });
    expect(problemOf(() => parse({ lot: 'x/y~z', serials: [1] }))).toMatchObject({ code: 'body-invalid' });
  });

  it('refuses unknown and repeated parameters', () => {
    const query = (given: unknown) =>
      problemOf(() => parseInput(OPERATIONS.getMe, { params: {}, query: given, body: undefined }));
    expect(query({ x: '1' })).toMatchObject({ code: 'query-invalid', errors: [{ pointer: 'x' }] });
    const twice = problemOf(() =>
      parseInput(OPERATIONS.getVerdict, { params: {}, query: { code: ['a', 'b'] }, body: undefined }),
    );
    expect(twice.code).toBe('query-invalid');
  });
});
