import { contextWithin, EMPTY_CONTEXT } from '../hash/document-context.js';
import type { DocumentContext } from '../hash/document-context.js';
import type { JsonObject } from '../json.js';
import { isoInstant } from './circumstances.js';

/**
 * The `@context` of every document written here. `cbvmda` is declared although the GS1 context has it, because without a
 * declaration the reference implementations disagree about its IRI.
 */
export const EPCIS_CONTEXT = [
  'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  { cbvmda: 'urn:epcglobal:cbv:mda:' },
] as const;

/** {@link EPCIS_CONTEXT} as a hash needs it: hash every event that a builder made with this. */
export const EVENT_CONTEXT: DocumentContext = contextWithin(EMPTY_CONTEXT, { '@context': EPCIS_CONTEXT });

/** An EPCISDocument around events, for exchange. @param creationMs ms since 1970 UTC */
export function epcisDocument(events: readonly JsonObject[], creationMs: number): JsonObject {
  return {
    '@context': EPCIS_CONTEXT,
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: isoInstant(creationMs),
    epcisBody: { eventList: events },
  };
}
