import { isJsonObject } from '../json.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { DocumentContext } from './document-context.js';
import { PreHashWriter, sortedByCodePoint } from './pre-hash-writer.js';
import type { EventHashProfile } from './profile.js';
import { sensorText } from './sensor-text.js';
import type { VocabularyField } from './vocabulary-uri.js';

const quantityText = (writer: PreHashWriter, entry: JsonValue): string => {
  if (!isJsonObject(entry)) return '';
  const content = ['epcClass', 'quantity', 'uom'].map((name) => writer.field(name, entry[name])).join('');
  return content === '' ? '' : `quantityElement${content}`;
};

const typedText = (writer: PreHashWriter, entry: JsonValue, name: string, vocabulary: VocabularyField): string =>
  isJsonObject(entry) ? writer.field('type', entry['type'], vocabulary) + writer.field(name, entry[name]) : '';

/** Members of a place other than `id`. */
const placeExtensions = (place: JsonValue | undefined): [string, JsonValue | undefined][] =>
  isJsonObject(place) ? Object.entries(place).filter(([name]) => name !== 'id') : [];

function placeText(writer: PreHashWriter, name: string, place: JsonValue | undefined): string {
  const id = writer.field('id', isJsonObject(place) ? place['id'] : place);
  const inline = writer.rules.inlineExtensions ? writer.extensions(placeExtensions(place)) : '';
  return id + inline === '' ? '' : name + id + inline;
}

function splitPlaceText(writer: PreHashWriter, name: string, place: JsonValue | undefined): string {
  const content = writer.rules.inlineExtensions ? '' : writer.extensions(placeExtensions(place));
  return content === '' ? '' : name + content;
}

function persistentText(writer: PreHashWriter, value: JsonValue | undefined): string {
  if (!isJsonObject(value)) return '';
  const content = ['set', 'unset']
    .map((name) => writer.list('', value[name], (entry) => writer.field(name, entry, 'disposition')))
    .join('');
  return content === '' ? '' : `persistentDisposition${content}`;
}

/** Everything that is neither an extension nor ignored; what is not in here is an extension of the event. */
const standardFields: ReadonlySet<string> = new Set([
  ...['type', 'eventTime', 'eventTimeZoneOffset', 'certificationInfo', 'parentID', 'epcList', 'inputEPCList'],
  ...['childEPCs', 'quantityList', 'childQuantityList', 'inputQuantityList', 'outputEPCList', 'outputQuantityList'],
  ...['action', 'transformationID', 'bizStep', 'disposition', 'persistentDisposition', 'readPoint', 'bizLocation'],
  ...['bizTransactionList', 'sourceList', 'destinationList', 'sensorElementList', 'ilmd'],
  ...['eventID', 'recordTime', 'errorDeclaration'],
]);

/**
 * The canonical text that is hashed (CBV 2.0 §8.9 as the reference implementation reads it under the given profile).
 * Nothing of the input is changed; members and list items may stand in any order.
 */
export function preHash(event: JsonObject, context: DocumentContext, profile: EventHashProfile): string {
  const writer = new PreHashWriter(context, profile);
  const { before2026, inlineExtensions } = writer.rules;
  const counted = Object.fromEntries(Object.entries(event).filter(([name]) => writer.counts(name)));
  const field = (name: string, vocabulary?: VocabularyField): string => writer.field(name, counted[name], vocabulary);
  const epcs = (name: string): string => writer.list(name, counted[name], (entry) => writer.field('epc', entry));
  const quantities = (name: string): string => writer.list(name, counted[name], (entry) => quantityText(writer, entry));
  const typed = (name: string, item: string, vocabulary: VocabularyField): string =>
    writer.list(name, counted[name], (entry) => typedText(writer, entry, item, vocabulary));
  const certifications = counted['certificationInfo'];

  const sensors = sensorText(writer, counted['sensorElementList']);
  const transactions = typed('bizTransactionList', 'bizTransaction', 'bizTransactionType');
  const sources = typed('sourceList', 'source', 'sourceDestinationType');
  const destinations = typed('destinationList', 'destination', 'sourceDestinationType');
  const ilmd = isJsonObject(counted['ilmd']) ? `ilmd${writer.extensions(Object.entries(counted['ilmd']))}` : '';
  const extensions = writer.extensionItems(Object.entries(counted).filter(([name]) => !standardFields.has(name)));

  const head = [
    `eventType=${typeof event['type'] === 'string' ? event['type'] : ''}`,
    field('eventTime'),
    field('eventTimeZoneOffset'),
    before2026 ? writer.list('', certifications, (entry) => writer.field('certificationInfo', entry)) : '',
    ...(before2026 ? [field('parentID'), epcs('epcList')] : [epcs('epcList'), field('parentID')]),
    epcs('inputEPCList'),
    epcs('childEPCs'),
    quantities('quantityList'),
    quantities('childQuantityList'),
    quantities('inputQuantityList'),
    epcs('outputEPCList'),
    quantities('outputQuantityList'),
    field('action'),
    field('transformationID'),
    field('bizStep', 'bizStep'),
    field('disposition', 'disposition'),
    persistentText(writer, counted['persistentDisposition']),
    placeText(writer, 'readPoint', counted['readPoint']),
    placeText(writer, 'bizLocation', counted['bizLocation']),
  ];
  const lists = before2026 ? [sensors.text] : [transactions, sources, destinations, sensors.text];
  const lexical = before2026 ? [transactions, destinations, ilmd, sources] : inlineExtensions ? [ilmd] : [];
  const split = inlineExtensions
    ? []
    : [
        ilmd,
        splitPlaceText(writer, 'readPoint', counted['readPoint']),
        splitPlaceText(writer, 'bizLocation', counted['bizLocation']),
        sensors.split,
      ];
  const rest = sortedByCodePoint([...lexical, sensors.unordered, ...extensions]);
  return [...head, ...lists, ...split, ...rest].join('');
}
