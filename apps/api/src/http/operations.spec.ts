import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { OPERATION_IDS, OPERATIONS, openApiDocument } from '@coldchain/api-contract';
import { RequestMethod } from '@nestjs/common';
import { CONTROLLERS } from '../app.module.js';

/** Method and path of every handler that Nest would register. */
function registered(): string[] {
  return CONTROLLERS.flatMap((controller) => {
    const prototype = controller.prototype as object;
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler: unknown = Reflect.get(prototype, name);
      if (typeof handler !== 'function') return [];
      const path: unknown = Reflect.getMetadata('path', handler);
      const method: unknown = Reflect.getMetadata('method', handler);
      if (typeof path !== 'string' || typeof method !== 'number') return [];
      return [`${RequestMethod[method] ?? ''} ${path.replace(/:(\w+)/g, '{$1}')}`];
    });
  });
}

describe('routes and their document', () => {
  const document = JSON.parse(JSON.stringify(openApiDocument({ version: '0' }))) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };

  it('are the same set', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(registered().sort()).toEqual(documented.sort());
    expect(registered()).toHaveLength(OPERATION_IDS.length);
  });

  it('are each registered once', () => {
    expect(new Set(registered()).size).toBe(registered().length);
  });

  it('have a path parameter schema for each parameter of their path', () => {
    for (const id of OPERATION_IDS) {
      const names = [...OPERATIONS[id].path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([id, names.length > 0]).toEqual([id, 'params' in OPERATIONS[id]]);
    }
  });
});
