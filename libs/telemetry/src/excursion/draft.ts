import { LISTED_GAPS } from './leg-state.js';
import type { Excursion, LegState } from './leg-state.js';
import { breaks, countedRanges } from './rules.js';
import type { Rule } from './rules.js';
import { breachExcursion, subjectsOf, trippedFreeze, trippedHumidity, trippedRuns } from './subject.js';
import type { Mutable, Subject, Track } from './subject.js';

type Held = NonNullable<LegState['last']>;

/** A leg state under change: one step of the fold works on a copy and gives back a new state. */
export class LegDraft {
  private readonly subjects: readonly Subject[];
  private readonly histogram: Record<string, number>;
  private readonly gaps: (readonly [number, number])[];
  private readonly closed: Excursion[] = [];
  private readonly scalars: Mutable<Omit<LegState, 'tracks' | 'histogram' | 'gaps'>>;

  constructor(state: LegState) {
    const { tracks, histogram, gaps, ...scalars } = state;
    this.scalars = scalars;
    this.histogram = { ...histogram };
    this.gaps = [...gaps];
    this.subjects = subjectsOf(state.profiles, tracks);
  }

  /** The time up to which this leg is accounted for, given its last reading's hold has not been settled yet. */
  private get settledTo(): number {
    const { last, startedAt } = this.scalars;
    return last === null ? startedAt : Math.max(last.at, startedAt);
  }

  /** A reading: settles the time before it, then opens and closes what it breaks and ends. */
  take(sample: Held): void {
    const { last, startedAt, leadMs } = this.scalars;
    this.scalars.readings++;
    if (last === null) {
      const from = Math.max(startedAt, sample.at - leadMs);
      this.gap(startedAt, from);
      this.touch(sample, from);
      this.cover(sample, from, sample.at);
    } else {
      this.settle(sample.at);
    }
    this.touch(sample, sample.at);
    this.scalars.last = sample;
    this.scalars.evaluatedTo = sample.at;
  }

  /** Accounts for the time from the last reading to `to`: its hold, then gap. */
  settle(to: number): void {
    const { last, intervalMs } = this.scalars;
    const from = this.settledTo;
    if (last === null) {
      this.gap(from, to);
      return;
    }
    const holdEnd = Math.max(from, Math.min(to, last.at + intervalMs));
    // A carried reading breaks rules from the start of this leg on, while it holds.
    if (last.at < from && holdEnd > from) this.touch(last, from);
    this.cover(last, from, holdEnd);
    this.gap(holdEnd, to);
  }

  /** Ends every open excursion at the end of the leg; runs stay, for the next leg of the same unit and logger. */
  close(endedAt: number): void {
    for (const subject of this.subjects) {
      subject.track.breaches.forEach((_, index) => this.closeBreach(subject, index, endedAt));
      this.closed.push(...trippedRuns(subject, this.scalars.startedAt, endedAt));
    }
  }

  /** The state after this step, with what was closed and what is open. */
  done(
    phase: LegState['phase'],
    evaluatedTo: number | null,
  ): { state: LegState; closed: Excursion[]; open: Excursion[] } {
    const state: LegState = {
      ...this.scalars,
      phase,
      evaluatedTo,
      gaps: this.gaps,
      histogram: this.histogram,
      tracks: this.subjects.map(({ track }) => track),
    };
    return { state, closed: this.closed, open: phase === 'closed' ? [] : this.open() };
  }

  private open(): Excursion[] {
    return this.subjects.flatMap((subject) => [
      ...subject.track.breaches.flatMap((breach, index) =>
        breach === null ? [] : [breachExcursion(subject, (subject.rules[index] as Rule).name, breach, null)],
      ),
      ...trippedRuns(subject, this.scalars.startedAt, null),
    ]);
  }

  private touch(sample: Held, at: number): void {
    const { scalars } = this;
    scalars.coldestMilliCelsius = Math.min(scalars.coldestMilliCelsius ?? sample.low, sample.low);
    scalars.hottestMilliCelsius = Math.max(scalars.hottestMilliCelsius ?? sample.high, sample.high);
    for (const subject of this.subjects) {
      subject.rules.forEach((rule, index) => {
        if (!breaks(rule.comparator, rule.limitMilliCelsius, sample)) {
          this.closeBreach(subject, index, at);
          return;
        }
        const value = rule.side === 'hot' ? sample.high : sample.low;
        const breach = subject.track.breaches[index] ?? { openedAt: at, durationMs: 0, extremeMilliCelsius: value };
        const extremeMilliCelsius =
          rule.side === 'hot'
            ? Math.max(breach.extremeMilliCelsius, value)
            : Math.min(breach.extremeMilliCelsius, value);
        subject.track.breaches[index] = { ...breach, extremeMilliCelsius };
      });
      this.touchFreeze(subject, sample, at);
      this.touchHumidity(subject, sample, at);
    }
  }

  private touchFreeze(subject: Subject, sample: Held, at: number): void {
    const { profile, track } = subject;
    if (profile.freeze === null) return;
    if (!breaks(profile.freeze.comparator, profile.freeze.limitMilliCelsius, sample)) {
      this.closed.push(...trippedFreeze(subject, this.scalars.startedAt, at));
      track.freezeRun = null;
      return;
    }
    const run = track.freezeRun;
    // Frozen on both sides of a gap is taken as frozen throughout: nothing shows that it thawed in between.
    track.freezeRun = {
      since: run?.since ?? at,
      until: at,
      extremeMilliCelsius: Math.min(run?.extremeMilliCelsius ?? sample.low, sample.low),
      extremePermille: null,
    };
    if (at > this.scalars.startedAt) this.lengthenFreeze(track);
  }

  private touchHumidity(subject: Subject, sample: Held, at: number): void {
    const { profile, track } = subject;
    // A reading without humidity says nothing about it, like a gap.
    if (profile.humidity === null || sample.humidityPermille === null) return;
    if (sample.humidityPermille <= profile.humidity.maxPermille) {
      this.closed.push(...trippedHumidity(subject, this.scalars.startedAt, at));
      track.humidityRun = null;
      return;
    }
    const run = track.humidityRun;
    track.humidityRun = {
      since: run?.since ?? at,
      until: at,
      extremeMilliCelsius: Math.max(run?.extremeMilliCelsius ?? sample.high, sample.high),
      extremePermille: Math.max(run?.extremePermille ?? 0, sample.humidityPermille),
    };
  }

  private cover(sample: Held, from: number, to: number): void {
    const durationMs = to - from;
    if (durationMs <= 0) return;
    const { scalars } = this;
    scalars.coveredMs += durationMs;
    // Conflicting values of one instant dwell at both ends, so that a later what-if is safe on either side.
    const buckets = new Set([Math.floor(sample.low / 100), Math.floor(sample.high / 100)]);
    for (const bucket of buckets) this.histogram[bucket] = (this.histogram[bucket] ?? 0) + durationMs;
    for (const { profile, ranges, track } of this.subjects) {
      for (const index of countedRanges(profile, ranges, sample))
        track.usedMs[index] = (track.usedMs[index] ?? 0) + durationMs;
      track.breaches.forEach((breach, index) => {
        if (breach !== null) track.breaches[index] = { ...breach, durationMs: breach.durationMs + durationMs };
      });
      if (track.freezeRun !== null) {
        track.freezeRun = { ...track.freezeRun, until: to };
        this.lengthenFreeze(track);
      }
      if (track.humidityRun !== null && sample.humidityPermille !== null)
        track.humidityRun = { ...track.humidityRun, until: to };
    }
  }

  private lengthenFreeze(track: Track): void {
    if (track.freezeRun !== null)
      track.freezeRunMs = Math.max(track.freezeRunMs, track.freezeRun.until - track.freezeRun.since);
  }

  private gap(from: number, to: number): void {
    if (to <= from) return;
    this.scalars.gapMs += to - from;
    if ((to - from) * 10 < this.scalars.intervalMs) return;
    this.gaps.push([from, to]);
    if (this.gaps.length > LISTED_GAPS) this.gaps.shift();
  }

  private closeBreach(subject: Subject, index: number, at: number): void {
    const breach = subject.track.breaches[index];
    if (breach === null || breach === undefined) return;
    this.closed.push(breachExcursion(subject, (subject.rules[index] as Rule).name, breach, at));
    subject.track.breaches[index] = null;
  }
}
