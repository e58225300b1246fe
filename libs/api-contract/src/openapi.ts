import { z } from 'zod';
import { type Operation, problemsOf } from './operation.js';
import { OPERATIONS } from './operations.js';
import { POLICY, RELATIONS } from './policy.js';
import { Problem } from './problem.js';
import { type ProblemCode, problemNextStep, PROBLEMS, problemType } from './problem-catalog.js';

/** A JSON value of the document; it is written out, never read here. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

/** The document's own facts. */
export interface OpenApiOptions {
  readonly version: string;
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest as JsonObject;
}

const upperFirst = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1);
const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, JsonObject>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties ?? {}).map(([name, { description, example, ...value }]) => ({
    name,
    in: place,
    required: place === 'path' || (required ?? []).includes(name),
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
    schema: value,
  }));
}

function accessSentence(operation: Operation): string {
  if (operation.action === null) return 'Open: no key is needed.';
  const rule = POLICY[operation.action];
  return `Roles: ${rule.roles.join(', ')}. ${RELATIONS[rule.relation]}`;
}

/** One response per status, with every code that it can carry. */
function problemResponses(operation: Operation): Record<string, Json> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(operation)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
        content: {
          'application/problem+json': {
            schema: reference('Problem'),
            examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
          },
        },
      },
    ]),
  );
}

function problemExample(code: ProblemCode): JsonObject {
  const { status, title } = PROBLEMS[code];
  return {
    type: problemType(code),
    title,
    status,
    code,
    ...problemNextStep(code),
    instance: 'urn:uuid:3f0b7c52-7a0e-4a8e-9b1c-2f6f0c6f9d10',
  };
}

function successResponse(id: string, operation: Operation): JsonObject {
  if (typeof operation.answer === 'string') {
    return { description: operation.summary, content: { [operation.answer]: { schema: { type: 'string' } } } };
  }
  return {
    description: operation.act === true ? 'Recorded; the anchor follows' : operation.summary,
    content: {
      'application/json': {
        schema: reference(`${upperFirst(id)}Answer`),
        ...(operation.answerExample === undefined ? {} : { example: operation.answerExample as Json }),
      },
    },
  };
}

const header = (name: string, description: string, schema: JsonObject): JsonObject => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
});

function headersOf(operation: Operation): Json[] {
  const headers: Json[] = [];
  if (operation.method === 'POST') {
    headers.push(
      header('Idempotency-Key', 'A repeated request with the same key gets the first answer; kept for 30 days', {
        type: 'string',
        minLength: 1,
        maxLength: 255,
      }),
    );
  }
  if (operation.act === true) {
    headers.push(
      header('Prefer', '`wait=N` (at most 10 s): answer when the ledger has decided, 202 when it has not by then', {
        type: 'string',
        examples: ['wait=3'],
      }),
    );
  }
  return headers;
}

function describe(id: string, operation: Operation): JsonObject {
  const success = successResponse(id, operation);
  return {
    operationId: id,
    tags: [operation.group],
    summary: operation.summary,
    description: accessSentence(operation),
    ...(operation.action === null ? { security: [] } : {}),
    parameters: [
      ...parametersOf(operation.params, 'path'),
      ...parametersOf(operation.query, 'query'),
      ...headersOf(operation),
    ],
    ...(operation.bodyType === undefined
      ? {}
      : { requestBody: { required: true, content: { [operation.bodyType]: { schema: { type: 'string' } } } } }),
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: reference(`${upperFirst(id)}Body`),
                ...(operation.bodyExample === undefined ? {} : { example: operation.bodyExample as Json }),
              },
            },
          },
        }),
    responses: {
      [String(operation.status)]: success,
      ...(operation.act === true ? { '202': success } : {}),
      ...problemResponses(operation),
    },
  };
}

/** The OpenAPI 3.1 document of the API, made from the route table and its schemas. */
export function openApiDocument(options: OpenApiOptions): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  const schemas: Record<string, Json> = { Problem: schemaOf(Problem, 'output') };
  const all: readonly (readonly [string, Operation])[] = Object.entries(OPERATIONS);
  for (const [id, operation] of all) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(id, operation);
    if (operation.body !== undefined) schemas[`${upperFirst(id)}Body`] = schemaOf(operation.body, 'input');
    if (typeof operation.answer !== 'string') schemas[`${upperFirst(id)}Answer`] = schemaOf(operation.answer, 'output');
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cold-chain traceability',
      version: options.version,
      description:
        'From a sensor reading to a verdict. Problems are RFC 9457 with a stable `code`. Unknown members and parameters are refused. What belongs to another organisation is 404.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ key: [] }],
    tags: [...new Set(all.map(([, operation]) => operation.group))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Key of an account' } },
      schemas,
    },
  };
}
