import { contextWithin, EMPTY_CONTEXT } from './hash/document-context.js';
import type { DocumentContext } from './hash/document-context.js';
import { EpcisError } from './epcis-error.js';
import { isJsonArray, isJsonObject } from './json.js';
import type { JsonObject, JsonValue } from './json.js';

/** An event with what the document around it declares. */
export interface DocumentEvent {
  readonly event: JsonObject;
  readonly context: DocumentContext;
}

/** A single event in a body, as some capture clients send it, or a list. */
function listIn(body: JsonObject): readonly JsonValue[] | null {
  const results = body['queryResults'];
  const inResults = isJsonObject(results) ? results['resultsBody'] : undefined;
  const holder = isJsonObject(inResults) ? inResults : body;
  const list = holder['eventList'];
  if (isJsonArray(list)) return list;
  return isJsonObject(body['event']) ? [body['event']] : null;
}

/**
 * The events of an EPCISDocument, an EPCISQueryDocument or a bare event, in document order, each with the namespaces
 * of the document and of its own `@context`. The events are the objects of the input, not copies.
 * @throws EpcisError `document-invalid` where there is no event list or an entry is not an object
 */
export function documentEvents(json: unknown): DocumentEvent[] {
  if (!isJsonObject(json)) throw new EpcisError('document-invalid', 'the document is not a JSON object');
  const context = contextWithin(EMPTY_CONTEXT, json);
  const body = json['epcisBody'];
  if (body === undefined && typeof json['type'] === 'string' && json['type'].endsWith('Event')) {
    return [{ event: json, context }];
  }
  const list = isJsonObject(body) ? listIn(body) : null;
  if (list === null) throw new EpcisError('document-invalid', 'the document has no event list');
  return list.map((event, index) => {
    if (!isJsonObject(event)) {
      throw new EpcisError('document-invalid', 'an entry of the event list is not an object', { index });
    }
    return { event, context: contextWithin(context, event) };
  });
}
