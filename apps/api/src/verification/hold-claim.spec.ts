import { describe, expect, it } from '@jest/globals';
import { type Hold, HOLD_REASONS, type HoldAssessment, type UnitState } from '@coldchain/chaincode/protocol';
import { holdClaim } from './hold-claim.js';
import type { ObjectFacts, UnitFacts } from './verdict-facts.js';

const NOW = Date.parse('2026-11-20T14:00:00Z');
const OWNER = 'ManufacturerMSP:maker';
const nothing = { exposures: [], gapMs: 0, coldestMilliCelsius: null, hottestMilliCelsius: null };
const unitState: UnitState = {
  unit: 'u',
  status: 'held-by-custodian',
  custodian: 'PharmacyMSP:north',
  receiver: null,
  claimedBy: null,
  parent: null,
  children: [],
  batches: [{ batch: 'b1', profile: 'p/1' }],
  inherited: nothing,
  legs: [],
  heirs: [],
  heirTimes: [],
  previousCustodians: [],
  loosePacks: true,
  total: nothing,
  holds: [],
  lastEventTime: 0,
};
const holdFor = (kind: Hold['kind'], reason: Hold['reason'], members: Partial<Hold> = {}): Hold => ({
  kind,
  reason,
  placedBy: OWNER,
  commitment: 'c',
  placedAt: Date.parse('2026-11-20T12:00:00Z'),
  ...members,
});
const thermal = holdFor('thermal', 'budget-exceeded');
const said = (conclusion: HoldAssessment['conclusion'], batch = 'b1'): HoldAssessment => ({
  batch,
  by: OWNER,
  conclusion,
  exposure: null,
  commitment: 'a',
  at: NOW,
});
const released = (hold: Hold) => ({ ...hold, releasedBy: OWNER, releasedAt: NOW, releasedWith: 'r', exposures: [] });

const unit = (ledger: Partial<UnitState>, expected: Partial<UnitState> | null = null): UnitFacts => ({
  key: 'u',
  ledger: { ...unitState, ...ledger },
  expected: expected === null ? null : { ...unitState, ...expected },
  rejected: false,
  since: 0,
  legs: [],
  own: [],
  past: [],
});
const claimOf = (...chain: UnitFacts[]) => {
  const object: ObjectFacts = {
    kind: 'unit',
    batches: [],
    pack: null,
    chains: [chain],
    moreUnits: false,
    transits: [],
    profiles: new Map(),
    scannedExpiry: null,
    events: { oldestPendingAt: null, refusals: [] },
  };
  const { state, reason, sentence } = holdClaim(object, NOW);
  return { told: `${state} ${String(reason)}`, sentence };
};

describe('holdClaim', () => {
  it.each<[Hold, string]>([
    [thermal, 'the temperature budget was exceeded; not assessed yet'],
    [holdFor('thermal', 'freeze-rule'), 'it has been frozen; not assessed yet'],
    [holdFor('thermal', 'temperature-doubted'), 'its temperature is doubted; not assessed yet'],
    [holdFor('discrepancy', 'unannounced-receipt'), 'it was received without being announced'],
    [holdFor('discrepancy', 'receipt-discrepancy'), 'the receiver reported a discrepancy'],
    [holdFor('discrepancy', 'receipt-refused'), 'the receiver refused it'],
    [holdFor('discrepancy', 'discrepancy-reported'), 'a discrepancy was reported'],
    [holdFor('security', 'falsification-suspected'), 'it is suspected to be falsified'],
    [holdFor('authority', 'ordered-by-authority'), 'the authority ordered it'],
    [
      { ...thermal, assessments: [said('usable')] },
      'the temperature budget was exceeded; found usable, not released yet',
    ],
    [
      { ...thermal, assessments: [said('not-usable')] },
      'the temperature budget was exceeded; its owner found it not usable',
    ],
    [
      holdFor('security', 'falsification-suspected', { assessments: [said('usable')] }),
      'it is suspected to be falsified; its owner found it usable',
    ],
  ])('tells %j', (hold, words) => {
    for (const one of [unit({ holds: [hold] }), unit({}, { holds: [hold] }), unit({ holds: [hold] }, {})]) {
      expect(claimOf(one)).toEqual({
        told: 'objection on-hold',
        sentence: `Quarantined since 2026-11-20 12:00 UTC: ${words}.`,
      });
    }
  });

  it('objects to rejected goods that nobody could hold, and to those in them', () => {
    const rejected = { ...unit({}), rejected: true };
    for (const chain of [[rejected], [rejected, unit({})]]) {
      expect(claimOf(...chain)).toEqual({
        told: 'objection on-hold',
        sentence: 'It was rejected after a deviation, or came out of a unit that was.',
      });
    }
  });

  it('has words for every reason', () => {
    for (const reason of HOLD_REASONS) {
      expect(claimOf(unit({ holds: [holdFor('security', reason)] })).sentence).not.toContain('undefined');
    }
  });

  it('counts the batches that nobody has assessed', () => {
    const batches = ['b1', 'b2', 'b3'].map((batch) => ({ batch, profile: 'p/1' }));
    const hold = { ...thermal, assessments: [said('usable')] };
    expect(claimOf(unit({ batches, holds: [hold] })).sentence).toContain('; 2 of its batches are not assessed yet.');
  });

  it('tells the gravest, and how many stand beside it, each once', () => {
    const ordered = holdFor('authority', 'ordered-by-authority');
    const three = [holdFor('discrepancy', 'receipt-refused'), thermal, ordered];
    expect(claimOf(unit({ holds: three }, { holds: three })).sentence).toBe(
      'Quarantined since 2026-11-20 12:00 UTC: the authority ordered it. 2 more holds stand.',
    );
    expect(claimOf(unit({ holds: [thermal, ordered] })).sentence).toContain(' One more hold stands.');
  });

  it('is confirmed when all is released on the ledger, and says so', () => {
    expect(claimOf(unit({}))).toEqual({ told: 'confirmed null', sentence: 'No hold is recorded.' });
    expect(claimOf(unit({ releases: [released(thermal)] }))).toEqual({
      told: 'confirmed null',
      sentence: 'It was quarantined; every hold has been released.',
    });
    // the same reason again, by a later event: another hold
    const again = { ...thermal, commitment: 'later' };
    expect(claimOf(unit({ holds: [again], releases: [released(thermal)] })).told).toBe('objection on-hold');
  });

  it('is unknown while hold and release are both on their way', () => {
    expect(claimOf(unit({}, { releases: [released(thermal)] })).told).toBe('unknown not-anchored');
    expect(claimOf(unit({ releases: [released(thermal)] }, { releases: [released(thermal)] })).told).toBe(
      'confirmed null',
    );
  });

  it('lets the outer unit speak for a hold that the inner one took along, in each account', () => {
    const inner = unit({ parent: 'outer', holds: [thermal] });
    const outer = (ledger: Partial<UnitState>, expected: Partial<UnitState> | null = null) => ({
      ...unit(ledger, expected),
      key: 'outer',
    });
    expect(claimOf(inner, outer({ holds: [thermal] })).told).toBe('objection on-hold');
    expect(claimOf(inner, outer({ releases: [released(thermal)] })).told).toBe('confirmed null');
    expect(claimOf(inner, outer({ holds: [thermal] }, { releases: [released(thermal)] })).told).toBe(
      'objection on-hold',
    );
    // what only the inner one is held for was not released with it
    const other = holdFor('security', 'falsification-suspected');
    const both = unit({ parent: 'outer', holds: [thermal, other] });
    expect(claimOf(both, outer({ releases: [released(thermal)] })).told).toBe('objection on-hold');
    // and what is released inside does not release what holds outside
    const free = unit({ parent: 'outer', releases: [released(thermal)] });
    expect(claimOf(free, outer({ holds: [thermal] })).told).toBe('objection on-hold');
  });
});
