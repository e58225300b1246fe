import { unreachable } from '@coldchain/kernel';

/** Why it happened, as the people who looked into it say. */
export const ROOT_CAUSES = [
  'equipment-failure',
  'door-left-open',
  'power-failure',
  'handling-error',
  'transport-delay',
  'packaging-failure',
  'sensor-lost',
  'sensor-faulty',
  'other',
] as const;
export type RootCause = (typeof ROOT_CAUSES)[number];

export const CASE_DECISIONS = ['release', 'reject'] as const;
export type CaseDecision = (typeof CASE_DECISIONS)[number];

/** One change of a case; each is kept as one entry, in order, for good. */
export type CaseChange =
  | { readonly kind: 'alarm-raised'; readonly alarm: number }
  /** After it had ended, or after a decision: a late reading changed what it says. */
  | { readonly kind: 'alarm-changed'; readonly alarm: number }
  | { readonly kind: 'alarm-ended'; readonly alarm: number }
  | { readonly kind: 'alarm-withdrawn'; readonly alarm: number }
  | { readonly kind: 'acknowledged'; readonly reason: string }
  | { readonly kind: 'commented'; readonly text: string }
  | { readonly kind: 'assigned'; readonly to: string | null }
  | { readonly kind: 'evidence-added'; readonly name: string; readonly sha256: string }
  | { readonly kind: 'cause-found'; readonly cause: RootCause; readonly reason: string }
  | { readonly kind: 'assessed'; readonly conclusion: 'usable' | 'not-usable'; readonly reason: string }
  | {
      readonly kind: 'decided';
      readonly decision: CaseDecision;
      readonly reason: string;
      /** SHA-256 of what was shown to the person who decided, lower-case hex. */
      readonly shown: string;
      /** Readings that were accepted up to then were in it, RFC 3339; null: none was evaluated. Not in older entries. */
      readonly evaluatedTo?: string | null;
    };
export const CASE_CHANGES = [
  'alarm-raised',
  'alarm-changed',
  'alarm-ended',
  'alarm-withdrawn',
  'acknowledged',
  'commented',
  'assigned',
  'evidence-added',
  'cause-found',
  'assessed',
  'decided',
] as const satisfies readonly CaseChange['kind'][];

/** Where a case stands. Ended, acknowledged and decided are apart: none of them implies another. */
export interface CaseState {
  /** Alarms that go on. */
  readonly active: readonly number[];
  /** Alarms that were raised and not withdrawn: without any there is nothing to decide. */
  readonly standing: readonly number[];
  /** Somebody has taken notice of every alarm up to now. */
  readonly acknowledged: boolean;
  readonly decision: CaseDecision | null;
  readonly cause: RootCause | null;
  readonly assignee: string | null;
  readonly evidence: number;
  /** How often a decision was overtaken by what came later. */
  readonly reopened: number;
}

/** A case before its first entry. */
export const NEW_CASE: CaseState = {
  active: [],
  standing: [],
  acknowledged: false,
  decision: null,
  cause: null,
  assignee: null,
  evidence: 0,
  reopened: 0,
};

export const CASE_REFUSALS = [
  'case-decided',
  'case-not-acknowledged',
  'case-active',
  'case-cause-missing',
  'case-evidence-missing',
] as const;
export type CaseRefusal = (typeof CASE_REFUSALS)[number];

/** The state after a change, or why it is not possible. */
export type CaseJudgement =
  { readonly ok: true; readonly state: CaseState } | { readonly ok: false; readonly code: CaseRefusal };

/** Judges a change of a case; what is measured is never refused. */
export function judgeCase(state: CaseState, change: CaseChange): CaseJudgement {
  switch (change.kind) {
    case 'alarm-raised':
      return accepted(reopened({ ...state, ...withAlarm(state, change.alarm) }));
    case 'alarm-changed':
      return accepted(reopened(state));
    case 'alarm-ended':
      return accepted({ ...state, active: without(state.active, change.alarm) });
    case 'alarm-withdrawn':
      return accepted(withdrawn(state, change.alarm));
    case 'commented':
      return accepted(state);
    case 'evidence-added':
      return accepted({ ...state, evidence: state.evidence + 1 });
    case 'assessed':
      return accepted(state);
    case 'acknowledged':
      return undecided(state, { ...state, acknowledged: true });
    case 'assigned':
      return undecided(state, { ...state, assignee: change.to });
    case 'cause-found':
      return undecided(state, { ...state, cause: change.cause });
    case 'decided':
      return decided(state, change.decision);
    default:
      return unreachable(change);
  }
}

/** The state that entries lead to. @throws Error when an entry could not have been made: the stored case is damaged */
export function foldCase(changes: readonly CaseChange[]): CaseState {
  return changes.reduce((state, change) => {
    const judged = judgeCase(state, change);
    if (!judged.ok) throw new Error(`a stored case has an entry that is not possible: ${change.kind}, ${judged.code}`);
    return judged.state;
  }, NEW_CASE);
}

const accepted = (state: CaseState): CaseJudgement => ({ ok: true, state });
const undecided = (before: CaseState, after: CaseState): CaseJudgement =>
  before.decision === null ? accepted(after) : { ok: false, code: 'case-decided' };

/** What came later has been seen by nobody. */
function reopened(state: CaseState): CaseState {
  const wasDecided = state.decision !== null;
  return { ...state, acknowledged: false, decision: null, reopened: state.reopened + (wasDecided ? 1 : 0) };
}

/**
 * A release needs somebody's notice and a cause, and that nothing goes on. Where the sensor is lost or faulty an alarm
 * may never end: then evidence takes the place of its end (open-msupply issue 3207).
 */
function decided(state: CaseState, decision: CaseDecision): CaseJudgement {
  if (state.decision !== null) return { ok: false, code: 'case-decided' };
  if (!state.acknowledged) return { ok: false, code: 'case-not-acknowledged' };
  if (decision === 'reject') return accepted({ ...state, decision });
  if (state.cause === null) return { ok: false, code: 'case-cause-missing' };
  const isSensor = state.cause === 'sensor-lost' || state.cause === 'sensor-faulty';
  if (isSensor && state.evidence === 0) return { ok: false, code: 'case-evidence-missing' };
  if (state.active.length > 0 && !isSensor) return { ok: false, code: 'case-active' };
  return accepted({ ...state, decision });
}

/** There is less than somebody took notice of; a decision nevertheless rested on it. */
function withdrawn(state: CaseState, alarm: number): CaseState {
  const left = { ...state, active: without(state.active, alarm), standing: without(state.standing, alarm) };
  return state.decision === null ? left : reopened(left);
}

const withAlarm = ({ active, standing }: CaseState, alarm: number): Pick<CaseState, 'active' | 'standing'> => ({
  active: [...new Set([...active, alarm])],
  standing: [...new Set([...standing, alarm])],
});
const without = (alarms: readonly number[], alarm: number): number[] => alarms.filter((known) => known !== alarm);
