import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { documentEvents, documentProblems, parseEvent } from './index.js';

const data = fileURLToPath(new URL('../../../../shared/data/epcis/', import.meta.url));
const available = existsSync(data);
if (!available) console.warn(`SKIPPED: the capture documents are not at ${data}`);

const read = (folder: string): { readonly file: string; readonly json: unknown }[] =>
  readdirSync(data + folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, json: JSON.parse(readFileSync(`${data}${folder}/${file}`, 'utf8')) }));

(available ? describe : describe.skip)('published captures', () => {
  it('are accepted when they are valid', () => {
    const documents = read('capture-valid');
    const refused = documents.filter(({ json }) => documentProblems(json).length > 0).map(({ file }) => file);
    console.info(`valid captures accepted: ${documents.length - refused.length} of ${documents.length}`);
    expect(refused).toEqual([]);
    expect(documents.length).toBeGreaterThanOrEqual(18);
  });

  it('are refused when they are not, with a pointer', () => {
    const documents = read('capture-invalid');
    const problems = documents.map(({ file, json }) => ({ file, first: documentProblems(json)[0] }));
    const accepted = problems.filter(({ first }) => first === undefined);
    console.info(`invalid captures refused: ${problems.length - accepted.length} of ${problems.length}`);
    expect(accepted).toEqual([]);
    expect(problems.length).toBeGreaterThanOrEqual(7);
    expect(Object.fromEntries(problems.map(({ file, first }) => [file, first?.pointer]))).toMatchObject({
      'EPCISDocument_without_context.json': '/@context',
      'ObjectEvent_with_invalid_action.json': '/epcisBody/eventList/0/action',
      'ObjectEvent_with_quantity_as_text.json': '/epcisBody/eventList/0/quantityList/0/quantity',
      'ObjectEvent_without_identifier_list.json': '/epcisBody/eventList/0',
    });
  });
});

const base = {
  type: 'ObjectEvent',
  eventTime: '2026-01-01T12:00:00.000Z',
  eventTimeZoneOffset: '+00:00',
  action: 'OBSERVE',
  epcList: ['https://id.gs1.org/00/376104250021234569'],
};

function pointersOf(json: unknown): string[] {
  try {
    parseEvent(json);
  } catch (error) {
    const { details } = error as { details: { problems: { pointer: string }[] } };
    return details.problems.map(({ pointer }) => pointer);
  }
  return [];
}

describe('events', () => {
  it('are given back as they came, extensions included', () => {
    const event = { ...base, 'ex:a': { anything: [1] }, readPoint: { id: 'urn:x:y', 'ex:b': 1 } };
    expect(parseEvent(event)).toBe(event);
  });

  it.each([
    ['a member without a prefix', { ...base, colour: 'red' }, '/colour'],
    ['a name of Object.prototype', { ...base, constructor: 'x' }, '/constructor'],
    ['an offset beyond 14:00', { ...base, eventTimeZoneOffset: '+14:30' }, '/eventTimeZoneOffset'],
    ['a time without zone', { ...base, eventTime: '2026-01-01T12:00:00' }, '/eventTime'],
    ['a day that does not exist', { ...base, eventTime: '2026-02-30T12:00:00Z' }, '/eventTime'],
    ['an EPC twice', { ...base, epcList: [...base.epcList, ...base.epcList] }, '/epcList'],
    ['an EPC that is no URI', { ...base, epcList: ['376104250021234569'] }, '/epcList/0'],
    ['ilmd on OBSERVE', { ...base, ilmd: { 'cbvmda:lotNumber': 'A' } }, '/ilmd'],
    ['ilmd without prefix', { ...base, action: 'ADD', ilmd: { lotNumber: 'A' } }, '/ilmd/lotNumber'],
    ['an empty persistent disposition', { ...base, persistentDisposition: {} }, '/persistentDisposition'],
    [
      'a unit in small letters',
      { ...base, quantityList: [{ epcClass: 'urn:a:b', uom: 'kgm' }] },
      '/quantityList/0/uom',
    ],
    [
      'a sensor element without report',
      { ...base, sensorElementList: [{ sensorReport: [] }] },
      '/sensorElementList/0/sensorReport',
    ],
    ['an unknown type of event', { ...base, type: 'PartyEvent' }, '/type'],
  ])('are refused for %s', (_, event, pointer) => {
    expect(pointersOf(event)).toEqual([pointer]);
  });

  it('need parents, children, inputs and outputs', () => {
    const { epcList, ...rest } = base;
    expect(pointersOf({ ...rest, type: 'AggregationEvent', action: 'ADD', childEPCs: epcList })).toEqual(['/parentID']);
    expect(pointersOf({ ...rest, type: 'AggregationEvent', action: 'ADD', parentID: 'urn:a:b' })).toEqual(['']);
    expect(pointersOf({ ...rest, type: 'AggregationEvent', action: 'DELETE', parentID: 'urn:a:b' })).toEqual([]);
    expect(pointersOf({ ...rest, type: 'AssociationEvent', action: 'ADD', childEPCs: epcList })).toEqual(['/parentID']);
    const { action, ...timed } = rest;
    expect(action).toBe('OBSERVE');
    expect(pointersOf({ ...timed, type: 'TransformationEvent', inputEPCList: epcList })).toEqual(['']);
    expect(
      pointersOf({ ...timed, type: 'TransformationEvent', inputEPCList: epcList, transformationID: 'urn:t:1' }),
    ).toEqual([]);
    expect(pointersOf({ ...rest, sensorElementList: [{ sensorReport: [{ type: 'Temperature' }] }] })).toEqual(['']);
  });
});

describe('documents', () => {
  it('give their events with the namespaces of document and event', () => {
    const event = { ...base, '@context': [{ b: 'https://b.example/' }] };
    const list = { eventList: [event] };
    const context = ['https://ref.gs1.org/x', { a: 'https://a.example/' }];
    for (const epcisBody of [list, { queryResults: { resultsBody: list } }]) {
      const [found] = documentEvents({ '@context': context, type: 'EPCISDocument', epcisBody });
      expect(found?.event).toBe(event);
      expect([...(found?.context.namespaces.keys() ?? [])]).toEqual(['a', 'b']);
    }
    expect(documentEvents(event)).toHaveLength(1);
    for (const wrong of [null, [], 'x', {}, { epcisBody: { eventList: {} } }, { epcisBody: { eventList: [1] } }]) {
      expect(() => documentEvents(wrong)).toThrow(expect.objectContaining({ code: 'document-invalid' }));
    }
  });

  it('ask a bare event for its @context', () => {
    expect(documentProblems(base).map(({ pointer }) => pointer)).toEqual(['/@context']);
    expect(documentProblems({ ...base, '@context': ['https://ref.gs1.org/x'] })).toEqual([]);
    expect(documentProblems('x')).toHaveLength(1);
  });
});
