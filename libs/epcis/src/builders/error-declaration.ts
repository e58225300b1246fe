import type { JsonObject } from '../json.js';
import { parseEvent } from '../parse-event.js';
import type { EpcisEvent } from '../parse-event.js';
import { isoInstant } from './circumstances.js';

/**
 * Declares that an event did not occur (EPCIS 2.0 §7.4.1.2): the same event again with an error declaration. Its event
 * hash is that of what it takes back; its digest, and so its commitment, are its own.
 * @param declaredMs ms since 1970 UTC
 * @throws EpcisError `event-invalid`
 */
export function didNotOccur(event: JsonObject, declaredMs: number): EpcisEvent {
  return parseEvent({
    ...event,
    errorDeclaration: { declarationTime: isoInstant(declaredMs), reason: 'did_not_occur' },
  });
}
