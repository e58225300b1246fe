import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { caseNews } from './case-news.js';
import { type CaseChange, type CaseState, foldCase, judgeCase, NEW_CASE, ROOT_CAUSES } from './deviation-case.js';

const SHOWN = '0'.repeat(64);
const RELEASE: CaseChange = { kind: 'decided', decision: 'release', reason: 'stability data', shown: SHOWN };
const REJECT: CaseChange = { ...RELEASE, decision: 'reject' };
const RAISED: CaseChange = { kind: 'alarm-raised', alarm: 1 };
const ENDED: CaseChange = { kind: 'alarm-ended', alarm: 1 };
const SEEN: CaseChange = { kind: 'acknowledged', reason: 'seen' };
const CAUSE: CaseChange = { kind: 'cause-found', cause: 'door-left-open', reason: 'delivery' };
const LOST: CaseChange = { kind: 'cause-found', cause: 'sensor-lost', reason: 'fell off' };
const EVIDENCE: CaseChange = { kind: 'evidence-added', name: 'photo.jpg', sha256: SHOWN };
const codeOf = (state: CaseState, change: CaseChange): string => {
  const judged = judgeCase(state, change);
  return judged.ok ? 'ok' : judged.code;
};

const change: fc.Arbitrary<CaseChange> = fc.oneof(
  fc.constantFrom<CaseChange>(RELEASE, REJECT, SEEN, EVIDENCE, { kind: 'commented', text: 'x' }),
  fc.constantFrom(...ROOT_CAUSES).map((cause): CaseChange => ({ kind: 'cause-found', cause, reason: 'x' })),
  fc
    .tuple(fc.constantFrom('alarm-raised', 'alarm-changed', 'alarm-ended', 'alarm-withdrawn'), fc.nat({ max: 3 }))
    .map(([kind, alarm]) => ({ kind, alarm }) as CaseChange),
);

describe('a deviation case', () => {
  it('keeps ended, acknowledged and decided apart', () => {
    expect(foldCase([RAISED, ENDED])).toMatchObject({ active: [], acknowledged: false, decision: null });
    expect(foldCase([RAISED, SEEN])).toMatchObject({ active: [1], acknowledged: true, decision: null });
    expect(foldCase([RAISED, SEEN, REJECT])).toMatchObject({ active: [1], acknowledged: true, decision: 'reject' });
  });

  it('is released only when somebody took notice, a cause is named and nothing goes on', () => {
    expect(codeOf(foldCase([RAISED, ENDED]), RELEASE)).toBe('case-not-acknowledged');
    expect(codeOf(foldCase([RAISED, ENDED, SEEN]), RELEASE)).toBe('case-cause-missing');
    expect(codeOf(foldCase([RAISED, SEEN, CAUSE]), RELEASE)).toBe('case-active');
    expect(codeOf(foldCase([RAISED, SEEN, CAUSE, ENDED]), RELEASE)).toBe('ok');
  });

  it('of a lost sensor is released with evidence, although it never ends', () => {
    expect(codeOf(foldCase([RAISED, SEEN, LOST]), RELEASE)).toBe('case-evidence-missing');
    expect(codeOf(foldCase([RAISED, SEEN, LOST, EVIDENCE]), RELEASE)).toBe('ok');
  });

  it('is opened again by whatever is measured after a decision, and then has been seen by nobody', () => {
    const decided = foldCase([RAISED, SEEN, CAUSE, ENDED, RELEASE]);
    expect(codeOf(decided, SEEN)).toBe('case-decided');
    for (const kind of ['alarm-raised', 'alarm-changed', 'alarm-withdrawn'] as const) {
      const judged = judgeCase(decided, { kind, alarm: 1 });
      expect(judged).toMatchObject({ ok: true, state: { acknowledged: false, decision: null, reopened: 1 } });
    }
  });

  it('with nothing but withdrawn alarms has nothing to decide, and keeps the notice that was taken', () => {
    const state = foldCase([RAISED, SEEN, { kind: 'alarm-withdrawn', alarm: 1 }]);
    expect(state).toMatchObject({ active: [], standing: [], acknowledged: true, decision: null, reopened: 0 });
  });

  it('never stands released while an alarm goes on, unless evidence speaks for a sensor', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        let state = NEW_CASE;
        for (const next of changes) {
          const judged = judgeCase(state, next);
          if (judged.ok) state = judged.state;
          const isSensor = state.cause?.startsWith('sensor-') === true && state.evidence > 0;
          if (state.decision === 'release' && !(state.acknowledged && (state.active.length === 0 || isSensor)))
            return false;
        }
        return true;
      }),
    );
  });
});

describe('caseNews', () => {
  const alarm = {
    side: 'hot' as const,
    openedAt: 0,
    endedAt: null,
    rules: ['p: above-storage'],
    coveredMs: 1,
    coldestMilliCelsius: 9_000,
    hottestMilliCelsius: 9_000,
  };
  const grown = { kind: 'updated' as const, id: 1, before: alarm, alarm: { ...alarm, coveredMs: 2 } };
  const kinds = (state: CaseState, news: Parameters<typeof caseNews>[1]): string[] =>
    caseNews(state, news, 1).map((step) => step.change.kind);

  it('says nothing of an alarm that grows, unless the goods were released meanwhile', () => {
    expect(kinds(foldCase([RAISED]), grown)).toEqual([]);
    expect(kinds(foldCase([RAISED, SEEN, REJECT]), grown)).toEqual([]);
    expect(kinds(foldCase([RAISED, SEEN, LOST, EVIDENCE, RELEASE]), grown)).toEqual(['alarm-changed']);
  });

  it('opens again what ended when a late reading changes it', () => {
    const late = { ...grown, before: { ...alarm, endedAt: 5 }, alarm: { ...alarm, endedAt: 9 } };
    expect(kinds(foldCase([RAISED, ENDED]), late)).toEqual(['alarm-changed']);
    expect(kinds(foldCase([RAISED, ENDED]), { ...late, alarm })).toEqual(['alarm-raised']);
  });
});
