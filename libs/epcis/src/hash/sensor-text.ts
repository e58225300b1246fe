import { isJsonArray, isJsonObject } from '../json.js';
import type { JsonObject, JsonValue } from '../json.js';
import { sortedByCodePoint } from './pre-hash-writer.js';
import type { PreHashWriter } from './pre-hash-writer.js';
import type { VocabularyField } from './vocabulary-uri.js';

const metadataOrder = [
  ...['time', 'startTime', 'endTime', 'deviceID', 'deviceMetadata', 'rawData', 'dataProcessingMethod', 'bizRules'],
];
const reportOrder = [
  ...['type', 'exception', 'deviceID', 'deviceMetadata', 'rawData', 'dataProcessingMethod', 'time', 'microorganism'],
  ...['chemicalSubstance', 'value', 'component', 'stringValue', 'booleanValue', 'hexBinaryValue', 'uriValue'],
  ...['minValue', 'maxValue', 'meanValue', 'sDev', 'percRank', 'percValue', 'uom', 'coordinateReferenceSystem'],
];
/** A standard field that the published order forgets: the reference leaves it for the end of the event. */
const unorderedReportField = 'bizRules';

const reportVocabulary: Readonly<Record<string, VocabularyField>> = {
  type: 'measurementType',
  exception: 'exception',
  component: 'component',
};

/** The sensor part of an event in its three places. */
export interface SensorText {
  /** At its place in the order. */
  readonly text: string;
  /** Extensions that the profile splits off, behind the names of the fields they were in. */
  readonly split: string;
  /** Standard fields without a place in the order, for the end of the event. */
  readonly unordered: string;
}

const extensionsOf = (object: JsonObject, standard: readonly string[]): [string, JsonValue | undefined][] =>
  Object.entries(object).filter(([name]) => !standard.includes(name) && name !== unorderedReportField);

const objectsOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  (isJsonArray(value) ? value : value === undefined ? [] : [value]).filter((entry) => isJsonObject(entry));

const named = (name: string, content: string): string => (content === '' ? '' : name + content);

/** Writes `sensorElementList`. */
export function sensorText(writer: PreHashWriter, list: JsonValue | undefined): SensorText {
  const { inlineExtensions, namesSensorElementList } = writer.rules;
  const inline = (members: readonly (readonly [string, JsonValue | undefined])[]): string =>
    inlineExtensions ? writer.extensions(members) : '';
  const apart = (members: readonly (readonly [string, JsonValue | undefined])[]): string =>
    inlineExtensions ? '' : writer.extensions(members);

  const written = objectsOf(list).map((element) => {
    const metadata = objectsOf(element['sensorMetadata']).slice(0, 1);
    const reports = objectsOf(element['sensorReport']);
    const direct = Object.entries(element).filter(([name]) => name !== 'sensorMetadata' && name !== 'sensorReport');
    const metadataText = metadata.map((entry) =>
      named(
        'sensorMetadata',
        metadataOrder.map((name) => writer.field(name, entry[name])).join('') +
          inline(extensionsOf(entry, metadataOrder)),
      ),
    );
    const reportTexts = reports.map((entry) =>
      named(
        'sensorReport',
        reportOrder.map((name) => writer.field(name, entry[name], reportVocabulary[name])).join('') +
          inline(extensionsOf(entry, reportOrder)),
      ),
    );
    const splitText = [
      ...metadata.map((entry) => named('sensorMetadata', apart(extensionsOf(entry, metadataOrder)))),
      ...sortedByCodePoint(reports.map((entry) => named('sensorReport', apart(extensionsOf(entry, reportOrder))))),
      apart(direct),
    ].join('');
    const unordered = reports.map((entry) =>
      named('sensorReport', writer.field(unorderedReportField, entry[unorderedReportField])),
    );
    return {
      text: named('sensorElement', [...metadataText, ...sortedByCodePoint(reportTexts), inline(direct)].join('')),
      split: named('sensorElement', splitText),
      unordered: named('sensorElement', sortedByCodePoint(unordered).join('')),
    };
  });
  const joined = (pick: (entry: (typeof written)[number]) => string): string =>
    sortedByCodePoint(written.map(pick)).join('');
  return {
    text: named(
      namesSensorElementList ? 'sensorElementList' : '',
      joined(({ text }) => text),
    ),
    split: joined(({ split }) => split),
    unordered: named(
      'sensorElementList',
      joined(({ unordered }) => unordered),
    ),
  };
}
