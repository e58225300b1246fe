import type { Brand } from '@coldchain/kernel';
import type { z } from 'zod';
import { EpcisError } from './epcis-error.js';
import type { EventProblem } from './epcis-error.js';
import { isJsonObject } from './json.js';
import type { JsonObject } from './json.js';
import { documentSchema, eventSchema } from './schema/events.js';

/** Types of events that are understood. */
export type EventType =
  'ObjectEvent' | 'AggregationEvent' | 'AssociationEvent' | 'TransactionEvent' | 'TransformationEvent';

/** A JSON event that was checked against EPCIS 2.0; the object is the one that was read. */
export type EpcisEvent = Brand<
  JsonObject & {
    readonly type: EventType;
    readonly eventTime: string;
    readonly eventTimeZoneOffset: string;
    readonly action?: 'ADD' | 'OBSERVE' | 'DELETE';
    readonly bizStep?: string;
    readonly disposition?: string;
  },
  'EpcisEvent'
>;

const escaped = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

function problemsOf(error: z.ZodError, base: string): EventProblem[] {
  return error.issues.map((issue) => ({
    pointer: base + issue.path.map((part) => `/${escaped(part)}`).join(''),
    code: issue.code.replaceAll('_', '-'),
    text: issue.message,
  }));
}

/** What is wrong with an event, each with a JSON pointer below `base`; empty where nothing is. */
export function eventProblems(json: unknown, base = ''): EventProblem[] {
  const result = eventSchema.safeParse(json);
  return result.success ? [] : problemsOf(result.error, base);
}

/**
 * The event as it was given, once it is known to be one.
 * @throws EpcisError `event-invalid` with `details.problems`
 */
export function parseEvent(json: unknown): EpcisEvent {
  const problems = eventProblems(json);
  if (problems.length > 0) throw new EpcisError('event-invalid', 'the event breaks EPCIS 2.0', { problems });
  return json as EpcisEvent;
}

function listOf(json: JsonObject): { readonly pointer: string; readonly events: readonly unknown[] } {
  const body = isJsonObject(json['epcisBody']) ? json['epcisBody'] : {};
  const query = isJsonObject(body['queryResults']) ? body['queryResults'] : {};
  const results = isJsonObject(query['resultsBody']) ? query['resultsBody'] : {};
  const inResults = results['eventList'];
  if (Array.isArray(inResults)) return { pointer: '/epcisBody/queryResults/resultsBody/eventList', events: inResults };
  const inBody = body['eventList'];
  return { pointer: '/epcisBody/eventList', events: Array.isArray(inBody) ? inBody : [] };
}

/**
 * What is wrong with an EPCISDocument, an EPCISQueryDocument or a bare event (which has to bring its `@context`): the
 * document's problems first, then those of each event, in order.
 */
export function documentProblems(json: unknown): EventProblem[] {
  if (isJsonObject(json) && typeof json['type'] === 'string' && json['type'].endsWith('Event')) {
    const context: EventProblem[] =
      json['@context'] === undefined
        ? [{ pointer: '/@context', code: 'invalid-type', text: 'a bare event brings its @context' }]
        : [];
    return [...context, ...eventProblems(json)];
  }
  const result = documentSchema.safeParse(json);
  const own = result.success ? [] : problemsOf(result.error, '');
  if (!isJsonObject(json)) return own;
  const { pointer, events } = listOf(json);
  return [...own, ...events.flatMap((event, index) => eventProblems(event, `${pointer}/${index}`))];
}
