import { unreachable } from '@coldchain/kernel';
import type { AlarmChange } from '../alarms/alarm-changes.js';
import { type CaseChange, type CaseState, judgeCase } from './deviation-case.js';

/** An accepted change of a case, with what was before and after it. */
export interface CaseStep {
  readonly change: CaseChange;
  readonly before: CaseState;
  readonly after: CaseState;
}

/**
 * What a change of an alarm is to its case. What goes on tells nothing new until it ends, unless somebody has released
 * the goods meanwhile: then that decision rests on what is no longer so.
 * @param alarm name of the alarm
 */
export function caseNews(state: CaseState, change: AlarmChange, alarm: number): CaseStep[] {
  const steps: CaseStep[] = [];
  let before = state;
  for (const kind of kindsOf(change, state)) {
    const news: CaseChange = { kind, alarm };
    const judged = judgeCase(before, news);
    if (!judged.ok) throw new Error(`what is measured was refused: ${judged.code}`);
    steps.push({ change: news, before, after: judged.state });
    before = judged.state;
  }
  return steps;
}

type NewsKind = 'alarm-raised' | 'alarm-changed' | 'alarm-ended' | 'alarm-withdrawn';

function kindsOf(change: AlarmChange, { decision }: CaseState): readonly NewsKind[] {
  switch (change.kind) {
    case 'raised':
      return change.alarm.endedAt === null ? ['alarm-raised'] : ['alarm-raised', 'alarm-ended'];
    case 'withdrawn':
      return ['alarm-withdrawn'];
    case 'updated': {
      const [wasEnded, isEnded] = [change.before.endedAt !== null, change.alarm.endedAt !== null];
      if (wasEnded) return isEnded ? ['alarm-changed'] : ['alarm-raised'];
      const overtaken: readonly NewsKind[] = decision === 'release' ? ['alarm-changed'] : [];
      return isEnded ? [...overtaken, 'alarm-ended'] : overtaken;
    }
    default:
      return unreachable(change);
  }
}
