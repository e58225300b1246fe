import { thermalProfileId } from '../thermal-profile.js';
import type { ThermalProfile } from '../thermal-profile.js';
import type { Excursion, OpenBreach, ProfileTrack, Run } from './leg-state.js';
import { rulesOf } from './rules.js';
import type { Rule } from './rules.js';

export type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** A profile's account while a step of the fold changes it. */
export interface Track extends Mutable<Omit<ProfileTrack, 'usedMs' | 'breaches'>> {
  readonly usedMs: number[];
  readonly breaches: (OpenBreach | null)[];
}

/** A profile that a leg is judged by: its rules made ready and its account. */
export interface Subject {
  readonly profile: ThermalProfile;
  readonly id: string;
  readonly rules: readonly Rule[];
  /** The rules of the exposure ranges alone, in the profile's order. */
  readonly ranges: readonly Rule[];
  readonly track: Track;
}

/** Subjects over copies of the tracks: the state that they came from stays as it is. */
export function subjectsOf(profiles: readonly ThermalProfile[], tracks: readonly ProfileTrack[]): readonly Subject[] {
  return profiles.map((profile, index) => {
    const rules = rulesOf(profile);
    const track = tracks[index];
    if (track === undefined) throw new RangeError(`leg state without a track for profile ${thermalProfileId(profile)}`);
    return {
      profile,
      id: thermalProfileId(profile),
      rules,
      ranges: rules.slice(2),
      track: { ...track, usedMs: [...track.usedMs], breaches: [...track.breaches] },
    };
  });
}

/** A broken bound or range as people and tables see it. */
export function breachExcursion(
  subject: Subject,
  rule: string,
  breach: OpenBreach,
  closedAt: number | null,
): Excursion {
  return { profile: subject.id, rule, ...breach, closedAt, extremePermille: null };
}

/** A run that lasted for the consecutive time of its rule, and did so in this leg and not only in the one before. */
function tripped(run: Run | null, consecutiveMs: number, legStartedAt: number): run is Run {
  return run !== null && run.until > legStartedAt && run.until - run.since >= consecutiveMs;
}

function runExcursion(subject: Subject, rule: 'freeze' | 'humidity', run: Run, closedAt: number | null): Excursion {
  const { since, until, extremeMilliCelsius, extremePermille } = run;
  const durationMs = until - since;
  return { profile: subject.id, rule, openedAt: since, closedAt, durationMs, extremeMilliCelsius, extremePermille };
}

/** The freeze excursion of the present run, when it has lasted long enough. */
export function trippedFreeze(subject: Subject, legStartedAt: number, closedAt: number | null): readonly Excursion[] {
  const { profile, track } = subject;
  if (profile.freeze === null || !tripped(track.freezeRun, profile.freeze.consecutiveMs, legStartedAt)) return [];
  return [runExcursion(subject, 'freeze', track.freezeRun, closedAt)];
}

/** The humidity excursion of the present run, when it has lasted long enough. */
export function trippedHumidity(subject: Subject, legStartedAt: number, closedAt: number | null): readonly Excursion[] {
  const { profile, track } = subject;
  if (profile.humidity === null || !tripped(track.humidityRun, profile.humidity.consecutiveMs, legStartedAt)) return [];
  return [runExcursion(subject, 'humidity', track.humidityRun, closedAt)];
}

/** Both. */
export function trippedRuns(subject: Subject, legStartedAt: number, closedAt: number | null): readonly Excursion[] {
  return [...trippedFreeze(subject, legStartedAt, closedAt), ...trippedHumidity(subject, legStartedAt, closedAt)];
}
