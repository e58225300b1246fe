import type { Excursion } from '../excursion/leg-state.js';
import { rulesOf } from '../excursion/rules.js';
import { type ThermalProfile, thermalProfileId } from '../thermal-profile.js';

/** What an alarm is about: a broken rule, time without readings, or a limit that is about to be broken. */
export const ALARM_KINDS = ['excursion', 'missing-data', 'warning'] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** Warmth and cold are told apart: what ends one of them may begin the other. */
export const ALARM_SIDES = ['hot', 'cold', 'humid', 'none'] as const;
export type AlarmSide = (typeof ALARM_SIDES)[number];

/** When people are told. All times in ms. */
export interface AlarmSetting {
  /** Shortest excursion that is told by itself; what places a hold, freezing and humidity are told at once. */
  readonly minimumMs: number;
  /**
   * Hysteresis: an alarm ends when its rules were kept for so long; what breaks them again before that is the same alarm.
   * Without it a temperature that swings around its limit rings at every swing (Grafana issues 6630, 46912).
   */
  readonly rejoinMs: number;
  /** Time without a reading after which that is told; at least three declared intervals. */
  readonly missingMs: number;
}

/** What an organisation has that set nothing. */
export const ALARM_SETTING: AlarmSetting = { minimumMs: 5 * 60_000, rejoinMs: 15 * 60_000, missingMs: 30 * 60_000 };

/** A signal about excursions of one leg on one side. Instants in ms since 1970 UTC, half-open. */
export interface ExcursionAlarm {
  readonly side: Exclude<AlarmSide, 'none'>;
  readonly openedAt: number;
  /** When the last of its excursions closed; null while it goes on or was not kept away long enough. */
  readonly endedAt: number | null;
  /** `gtin/version: rule`, sorted. */
  readonly rules: readonly string[];
  /** Of its rules the longest time that readings cover. */
  readonly coveredMs: number;
  readonly coldestMilliCelsius: number;
  readonly hottestMilliCelsius: number;
}

/** The facts of a leg that alarms are made from. */
export interface AlarmFacts {
  /** All excursions of the leg, in any order. */
  readonly excursions: readonly Excursion[];
  readonly profiles: readonly ThermalProfile[];
  /** How far readings have been evaluated; null: there are none. */
  readonly evaluatedTo: number | null;
  readonly legEndedAt: number | null;
  /** The unit is under a thermal hold: nothing about it is too short to be told. */
  readonly held: boolean;
}

/**
 * The alarms that a leg's excursions amount to: each excursion is in exactly one (or in none, while it is shorter than
 * the minimum). A pure function of the facts, so that order, repetition and regrouping of readings change nothing.
 */
export function excursionAlarms(facts: AlarmFacts, setting: AlarmSetting): ExcursionAlarm[] {
  const sideOf = sidesOf(facts.profiles);
  const bySide = new Map<ExcursionAlarm['side'], Excursion[]>();
  for (const excursion of facts.excursions) {
    const side = sideOf(excursion);
    const known = bySide.get(side);
    if (known === undefined) bySide.set(side, [excursion]);
    else known.push(excursion);
  }
  return [...bySide]
    .flatMap(([side, excursions]) =>
      joined(excursions, setting.rejoinMs).map((parts) => alarmOf(side, parts, facts, setting)),
    )
    .filter((alarm) => isTold(alarm, facts, setting))
    .sort((one, other) => one.openedAt - other.openedAt || (one.side < other.side ? -1 : 1));
}

/** Which side a rule guards. A rule that no profile has is of an evaluation under profiles that were replaced. */
function sidesOf(profiles: readonly ThermalProfile[]): (excursion: Excursion) => ExcursionAlarm['side'] {
  const sides = new Map(
    profiles.flatMap((profile) =>
      rulesOf(profile).map(({ name, side }) => [`${thermalProfileId(profile)} ${name}`, side] as const),
    ),
  );
  return ({ profile, rule }) => {
    if (rule === 'humidity') return 'humid';
    if (rule === 'freeze') return 'cold';
    return sides.get(`${profile} ${rule}`) ?? 'hot';
  };
}

function joined(excursions: readonly Excursion[], rejoinMs: number): Excursion[][] {
  const stretches: Excursion[][] = [];
  let reachesTo = Number.NEGATIVE_INFINITY;
  for (const excursion of excursions.toSorted((one, other) => one.openedAt - other.openedAt)) {
    const last = stretches.at(-1);
    if (last !== undefined && excursion.openedAt < reachesTo + rejoinMs) last.push(excursion);
    else stretches.push([excursion]);
    reachesTo = Math.max(reachesTo, excursion.closedAt ?? Number.POSITIVE_INFINITY);
  }
  return stretches;
}

function alarmOf(
  side: ExcursionAlarm['side'],
  parts: readonly Excursion[],
  { evaluatedTo, legEndedAt }: AlarmFacts,
  { rejoinMs }: AlarmSetting,
): ExcursionAlarm {
  const closedAt = parts.some((part) => part.closedAt === null)
    ? null
    : Math.max(...parts.map((part) => part.closedAt ?? 0));
  const known = legEndedAt ?? evaluatedTo ?? Number.NEGATIVE_INFINITY;
  const isOver = closedAt !== null && (legEndedAt !== null || known >= closedAt + rejoinMs);
  const covered = new Map<string, number>();
  for (const { profile, rule, durationMs } of parts) {
    const name = `${profile}: ${rule}`;
    covered.set(name, (covered.get(name) ?? 0) + durationMs);
  }
  const extremes = parts.map((part) => part.extremeMilliCelsius);
  return {
    side,
    openedAt: Math.min(...parts.map((part) => part.openedAt)),
    endedAt: isOver ? closedAt : null,
    rules: [...covered.keys()].sort(),
    coveredMs: Math.max(...covered.values()),
    coldestMilliCelsius: Math.min(...extremes),
    hottestMilliCelsius: Math.max(...extremes),
  };
}

/** Freezing and humidity ask for consecutive time themselves: they are never too short. */
function isTold(alarm: ExcursionAlarm, { held }: AlarmFacts, { minimumMs }: AlarmSetting): boolean {
  return (
    held ||
    alarm.side === 'humid' ||
    alarm.coveredMs >= minimumMs ||
    alarm.rules.some((rule) => rule.endsWith(': freeze'))
  );
}

/** Declared intervals without a reading before anybody is told of it: one that is late for seconds is not silent. */
export const LEAST_INTERVALS = 3;

/**
 * Since when an open leg is without readings for longer than people want to wait; null: it is not. `holdsUntil`: up to
 * when what was read last holds, or packaging vouches.
 */
export function missingSince(
  leg: { readonly startedAt: number; readonly holdsUntil: number | null; readonly intervalMs: number },
  setting: AlarmSetting,
  now: number,
): number | null {
  const since = leg.holdsUntil ?? leg.startedAt;
  return now - since > patienceOf(leg.intervalMs, setting) ? since : null;
}

const patienceOf = (intervalMs: number, { missingMs }: AlarmSetting): number =>
  Math.max(missingMs, LEAST_INTERVALS * intervalMs);

/**
 * Whether readings that came late filled a silence that had been told: there was nothing missing after all.
 * @param gaps of the leg, as [from, to]
 */
export function isFilled(
  gaps: readonly (readonly [number, number])[],
  since: number,
  intervalMs: number,
  setting: AlarmSetting,
): boolean {
  return !gaps.some(([from, to]) => to > since && to - from > patienceOf(intervalMs, setting));
}
