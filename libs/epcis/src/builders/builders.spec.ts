import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { glnOf, gtinOf, parseGiai, parseLocalDate, parseLot, parseSerial, ssccOf } from '@coldchain/gs1';
import {
  certificationEvent,
  claimSettlementEvent,
  commissioningEvent,
  decommissioningEvent,
  didNotOccur,
  dispensingEvent,
  documentDigest,
  documentEvents,
  documentProblems,
  epcisDocument,
  EVENT_CONTEXT,
  EVENT_HASH_PROFILES,
  eventHash,
  holdAssessmentEvent,
  holdEvent,
  holdReleaseEvent,
  loggerBindingEvent,
  observationEvent,
  packingEvent,
  parseEvent,
  receivingEvent,
  recallEvent,
  recallLiftEvent,
  refusedReceiptEvent,
  sensorReportEvent,
  shippingEvent,
  unpackingEvent,
  voidShippingEvent,
} from '../index.js';
import type { EpcisEvent, JsonObject, JsonValue } from '../index.js';

const at = {
  eventTimeMs: Date.UTC(2026, 10, 20, 13, 2, 3, 40),
  eventTimeZoneOffset: '+01:00',
  readPoint: glnOf('9521101', 1),
  bizLocation: glnOf('9521101', 2),
};
const gtin = gtinOf('9521101', 53000);
const lot = parseLot('LOT/1');
const [unit, child] = [ssccOf('9521101', 1), ssccOf('9521101', 2)];
const [from, to] = [glnOf('9521101', 3), glnOf('9521102', 4)];
const logger = parseGiai('9521101LOG1');
const packs = [{ gtin, serial: parseSerial('S1') }];
const hold = { commitment: 'c'.repeat(64), reason: 'budget-exceeded' };
const report = {
  ...at,
  unit,
  logger,
  startMs: at.eventTimeMs - 3_600_000,
  endMs: at.eventTimeMs,
  minMilliCelsius: -110,
  maxMilliCelsius: 8_310,
  meanMilliCelsius: 5_005,
  exception: 'ALARM_CONDITION',
  rawData: 'ni:///sha-256;AA',
} as const;

const events: Record<string, EpcisEvent> = {
  commissioning: commissioningEvent({
    ...at,
    gtin,
    lot,
    expiry: parseLocalDate('2028-12-31'),
    serials: [parseSerial('S2'), parseSerial('S/1')],
  }),
  lotCommissioning: commissioningEvent({
    ...at,
    gtin,
    lot,
    expiry: parseLocalDate('2028-12-31'),
    serials: [],
    quantity: 9,
  }),
  certification: certificationEvent({ ...at, gtin, lot, quantity: 100 }),
  recall: recallEvent({ ...at, gtin, lot }),
  recallLift: recallLiftEvent({ ...at, gtin, lot }),
  packing: packingEvent({ ...at, parent: unit, units: [child], packs, lots: [{ gtin, lot, quantity: 5 }] }),
  unpacking: unpackingEvent({ ...at, parent: unit }),
  shipping: shippingEvent({
    ...at,
    units: [unit],
    from,
    to,
    bizTransactions: [{ type: 'desadv', bizTransaction: 'urn:epcglobal:cbv:bt:9521101000009:1' }],
  }),
  receiving: receivingEvent({ ...at, units: [unit], to }),
  voidShipping: voidShippingEvent({ ...at, units: [unit], from, to }),
  refusedReceipt: refusedReceiptEvent({ ...at, units: [unit], from: to, to: from }),
  claimGivenUp: claimSettlementEvent({ ...at, units: [unit], from, to }),
  claimLeftToOther: claimSettlementEvent({ ...at, units: [unit], from }),
  thermalHold: holdEvent({ ...at, units: [unit], kind: 'thermal' }),
  discrepancyHold: holdEvent({ ...at, units: [unit], kind: 'discrepancy' }),
  securityHold: holdEvent({ ...at, units: [unit], kind: 'security' }),
  authorityHold: holdEvent({ ...at, units: [unit], kind: 'authority' }),
  usable: holdAssessmentEvent({ ...at, units: [unit], kind: 'thermal', hold, conclusion: 'usable' }),
  notUsable: holdAssessmentEvent({ ...at, units: [unit], kind: 'thermal', hold, conclusion: 'not-usable' }),
  release: holdReleaseEvent({ ...at, units: [unit], kind: 'thermal', hold }),
  dispensing: dispensingEvent({ ...at, packs }),
  destroying: decommissioningEvent({ ...at, packs, reason: 'destroyed' }),
  sample: decommissioningEvent({ ...at, packs, reason: 'sample' }),
  holding: observationEvent({
    ...at,
    units: [unit],
    bizStep: 'holding',
    disposition: 'non_sellable_other',
    persistentDisposition: { set: ['non_conformant'] },
  }),
  sensor: sensorReportEvent(report),
  binding: loggerBindingEvent({ ...at, unit, logger, action: 'bind' }),
  unbinding: loggerBindingEvent({ ...at, unit, logger, action: 'unbind' }),
};

describe('builders', () => {
  it('make documents that pass the schema, and no eventID', () => {
    const document = epcisDocument(Object.values(events), at.eventTimeMs);
    expect(documentProblems(JSON.parse(JSON.stringify(document)))).toEqual([]);
    for (const event of Object.values(events)) {
      expect(parseEvent(event)).toBe(event);
      expect(event).not.toHaveProperty('eventID');
    }
  });

  it('write the acts in standard words', () => {
    expect(events['commissioning']).toEqual({
      type: 'ObjectEvent',
      eventTime: '2026-11-20T13:02:03.040Z',
      eventTimeZoneOffset: '+01:00',
      action: 'ADD',
      bizStep: 'commissioning',
      disposition: 'active',
      epcList: [`https://id.gs1.org/01/${gtin}/21/S2`, `https://id.gs1.org/01/${gtin}/21/S%2F1`],
      ilmd: { 'cbvmda:lotNumber': 'LOT/1', 'cbvmda:itemExpirationDate': '2028-12-31' },
      readPoint: { id: `https://id.gs1.org/414/${at.readPoint}` },
      bizLocation: { id: `https://id.gs1.org/414/${at.bizLocation}` },
    });
    const shelf = { gln: at.bizLocation, extension: 'ROOM/2' };
    expect(observationEvent({ ...at, units: [unit], bizStep: 'storing', bizLocation: shelf })).toMatchObject({
      bizLocation: { id: `https://id.gs1.org/414/${at.bizLocation}/254/ROOM%2F2` },
    });
    expect(events['shipping']).toMatchObject({
      bizStep: 'shipping',
      disposition: 'in_transit',
      sourceList: [{ type: 'possessing_party', source: `https://id.gs1.org/417/${from}` }],
      destinationList: [{ type: 'possessing_party', destination: `https://id.gs1.org/417/${to}` }],
    });
    expect(events['receiving']).not.toHaveProperty('sourceList');
    expect(events['destroying']).toMatchObject({ action: 'DELETE', bizStep: 'destroying', disposition: 'destroyed' });
    expect(events['unbinding']).toMatchObject({ type: 'AssociationEvent', action: 'DELETE', bizStep: 'removing' });
    expect(events['sensor']).toMatchObject({
      sensorElementList: [
        {
          sensorMetadata: { deviceID: `https://id.gs1.org/8004/${logger}` },
          sensorReport: [
            {
              type: 'Temperature',
              exception: 'ALARM_CONDITION',
              minValue: -0.11,
              maxValue: 8.31,
              meanValue: 5.005,
              uom: 'CEL',
            },
          ],
        },
      ],
    });
  });

  it('say what a hold is about, and which one an assessment or a release means', () => {
    expect(events['securityHold']).toMatchObject({
      bizStep: 'holding',
      persistentDisposition: { set: ['no_pedigree_match'] },
    });
    expect(events['usable']).toMatchObject({
      bizStep: 'inspecting',
      disposition: 'conformant',
      bizTransactionList: [
        {
          type: 'upevt',
          bizTransaction: `ni:///sha-256;${hold.commitment}?ver=cct-commitment-v1&hold=budget-exceeded`,
        },
      ],
    });
    expect(events['release']).toMatchObject({ persistentDisposition: { unset: ['non_conformant'] } });
    expect(events['recallLift']).toMatchObject({ persistentDisposition: { unset: ['recalled'] } });
    expect(events['refusedReceipt']).toMatchObject({ bizStep: 'receiving', disposition: 'returned' });
  });

  it('are different events for different acts of one instant', () => {
    const digests = Object.values(events).map((event) => documentDigest(event).digest.toString('hex'));
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('take an event back by its own hash and another digest', () => {
    const dispensed = events['dispensing'];
    if (dispensed === undefined) throw new Error('no dispensing');
    const declared = didNotOccur(dispensed, at.eventTimeMs + 60_000);
    expect(declared).toMatchObject({
      errorDeclaration: { declarationTime: '2026-11-20T13:03:03.040Z', reason: 'did_not_occur' },
    });
    for (const profile of EVENT_HASH_PROFILES) {
      expect(eventHash(declared, EVENT_CONTEXT, profile)).toEqual(eventHash(dispensed, EVENT_CONTEXT, profile));
    }
    expect(documentDigest(declared).digest).not.toEqual(documentDigest(dispensed).digest);
    const document = epcisDocument([declared], at.eventTimeMs);
    expect(documentProblems(JSON.parse(JSON.stringify(document)))).toEqual([]);
  });

  it('write temperatures without noise', () => {
    fc.assert(
      fc.property(fc.integer({ min: -273_150, max: 200_000 }), (milliCelsius) => {
        const { canonical } = documentDigest(sensorReportEvent({ ...report, minMilliCelsius: milliCelsius }));
        const written = /"minValue":(-?[\d.]+)/.exec(canonical)?.[1] ?? '';
        expect(written).toMatch(/^-?\d+(\.\d{1,3})?$/);
        expect(Math.round(Number(written) * 1000)).toBe(milliCelsius === 0 ? 0 : milliCelsius);
      }),
    );
  });

  it('refuse acts that make no event', () => {
    const refused: (() => unknown)[] = [
      () => packingEvent({ ...at, parent: unit }),
      () => dispensingEvent({ ...at, eventTimeZoneOffset: 'Z', packs }),
      () => dispensingEvent({ ...at, eventTimeMs: Number.NaN, packs }),
      () => dispensingEvent({ ...at, packs: [] }),
      () => sensorReportEvent({ ...report, maxMilliCelsius: 0.5 }),
      () => sensorReportEvent({ ...report, endMs: report.startMs - 1 }),
    ];
    for (const build of refused) expect(build).toThrow(expect.objectContaining({ code: 'event-invalid' }));
  });
});

/** The event once with each of its scalars changed. */
function mutations(value: JsonValue, rebuild: (changed: JsonValue) => JsonObject): JsonObject[] {
  if (Array.isArray(value)) {
    return value.flatMap((entry, index) => mutations(entry, (changed) => rebuild(value.with(index, changed))));
  }
  if (typeof value === 'object' && value !== null) {
    const object: JsonObject = value as JsonObject;
    return Object.entries(object).flatMap(([name, member]) => [
      ...mutations(member ?? null, (changed) => rebuild({ ...object, [name]: changed })),
    ]);
  }
  return [rebuild(typeof value === 'number' ? value + 1 : `${String(value)}0`)];
}

describe('digests', () => {
  it('notice every change of every field of every act', () => {
    for (const event of Object.values(events)) {
      const digest = documentDigest(event).digest.toString('hex');
      for (const changed of mutations(event, (whole) => whole as JsonObject)) {
        expect(documentDigest(changed).digest.toString('hex')).not.toBe(digest);
      }
    }
  });

  it.each(EVENT_HASH_PROFILES)('%s sees every change of what happened', (profile) => {
    for (const event of Object.values(events)) {
      const { hex } = eventHash(event, EVENT_CONTEXT, profile);
      for (const changed of mutations(event, (whole) => whole as JsonObject)) {
        // A broken time or a word of no vocabulary still counts as text; 1.0 and 1 are the same number.
        expect(eventHash(changed, EVENT_CONTEXT, profile).hex).not.toBe(hex);
      }
    }
  });

  it('are the same after a document has travelled', () => {
    const list = Object.values(events);
    const document = JSON.parse(JSON.stringify(epcisDocument(list, at.eventTimeMs)));
    for (const [index, { event, context }] of documentEvents(document).entries()) {
      const sent = list[index] ?? {};
      expect(documentDigest(event).digest).toEqual(documentDigest(sent).digest);
      expect(eventHash(event, context, 'cbv2.0').ni).toBe(eventHash(sent, EVENT_CONTEXT, 'cbv2.0').ni);
    }
  });
});
