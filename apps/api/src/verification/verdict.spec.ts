import { describe, expect, it } from '@jest/globals';
import type {
  BatchState,
  HoldRelease,
  PackState,
  PartyState,
  ProductProfile,
  UnitState,
} from '@coldchain/chaincode/protocol';
import fc from 'fast-check';
import { verdictOf } from './verdict.js';
import type { BatchFacts, LegFacts, ObjectFacts, PackFacts, UnitFacts, VerdictFacts } from './verdict-facts.js';

const NOW = Date.parse('2026-11-20T14:00:00Z');
const HOUR = 3_600_000;
const BOUND = 300_000;
const ME = 'PharmacyMSP:north';
const OTHER = 'DistributorMSP:carrier';
const PROFILE_ID = '09506000134352/1';
const BATCH = 'b'.repeat(64);
const UNIT = 'u'.repeat(64);
const OUTER = 'o'.repeat(64);

const profile: ProductProfile = {
  gtin: '09506000134352',
  version: 1,
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [{ name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 10 * HOUR }],
  combine: 'independent',
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: HOUR },
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: HOUR, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};

const batchState: BatchState = {
  batch: BATCH,
  owner: 'ManufacturerMSP:maker',
  profile: PROFILE_ID,
  certified: true,
  expiry: '2027-12-31',
  packRoots: ['r'.repeat(64)],
  recall: null,
  lastEventTime: 0,
};
const nothing = { exposures: [], gapMs: 0, coldestMilliCelsius: null, hottestMilliCelsius: null };
const unitState: UnitState = {
  unit: UNIT,
  status: 'held-by-custodian',
  custodian: ME,
  receiver: null,
  claimedBy: null,
  parent: null,
  children: [],
  batches: [{ batch: BATCH, profile: PROFILE_ID }],
  inherited: nothing,
  legs: [],
  heirs: [],
  heirTimes: [],
  previousCustodians: [],
  loosePacks: true,
  total: { ...nothing, exposures: [{ profile: PROFILE_ID, usedMs: [HOUR], freezeRunMs: 0 }] },
  holds: [],
  lastEventTime: 0,
};
const hold = {
  kind: 'thermal',
  reason: 'budget-exceeded',
  placedBy: OTHER,
  commitment: 'c'.repeat(64),
  placedAt: 0,
} as const;
const packState: PackState = { pack: 'p', batch: BATCH, unit: UNIT, status: 'dispensed', by: OTHER, at: NOW - HOUR };
const leg: LegFacts = {
  key: 'l'.repeat(64),
  custody: 'unit/1',
  startedAt: NOW - 48 * HOUR,
  endedAt: null,
  readingAt: NOW - 60_000,
  holdsUntil: NOW + 240_000,
  countedTo: NOW - 60_000,
  vouched: [],
  gapMs: 0,
  gaps: [],
  doubted: [],
  final: false,
  exposures: [{ profile: PROFILE_ID, usedMs: [HOUR], freezeRunMs: 0 }],
  recorded: {
    ledger: [{ profile: PROFILE_ID, usedMs: [HOUR], freezeRunMs: 0 }],
    expected: [{ profile: PROFILE_ID, usedMs: [HOUR], freezeRunMs: 0 }],
  },
  breaches: [],
  uncalibratedSince: null,
};
/** An owner found it usable after that, and the hold was released. */
const releaseOf = (usedMs: number, freezeRunMs: number, reason: HoldRelease['reason']): HoldRelease => ({
  kind: 'thermal',
  reason,
  commitment: 'c'.repeat(64),
  releasedBy: ME,
  releasedAt: NOW - HOUR,
  releasedWith: 'd'.repeat(64),
  exposures: [{ profile: PROFILE_ID, usedMs: [usedMs], freezeRunMs }],
});
const partyOf = (state: PartyState['state']): PartyState => ({ party: ME, roles: ['pharmacy'], prefixes: [], state });
const unit: UnitFacts = {
  key: UNIT,
  ledger: unitState,
  expected: null,
  since: NOW - 48 * HOUR,
  rejected: false,
  legs: [leg],
  own: [leg],
  past: [],
};
const batch: BatchFacts = { key: BATCH, expiry: '2027-12-31', ledger: batchState, expected: null };
const pack: PackFacts = { run: 0, ledger: null, expected: null };
const object: ObjectFacts = {
  kind: 'pack',
  batches: [batch],
  pack,
  chains: [[unit]],
  moreUnits: false,
  transits: [],
  profiles: new Map([[PROFILE_ID, profile]]),
  scannedExpiry: null,
  events: { oldestPendingAt: null, refusals: [] },
};
const facts: VerdictFacts = {
  now: NOW,
  boundMs: BOUND,
  asker: ME,
  party: { ledger: partyOf('authorised'), expected: null },
  ledgerConfirmedAt: NOW - 1000,
  evaluationConfirmedAt: NOW - 1000,
  found: { state: 'found', object },
};

const withObject = (members: Partial<ObjectFacts>, rest: Partial<VerdictFacts> = {}): VerdictFacts => ({
  ...facts,
  ...rest,
  found: { state: 'found', object: { ...object, ...members } },
});
const withUnit = (members: Partial<UnitFacts>): VerdictFacts =>
  withObject({ chains: [[{ ...unit, own: members.legs ?? unit.legs, ...members }]] });
const withBatch = (members: Partial<BatchFacts>): VerdictFacts => withObject({ batches: [{ ...batch, ...members }] });
const withTwoLegs = (custody: string): VerdictFacts => {
  const first: LegFacts = { ...leg, endedAt: NOW - 24 * HOUR, final: true, gapMs: HOUR / 2 };
  const second: LegFacts = { ...leg, key: 'm'.repeat(64), custody, startedAt: NOW - 24 * HOUR, gapMs: HOUR / 2 + 1 };
  return withUnit({ legs: [first, second], own: [first, second] });
};
const withSplitSilence = (atEndMs: number, atStartMs: number): VerdictFacts => {
  const at = NOW - 24 * HOUR;
  const first: LegFacts = { ...leg, endedAt: at, final: true, gapMs: atEndMs, gaps: [[at - atEndMs, at]] };
  const gap: Partial<LegFacts> = { gapMs: atStartMs, gaps: [[at, at + atStartMs]] };
  const second: LegFacts = { ...leg, key: 'm'.repeat(64), custody: 'unit/2', startedAt: at, ...gap };
  return withUnit({ legs: [first, second], own: [first, second] });
};
/** Nothing vouches for a time around a change of custody, of which each holder had a part. */
const withSplitDoubt = (atEndMs: number, atStartMs: number): VerdictFacts => {
  const at = NOW - 24 * HOUR;
  const first: LegFacts = { ...leg, endedAt: at, final: true, gapMs: atEndMs, doubted: [[at - atEndMs, at]] };
  const doubted = [[at, at + atStartMs]] as const;
  const second: LegFacts = { ...leg, key: 'm'.repeat(64), custody: 'unit/2', startedAt: at, gapMs: atStartMs, doubted };
  return withUnit({ legs: [first, second], own: [first, second] });
};
/** What is doubted lies between a change of custody and a silence, after it or before it. */
const withDoubtAndSilence = (where: 'after' | 'before', doubtMs: number, silentMs: number): VerdictFacts => {
  const at = NOW - 24 * HOUR;
  const sign = where === 'after' ? 1 : -1;
  const spanOf = (from: number, to: number): readonly [number, number] =>
    sign > 0 ? [at + from, at + to] : [at - to, at - from];
  const split: Partial<LegFacts> = {
    gapMs: doubtMs + silentMs,
    doubted: [spanOf(0, doubtMs)],
    gaps: [spanOf(doubtMs, doubtMs + silentMs)],
  };
  const whole: Partial<LegFacts> = { gapMs: HOUR / 2, gaps: [spanOf(-HOUR / 2, 0)] };
  const first: LegFacts = { ...leg, endedAt: at, final: true, ...(where === 'after' ? whole : split) };
  const second: LegFacts = {
    ...leg,
    key: 'm'.repeat(64),
    custody: 'unit/2',
    startedAt: at,
    ...(where === 'after' ? split : whole),
  };
  return withUnit({ legs: [first, second], own: [first, second] });
};
const withLeg = (members: Partial<LegFacts>): VerdictFacts => withUnit({ legs: [{ ...leg, ...members }] });

const heard = (verdict: VerdictFacts): string => {
  const { answer, reason } = verdictOf(verdict);
  return `${answer} ${reason}`;
};

describe('verdictOf', () => {
  it('is ok when nothing speaks against it, as of the oldest data', () => {
    const verdict = verdictOf(facts);
    expect(verdict.answer).toBe('ok');
    expect(verdict.asOf).toBe(NOW - 60_000);
    expect(verdict.sentence).toBe('Identifier active, no objection as of 2026-11-20 13:59 UTC.');
  });

  it.each([
    // what the code led to
    ['unknown product-not-found', { ...facts, found: { state: 'product-not-found' } }],
    ['unknown data-not-received', { ...facts, found: { state: 'data-not-received' } }],
    ['unknown pack-not-registered', { ...facts, found: { state: 'pack-not-registered' } }],
    ['do-not-use lot-mismatch', { ...facts, found: { state: 'lot-mismatch' } }],
    // the batch
    ['unknown not-anchored', withBatch({ ledger: null })],
    ['unknown not-anchored', withObject({ pack: { ...pack, run: 1 } })],
    ['do-not-use not-certified', withBatch({ ledger: { ...batchState, certified: false } })],
    [
      'unknown not-anchored',
      withBatch({ ledger: { ...batchState, certified: false }, expected: { ...batchState, certified: true } }),
    ],
    ['do-not-use recalled', withBatch({ ledger: { ...batchState, recall: { class: 1, depth: 'patient' } } })],
    ['do-not-use recalled', withBatch({ expected: { ...batchState, recall: { class: 3, depth: 'wholesale' } } })],
    // lifted, but not on the ledger yet
    [
      'do-not-use recalled',
      withBatch({ ledger: { ...batchState, recall: { class: 1, depth: 'patient' } }, expected: batchState }),
    ],
    ['do-not-use expired', withBatch({ expiry: '2026-11-19', ledger: { ...batchState, expiry: '2026-11-19' } })],
    ['ok no-objection', withBatch({ expiry: '2026-11-20', ledger: { ...batchState, expiry: '2026-11-20' } })],
    ['do-not-use expired', withBatch({ expiry: '2026-11-19' })],
    ['do-not-use expiry-mismatch', withBatch({ expiry: '2028-12-31' })],
    ['do-not-use expiry-mismatch', withObject({ scannedExpiry: '2028-01-31' })],
    ['ok no-objection', withObject({ scannedExpiry: '2027-12-31' })],
    // the pack
    ['do-not-use already-dispensed', withObject({ pack: { ...pack, ledger: packState } })],
    ['do-not-use already-dispensed', withObject({ pack: { ...pack, expected: { ...packState, by: ME } } })],
    ['do-not-use decommissioned', withObject({ pack: { ...pack, ledger: { ...packState, status: 'stolen' } } })],
    ['ok no-objection', withObject({ pack: { ...pack, ledger: { ...packState, status: 'active', by: ME } } })],
    [
      'do-not-use already-dispensed',
      withObject({ pack: { ...pack, ledger: packState, expected: { ...packState, status: 'active' } } }),
    ],
    // dispensed again after it was put back
    [
      'do-not-use already-dispensed',
      withObject({ pack: { ...pack, ledger: { ...packState, status: 'active' }, expected: packState } }),
    ],
    // custody
    ['unknown no-unit-recorded', withObject({ chains: [] })],
    ['unknown too-many-units', withObject({ moreUnits: true })],
    ['unknown not-anchored', withUnit({ ledger: null, expected: unitState })],
    ['unknown not-in-your-custody', withUnit({ ledger: { ...unitState, custodian: OTHER } })],
    ['unknown not-in-your-custody', withUnit({ expected: { ...unitState, custodian: OTHER } })],
    ['unknown in-transit', withUnit({ ledger: { ...unitState, status: 'in-transit', receiver: ME } })],
    ['unknown in-transit', withUnit({ ledger: { ...unitState, status: 'in-transit' }, expected: unitState })],
    ['do-not-use custody-disputed', withUnit({ expected: { ...unitState, claimedBy: OTHER } })],
    ['unknown not-anchored', withUnit({ ledger: { ...unitState, parent: OUTER } })],
    ['unknown no-unit-recorded', withUnit({ ledger: { ...unitState, batches: [] } })],
    ['do-not-use organisation-suspended', { ...facts, party: { ledger: partyOf('suspended'), expected: null } }],
    [
      'do-not-use organisation-suspended',
      { ...facts, party: { ledger: partyOf('authorised'), expected: partyOf('suspended') } },
    ],
    [
      'do-not-use organisation-suspended',
      { ...facts, party: { ledger: partyOf('suspended'), expected: partyOf('authorised') } },
    ],
    ['unknown not-anchored', { ...facts, party: { ledger: null, expected: null } }],
    // holds
    ['do-not-use on-hold', withUnit({ ledger: { ...unitState, holds: [hold] }, expected: unitState })],
    ['do-not-use on-hold', withUnit({ ledger: { ...unitState, holds: [hold] } })],
    ['do-not-use on-hold', withUnit({ expected: { ...unitState, holds: [{ ...hold, kind: 'discrepancy' }] } })],
    // temperature
    [
      'do-not-use temperature-exceeded',
      withLeg({ exposures: [{ profile: PROFILE_ID, usedMs: [11 * HOUR], freezeRunMs: 0 }] }),
    ],
    ['ok no-objection', withLeg({ exposures: [{ profile: PROFILE_ID, usedMs: [10 * HOUR], freezeRunMs: 0 }] })],
    ['do-not-use frozen', withLeg({ exposures: [{ profile: PROFILE_ID, usedMs: [0], freezeRunMs: HOUR }] })],
    ['unknown evidence-missing', withLeg({ readingAt: NOW - 2 * HOUR, holdsUntil: NOW - 2 * HOUR + 300_000 })],
    ['unknown evidence-missing', withLeg({ readingAt: null, holdsUntil: null })],
    ['unknown evidence-missing', withLeg({ gapMs: HOUR + 1 })],
    // evidence that was ended and begun again: one custody, one allowance; of another custodian it is his
    ['unknown evidence-missing', withTwoLegs('unit/1')],
    ['ok no-objection', withTwoLegs('unit/2')],
    ['ok no-objection', withSplitSilence(HOUR / 2, HOUR / 2)],
    ['unknown evidence-missing', withSplitSilence(HOUR / 2, HOUR / 2 + 1)],
    ['ok no-objection', withSplitDoubt(HOUR / 2, HOUR / 2)],
    ['unknown evidence-missing', withSplitDoubt(HOUR / 2, HOUR / 2 + 1)],
    ['ok no-objection', withDoubtAndSilence('after', HOUR / 4, HOUR / 4)],
    ['unknown evidence-missing', withDoubtAndSilence('after', HOUR / 4, HOUR / 4 + 1)],
    ['ok no-objection', withDoubtAndSilence('before', HOUR / 4, HOUR / 4)],
    ['unknown evidence-missing', withDoubtAndSilence('before', HOUR / 4, HOUR / 4 + 1)],
    ['unknown evidence-missing', withLeg({ startedAt: NOW - 46 * HOUR })],
    ['unknown evidence-missing', withLeg({ endedAt: NOW - 2 * HOUR, final: true })],
    ['unknown evidence-missing', withUnit({ legs: [] })],
    ['unknown evidence-missing', withUnit({ since: null })],
    // what was measured beside it covers nothing, and where it was before must be covered too
    ['unknown evidence-missing', withUnit({ own: [] })],
    ['unknown evidence-missing', withUnit({ past: [{ since: NOW - 50 * HOUR, until: NOW - 48 * HOUR, legs: [] }] })],
    ['unknown evidence-missing', withUnit({ past: [{ since: null, until: NOW - 48 * HOUR, legs: [] }] })],
    ['ok no-objection', withUnit({ past: [{ since: NOW - 49 * HOUR, until: NOW - 48 * HOUR, legs: [] }] })],
    [
      'ok no-objection',
      withUnit({
        past: [
          {
            since: NOW - 60 * HOUR,
            until: NOW - 48 * HOUR,
            legs: [{ ...leg, startedAt: NOW - 60 * HOUR, endedAt: NOW - 48 * HOUR, final: true }],
          },
        ],
      }),
    ],
    ['unknown evidence-missing', withUnit({ ledger: { ...unitState, inherited: { ...nothing, gapMs: HOUR + 1 } } })],
    ['unknown evidence-missing', withObject({ profiles: new Map() })],
    [
      'ok no-objection',
      withObject({
        chains: [[{ ...unit, legs: [], own: [] }]],
        profiles: new Map([[PROFILE_ID, { ...profile, evidence: 'none' }]]),
      }),
    ],
    // a record that was captured and is not anchored yet counts once
    [
      'ok no-objection',
      withUnit({
        expected: {
          ...unitState,
          total: { ...nothing, exposures: [{ profile: PROFILE_ID, usedMs: [7 * HOUR], freezeRunMs: 0 }] },
        },
        legs: [
          {
            ...leg,
            exposures: [{ profile: PROFILE_ID, usedMs: [7 * HOUR], freezeRunMs: 0 }],
            recorded: {
              ledger: leg.recorded.ledger,
              expected: [{ profile: PROFILE_ID, usedMs: [7 * HOUR], freezeRunMs: 0 }],
            },
          },
        ],
      }),
    ],
    // events and ledger
    ['unknown event-pending', withObject({ events: { oldestPendingAt: NOW - BOUND - 1, refusals: [] } })],
    ['ok no-objection', withObject({ events: { oldestPendingAt: NOW - BOUND, refusals: [] } })],
    [
      'unknown event-refused',
      withObject({ events: { oldestPendingAt: null, refusals: [{ code: 'not-custodian', at: 0 }] } }),
    ],
    [
      'do-not-use refused-by-ledger',
      withObject({ events: { oldestPendingAt: null, refusals: [{ code: 'unit-held', at: 0 }] } }),
    ],
    ['unknown ledger-not-confirmed', { ...facts, ledgerConfirmedAt: null }],
    ['unknown ledger-not-confirmed', { ...facts, ledgerConfirmedAt: NOW - BOUND - 1 }],
    ['ok no-objection', { ...facts, ledgerConfirmedAt: NOW - BOUND }],
    // evaluation
    ['unknown evaluation-not-confirmed', { ...facts, evaluationConfirmedAt: null }],
    ['unknown evaluation-not-confirmed', { ...facts, evaluationConfirmedAt: NOW - BOUND - 1 }],
    ['ok no-objection', { ...facts, evaluationConfirmedAt: NOW - BOUND }],
    [
      'ok no-objection',
      withObject(
        { profiles: new Map([[PROFILE_ID, { ...profile, evidence: 'none' }]]) },
        { evaluationConfirmedAt: null },
      ),
    ],
    [
      'do-not-use temperature-exceeded',
      {
        ...withLeg({ exposures: [{ profile: PROFILE_ID, usedMs: [11 * HOUR], freezeRunMs: 0 }] }),
        evaluationConfirmedAt: null,
      },
    ],
    // an objection stands although the ledger cannot be asked
    ['do-not-use already-dispensed', withObject({ pack: { ...pack, ledger: packState } }, { ledgerConfirmedAt: null })],
  ] satisfies readonly (readonly [string, VerdictFacts])[])('%s', (expected, given) => {
    expect(heard(given)).toBe(expected);
  });

  it('lets the outermost unit speak for what is in it', () => {
    const inner: UnitFacts = { ...unit, ledger: { ...unitState, parent: OUTER, custodian: OTHER } };
    const outer: UnitFacts = {
      ...unit,
      key: OUTER,
      legs: [],
      own: [],
      ledger: { ...unitState, unit: OUTER, children: [UNIT] },
    };
    expect(heard(withObject({ chains: [[inner, outer]] }))).toBe('ok no-objection');
    const held = { ...outer, ledger: { ...unitState, unit: OUTER, holds: [hold] } };
    expect(heard(withObject({ chains: [[inner, held]] }))).toBe('do-not-use on-hold');
  });

  it('is ok for a batch only when every unit of it in the asker’s custody is', () => {
    const units = (...all: UnitFacts[]): VerdictFacts =>
      withObject({ kind: 'batch', pack: null, chains: all.map((one) => [one]) });
    expect(heard(units(unit, unit))).toBe('ok no-objection');
    expect(heard(units(unit, { ...unit, ledger: { ...unitState, holds: [hold] } }))).toBe('do-not-use on-hold');
    expect(heard(units())).toBe('unknown not-in-your-custody');
  });

  it('says of a batch and of a unit that single packs were not checked', () => {
    const batchVerdict = verdictOf(withObject({ kind: 'batch', pack: null, chains: [[unit], [unit]] }));
    expect(batchVerdict.sentence).toContain('the batch and of the 2 units of it in your custody');
    expect(batchVerdict.nextStep).toBe('Check each pack or unit by its own code before it is used.');
    const unitVerdict = verdictOf(withObject({ kind: 'unit', pack: null }));
    expect(unitVerdict.sentence).toContain('single packs of it may have been dispensed');
    expect(unitVerdict.nextStep).toContain('Check each pack by its own code');
    expect(batchVerdict.nextStep + unitVerdict.nextStep).not.toContain('It may be used');
  });

  it('dates the temperature claim no later than the evaluation', () => {
    expect(verdictOf({ ...facts, evaluationConfirmedAt: NOW - 200_000 }).asOf).toBe(NOW - 200_000);
  });

  it('never says genuine or fake', () => {
    expect(JSON.stringify(verdictOf(facts))).not.toMatch(/genuine|fake|authentic/i);
  });
});

/** Variants of each fact; the first of each list is the good one. */
const VARIANTS = {
  confirmed: [NOW, NOW - BOUND, NOW - BOUND - 1, null],
  evaluated: [NOW, NOW - BOUND, NOW - BOUND - 1, null],
  outside: [false, true],
  run: [0, 1],
  certified: [
    [true, null],
    [true, true],
    [false, true],
    [false, null],
    [true, false],
  ],
  recall: [
    [false, null],
    [true, null],
    [false, true],
    [true, false],
  ],
  expiry: ['2027-12-31', '2026-11-20', '2026-11-19'],
  scanned: [null, '2027-12-31', '2029-01-31'],
  batchOnLedger: [true, false],
  packUsed: ['no', 'ledger', 'expected', 'reverted', 'revert-pending', 'both-pending'],
  party: ['authorised', 'suspended', 'suspension-pending', 'reinstatement-pending', 'not-anchored'],
  chain: ['unit', 'none', 'more', 'no-ledger', 'unlinked', 'other-batch'],
  custodian: [
    [ME, null],
    [ME, ME],
    [OTHER, null],
    [OTHER, ME],
    [ME, OTHER],
  ],
  status: ['held-by-custodian', 'in-transit'],
  claimed: [null, OTHER],
  held: ['no', 'ledger', 'expected', 'release-pending'],
  released: ['no', 'enough', 'less', 'other-reason', 'pending'],
  evidence: ['logger', 'none'],
  profileKnown: [true, false],
  usedMs: [0, 10 * HOUR, 10 * HOUR + 1],
  freezeMs: [0, HOUR],
  silenceMs: [0, 2 * HOUR],
  gapMs: [0, HOUR + 1],
  watched: [true, false],
  pending: [null, NOW - BOUND, NOW - BOUND - 1],
  refused: [null, 'not-custodian', 'unit-held'],
} as const;
type Variant = { readonly [Name in keyof typeof VARIANTS]: (typeof VARIANTS)[Name][number] };

const GOOD = Object.fromEntries(Object.entries(VARIANTS).map(([name, [first]]) => [name, first])) as Variant;

function factsOf(v: Variant): VerdictFacts {
  const recall = { class: 2, depth: 'pharmacy' } as const;
  const stateOf = (certified: boolean, recalled: boolean): BatchState => ({
    ...batchState,
    certified,
    expiry: v.expiry,
    recall: recalled ? recall : null,
  });
  const expectedBatch =
    v.certified[1] === null && v.recall[1] === null
      ? null
      : stateOf(v.certified[1] ?? v.certified[0], v.recall[1] ?? false);
  const unitOf = (custodian: string, isHeld: boolean, isExpected: boolean): UnitState => ({
    ...unitState,
    releases: v.released === 'no' || (v.released === 'pending' && !isExpected) ? [] : releasesOf(v),
    custodian,
    status: v.status,
    claimedBy: v.claimed,
    holds: isHeld ? [hold] : [],
    parent: v.chain === 'unlinked' ? OUTER : null,
    total: nothing,
    batches: v.chain === 'other-batch' ? [{ batch: 'x'.repeat(64), profile: PROFILE_ID }] : unitState.batches,
  });
  const expectedUnit =
    v.custodian[1] === null && !['expected', 'release-pending'].includes(v.held) && v.released !== 'pending'
      ? null
      : unitOf(v.custodian[1] ?? v.custodian[0], v.held === 'expected', true);
  const exposure = { profile: PROFILE_ID, usedMs: [v.usedMs], freezeRunMs: v.freezeMs };
  const oneLeg: LegFacts = {
    ...leg,
    readingAt: NOW - v.silenceMs,
    holdsUntil: NOW - v.silenceMs + 300_000,
    gapMs: v.gapMs,
    exposures: [exposure],
    recorded: { ledger: [], expected: [] },
    breaches: v.outside ? [{ profile: PROFILE_ID, milliCelsius: 24_100 }] : [],
  };
  const oneUnit: UnitFacts = {
    ...unit,
    ledger:
      v.chain === 'no-ledger' ? null : unitOf(v.custodian[0], ['ledger', 'release-pending'].includes(v.held), false),
    expected: expectedUnit,
    legs: v.watched ? [oneLeg] : [],
    own: v.watched ? [oneLeg] : [],
  };
  return {
    ...facts,
    ledgerConfirmedAt: v.confirmed,
    evaluationConfirmedAt: v.evaluated,
    party: PARTIES[v.party],
    found: {
      state: 'found',
      object: {
        ...object,
        batches: [
          {
            key: BATCH,
            expiry: v.expiry,
            ledger: v.batchOnLedger ? stateOf(v.certified[0], v.recall[0]) : null,
            expected: expectedBatch,
          },
        ],
        pack: {
          run: v.run,
          ledger: packLedgerOf(v),
          expected: ['revert-pending', 'both-pending'].includes(v.packUsed)
            ? { ...packState, status: 'active' }
            : v.packUsed === 'expected'
              ? packState
              : null,
        },
        chains: v.chain === 'none' ? [] : [[oneUnit]],
        moreUnits: v.chain === 'more',
        profiles: v.profileKnown ? new Map([[PROFILE_ID, { ...profile, evidence: v.evidence }]]) : new Map(),
        scannedExpiry: v.scanned,
        events: { oldestPendingAt: v.pending, refusals: v.refused === null ? [] : [{ code: v.refused, at: 0 }] },
      },
    },
  };
}

const PARTIES: Readonly<Record<Variant['party'], VerdictFacts['party']>> = {
  authorised: { ledger: partyOf('authorised'), expected: null },
  suspended: { ledger: partyOf('suspended'), expected: null },
  'suspension-pending': { ledger: partyOf('authorised'), expected: partyOf('suspended') },
  'reinstatement-pending': { ledger: partyOf('suspended'), expected: partyOf('authorised') },
  'not-anchored': { ledger: null, expected: null },
};

function packLedgerOf({ packUsed }: Variant): PackState | null {
  if (packUsed === 'reverted') return { ...packState, status: 'active' };
  return packUsed === 'ledger' || packUsed === 'revert-pending' ? packState : null;
}

function releasesOf({ released, usedMs, freezeMs }: Variant): HoldRelease[] {
  switch (released) {
    case 'less':
      return [releaseOf(usedMs - 1, freezeMs, 'budget-exceeded'), releaseOf(usedMs, freezeMs - 1, 'freeze-rule')];
    case 'other-reason':
      return [releaseOf(usedMs, freezeMs, 'temperature-doubted')];
    default:
      return [releaseOf(usedMs, freezeMs, 'budget-exceeded'), releaseOf(usedMs, freezeMs, 'freeze-rule')];
  }
}

/** The specification of ok, written a second time and without claims. */
function mayBeOk(v: Variant): boolean {
  const evaluated = v.evaluated !== null && NOW - v.evaluated <= BOUND;
  const evidenced = v.evidence === 'none' || (evaluated && v.watched && v.silenceMs === 0 && v.gapMs === 0);
  const spent = v.watched && (v.usedMs > 10 * HOUR || v.freezeMs >= HOUR) && v.released !== 'enough';
  const conditions = [
    v.confirmed !== null && NOW - v.confirmed <= BOUND,
    v.run === 0,
    v.certified[0],
    v.certified[1] !== false,
    !v.recall[0],
    v.recall[1] !== true,
    v.expiry !== '2026-11-19',
    v.scanned === null || v.scanned === v.expiry,
    v.batchOnLedger,
    v.packUsed === 'no' || v.packUsed === 'reverted',
    v.party === 'authorised',
    v.released !== 'pending',
    v.chain === 'unit',
    v.custodian[0] === ME,
    v.custodian[1] !== OTHER,
    v.status === 'held-by-custodian',
    v.claimed === null,
    v.held === 'no',
    v.profileKnown,
    evidenced,
    !spent,
    v.pending === null || NOW - v.pending <= BOUND,
    v.refused === null,
  ];
  return conditions.every(Boolean);
}

describe('no false ok (promise I8)', () => {
  const names = Object.keys(VARIANTS) as (keyof Variant)[];

  it('holds for every pair of facts, each in every variant', () => {
    const wrong: Variant[] = [];
    let oks = 0;
    let tried = 0;
    for (const first of names) {
      for (const second of names) {
        for (const one of VARIANTS[first]) {
          for (const other of VARIANTS[second]) {
            const variant = { ...GOOD, [first]: one, [second]: other } as Variant;
            const may = mayBeOk(variant);
            // An expectation for each would take most of the time.
            if ((verdictOf(factsOf(variant)).answer === 'ok') !== may) wrong.push(variant);
            oks += may ? 1 : 0;
            tried++;
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(oks).toBeGreaterThan(100);
    expect(tried).toBeGreaterThan(3000);
  });

  const anyVariant = fc.record(
    Object.fromEntries(
      names.map((name) => [
        name,
        fc.oneof(
          { weight: 6, arbitrary: fc.constant(GOOD[name]) },
          { weight: 1, arbitrary: fc.constantFrom(...VARIANTS[name]) },
        ),
      ]),
    ),
  ) as fc.Arbitrary<Variant>;

  it('holds over the cross product of all variants', () => {
    fc.assert(
      fc.property(anyVariant, (variant) => (verdictOf(factsOf(variant)).answer === 'ok') === mayBeOk(variant)),
      { numRuns: 20_000 },
    );
  });

  it('warns of what is outside of its limits and not yet spoilt, and changes no answer by it', () => {
    fc.assert(
      fc.property(anyVariant, (variant) => {
        const { answer, warning, nextStep } = verdictOf(factsOf(variant));
        const judged = variant.profileKnown && variant.batchOnLedger && variant.chain !== 'none';
        const warned = judged && variant.watched && (variant.outside || variant.usedMs >= 8 * HOUR);
        if (answer === 'ok' && warned === nextStep.startsWith('It may be used.')) return false;
        return (warning !== null) === (warned && answer !== 'do-not-use');
      }),
      { numRuns: 5_000 },
    );
  });

  it('is ok only with every claim confirmed and dated; do-not-use exactly with an objection', () => {
    fc.assert(
      fc.property(anyVariant, (variant) => {
        const { answer, claims, kind } = verdictOf(factsOf(variant));
        const objected = claims.some((claim) => claim.state === 'objection');
        const confirmed = claims.every((claim) => claim.state === 'confirmed' && claim.asOf !== null);
        return (
          (answer === 'do-not-use') === objected &&
          (answer === 'ok') === (!objected && confirmed) &&
          (answer === 'unknown') === (kind !== null)
        );
      }),
      { numRuns: 5_000 },
    );
  });
});
