import type { UnitEvidenceAnswer } from '@coldchain/api-contract';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { LEAST_INTERVALS, transitFinding } from '@coldchain/telemetry';
import { durationText } from '../verification/verdict-claims.js';
import type { LegFacts } from '../verification/verdict-facts.js';
import type { Transit } from './transits.js';
import type { DisagreementRow, UndeterminedRow } from './unit-evidence.queries.js';

type Finding = UnitEvidenceAnswer['findings'][number];

const celsiusText = (milliCelsius: number): string => `${(milliCelsius / 1000).toFixed(1)} °C`;
const finding = (kind: Finding['kind'], from: number, to: number | null, sentence: string): Finding => ({
  kind,
  from: new Date(from).toISOString(),
  to: to === null ? null : new Date(to).toISOString(),
  sentence,
});

/** Ways that were, or are, longer than the strictest profile takes. */
export function findingsOfTransits(
  transits: readonly Transit[],
  profiles: readonly ProductProfile[],
  now: number,
): Finding[] {
  const allowed = profiles.map(({ longestTransitMs }) => longestTransitMs).filter((longest) => longest !== null);
  const longestTransitMs = allowed.length === 0 ? null : Math.min(...allowed);
  return transits.flatMap(({ from, to, shippedAt, endedAt }) => {
    const found = transitFinding(longestTransitMs, shippedAt, endedAt, now);
    if (found === null) return [];
    const way = `The way from ${from} to ${to ?? 'its receiver'}`;
    const took = endedAt === null ? 'has taken' : 'took';
    const sentence = `${way} ${took} ${durationText(found.durationMs)}; its profile allows ${durationText(found.longestMs)}.`;
    return [finding('transit-too-long', shippedAt, endedAt, sentence)];
  });
}

export const findingsOfDisagreements = (rows: readonly DisagreementRow[]): Finding[] =>
  rows.map(({ opened_at, closed_at, most_milli_celsius }) =>
    finding(
      'loggers-disagree',
      opened_at.getTime(),
      closed_at?.getTime() ?? null,
      `Loggers of the unit were up to ${celsiusText(most_milli_celsius)} apart, more than both may be off: check them. The worst of them counts.`,
    ),
  );

/** Excursions that are nobody's: one finding for all of a leg and rule. */
export function findingsOfUndetermined(rows: readonly UndeterminedRow[]): Finding[] {
  const told = rows.filter(({ rule }) => rule === 'above-storage' || rule === 'below-storage' || rule === 'freeze');
  const groups = [...new Set(told.map(({ leg_key, rule }) => `${leg_key} ${rule}`))];
  return groups.map((group) => {
    const same = told.filter(({ leg_key, rule }) => `${leg_key} ${rule}` === group);
    const extremes = same.map((row) => row.extreme_milli_celsius);
    const worst = group.endsWith('above-storage') ? Math.max(...extremes) : Math.min(...extremes);
    const isOpen = same.some((row) => row.closed_at === null);
    return finding(
      'excursion-undetermined',
      Math.min(...same.map((row) => row.opened_at.getTime())),
      isOpen ? null : Math.max(...same.map((row) => row.closed_at?.getTime() ?? 0)),
      `It was outside its limits (${celsiusText(worst)}) so near to a change of custody that the clocks do not tell whose it was.`,
    );
  });
}

/** Time in which something was measured that vouches for nothing, because of when that was told; one finding for each leg. */
export const findingsOfLateClaims = (legs: readonly (readonly (readonly [number, number])[])[]): Finding[] =>
  legs.flatMap((doubted) => {
    const [first, last] = [doubted[0], doubted.at(-1)];
    if (first === undefined || last === undefined) return [];
    const lengthMs = doubted.reduce((sum, [from, to]) => sum + to - from, 0);
    const sentence = `For ${durationText(lengthMs)} what was measured counts against it and is no evidence for it: where it was, or that the logger was with it, was told too late.`;
    return [finding('claimed-late', first[0], last[1], sentence)];
  });

/** An open leg, and what its loggers declare. */
export interface OpenLeg extends Pick<LegFacts, 'startedAt' | 'holdsUntil' | 'vouched'> {
  /** The longest interval of the loggers that speak for it, ms; null: there is none, or it is not known here. */
  readonly intervalMs: number | null;
}

/**
 * Open legs for which nothing speaks now. The time without evidence counts from its first second on; people are told of it
 * when the loggers have been quiet for as many intervals as in every other list, or the strictest profile allows no more.
 */
export function findingsOfSilence(
  legs: readonly OpenLeg[],
  profiles: readonly ProductProfile[],
  now: number,
): Finding[] {
  const allowedMs = Math.min(...profiles.map(({ gap }) => gap.allowedMs));
  return legs.flatMap(({ holdsUntil, startedAt, vouched, intervalMs }) => {
    const since = Math.max(
      holdsUntil ?? startedAt,
      startedAt,
      ...vouched.filter(([from]) => from <= now).map(([, to]) => to),
    );
    // The newest reading has held for one of them.
    const patienceMs = Math.min((LEAST_INTERVALS - 1) * (intervalMs ?? 0), allowedMs);
    if (now - since <= patienceMs) return [];
    return [finding('silent', since, null, `Nothing has spoken for it for ${durationText(now - since)}.`)];
  });
}
