import { describe, expect, it } from '@jest/globals';
import { OPERATIONS, openApiDocument, type Operation, PROBLEM_CODES, problemsOf } from './index.js';

const operations: readonly (readonly [string, Operation])[] = Object.entries(OPERATIONS);
const document = openApiDocument({ version: '1.2.3' });
const text = JSON.stringify(document);

describe('openApiDocument', () => {
  it('is OpenAPI 3.1 with one operation per route', () => {
    expect(document['openapi']).toBe('3.1.0');
    const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    expect(new Set(ids)).toEqual(new Set(operations.map(([id]) => id)));
    expect(ids).toHaveLength(operations.length);
  });

  it('refers to nothing that it does not hold', () => {
    const schemas = Object.keys((document['components'] as { readonly schemas: object }).schemas);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, path]) =>
      path?.replace('#/components/schemas/', ''),
    );
    expect(references.length).toBeGreaterThan(10);
    expect(references.filter((name) => !schemas.includes(name ?? ''))).toEqual([]);
  });

  it('closes every object of a request', () => {
    const open = operations.flatMap(([id, { body }]) =>
      body?.safeParse({ nonsense: 1 }).success === true ? [id] : [],
    );
    expect(open).toEqual([]);
  });

  it('says for each operation who may use it and which codes it can be refused with', () => {
    for (const [id, operation] of operations) {
      const codes = problemsOf(operation);
      expect([id, codes.length > 0, new Set(codes).size === codes.length]).toEqual([id, true, true]);
    }
    const used = new Set(operations.flatMap(([, operation]) => problemsOf(operation)));
    const never = PROBLEM_CODES.filter((code) => !used.has(code));
    // Codes of commands that no route offers, and of answers that belong to no operation.
    expect(never.sort()).toEqual([
      'exposure-profile-mismatch',
      'leg-not-of-caller',
      'leg-revision-not-rising',
      'log-not-of-caller',
      'method-not-allowed',
      'root-exists-differently',
      'root-not-next',
      'root-previous-mismatch',
      'root-window-wrong',
    ]);
  });
});

describe('examples', () => {
  it.each(operations)('%s fit their schemas', (_, { body, bodyExample, answer, answerExample }) => {
    if (bodyExample !== undefined) expect(body?.safeParse(bodyExample)).toMatchObject({ success: true });
    if (answerExample !== undefined && typeof answer !== 'string') {
      expect(answer.safeParse(answerExample)).toMatchObject({ success: true });
    }
  });
});
