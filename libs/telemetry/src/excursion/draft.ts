import { thermalProfileId } from '../thermal-profile.js';
import { ProfileAccount } from './account.js';
import type { Moment } from './account.js';
import { DwellTally } from './dwell.js';
import { LISTED_GAPS, LOGGERS_DISAGREE, NO_PROFILE } from './leg-state.js';
import type { Excursion, LegState, OpenBreach } from './leg-state.js';
import type { Sample } from './sample.js';

type Held = NonNullable<LegState['last']>;
type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** A sample with all its members: most have them already. */
function heldOf(sample: Sample): Held {
  const { at, low, high, humidityPermille = null, until = null, derived, apartMilliCelsius } = sample;
  const isWhole = sample.humidityPermille !== undefined && sample.until !== undefined;
  return isWhole && derived === undefined && apartMilliCelsius === undefined
    ? (sample as Held)
    : { at, low, high, humidityPermille, until };
}

/** A leg state under change: one step of the fold works on a copy and gives back a new state. */
export class LegDraft {
  private readonly accounts: readonly ProfileAccount[];
  private readonly tally: DwellTally;
  private readonly gapTally: DwellTally;
  private readonly gaps: (readonly [number, number])[];
  private readonly closed: Excursion[] = [];
  private readonly scalars: Mutable<Omit<LegState, 'tracks' | 'histogram' | 'gapHistogram' | 'gaps'>>;
  /** Moments between these break no rule of any profile. */
  private readonly calmBelow: number;
  private readonly calmAbove: number;
  private readonly watchesHumidity: boolean;
  /** Nothing is broken and nothing runs: what is calm then only passes time. */
  private quiet: boolean;

  constructor(state: LegState) {
    const { tracks, histogram, gapHistogram, gaps, ...scalars } = state;
    this.scalars = scalars;
    this.tally = new DwellTally(histogram);
    this.gapTally = new DwellTally(gapHistogram);
    this.gaps = [...gaps];
    this.accounts = state.profiles.map((profile, index) => {
      const track = tracks[index];
      if (track === undefined) throw new RangeError(`leg state without a track for ${thermalProfileId(profile)}`);
      return new ProfileAccount(profile, track, state, this.closed);
    });
    this.calmBelow = Math.min(...this.accounts.map(({ calm }) => calm.hot));
    this.calmAbove = Math.max(...this.accounts.map(({ calm }) => calm.cold));
    this.watchesHumidity = this.accounts.some((account) => account.watchesHumidity);
    this.quiet = this.isQuiet(scalars.last);
  }

  /** A reading: settles the time before it, then opens and closes what it breaks and ends. */
  take(sample: Sample): void {
    const { scalars } = this;
    const { at } = sample;
    const held = heldOf(sample);
    if (sample.derived !== true) scalars.readings++;
    if (scalars.last === null) {
      const from = Math.max(scalars.startedAt, at - scalars.leadMs);
      this.gap(scalars.startedAt, from, held);
      this.touch(held, from);
      this.cover(held, from, at);
    } else {
      this.settle(at, held);
    }
    this.touch(held, at);
    if (scalars.disagreement !== null || sample.apartMilliCelsius !== undefined) this.compare(sample);
    scalars.last = held;
    scalars.evaluatedTo = at;
  }

  /** Accounts for the time from the last reading to `to`: its hold, then gap. `next`: the reading at `to`, if there is one. */
  settle(to: number, next: Held | null = null): void {
    const { last, intervalMs, startedAt } = this.scalars;
    if (last === null) {
      this.gap(startedAt, to, next);
      return;
    }
    const from = Math.max(last.at, startedAt);
    const longest = Math.min(last.at + intervalMs, last.until ?? Infinity);
    const holdEnd = Math.max(from, Math.min(to, longest));
    // A carried reading breaks rules from the start of this leg on, while it holds.
    if (last.at < from && holdEnd > from) this.touch(last, from);
    this.cover(last, from, holdEnd);
    this.gap(holdEnd, to, next);
  }

  /** Ends every open excursion at the end of the leg; runs stay, for the next leg of the same unit and logger. */
  close(endedAt: number): void {
    for (const account of this.accounts) account.close(endedAt);
    this.endDisagreement(endedAt);
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
      histogram: this.tally.histogram(),
      gapHistogram: this.gapTally.histogram(),
      tracks: this.accounts.map((account) => account.track()),
    };
    const { disagreement } = this.scalars;
    const apart = disagreement === null ? [] : [disagreementOf(disagreement, null)];
    const open = phase === 'closed' ? [] : [...this.accounts.flatMap((account) => account.open()), ...apart];
    return { state, closed: this.closed, open };
  }

  private isCalm({ low, high, humidityPermille }: Moment): boolean {
    return high < this.calmBelow && low > this.calmAbove && (humidityPermille === null || !this.watchesHumidity);
  }

  private isQuiet(last: Moment | null): boolean {
    return (last === null || this.isCalm(last)) && !this.accounts.some((account) => account.busy);
  }

  /** Loggers that disagree do so until a moment in which they agree, or in which only one of them speaks. */
  private compare({ at, apartMilliCelsius }: Sample): void {
    if (apartMilliCelsius === undefined) {
      this.endDisagreement(at);
      return;
    }
    const known = this.scalars.disagreement;
    this.scalars.disagreement = {
      openedAt: known?.openedAt ?? at,
      durationMs: at - (known?.openedAt ?? at),
      extremeMilliCelsius: Math.max(known?.extremeMilliCelsius ?? 0, apartMilliCelsius),
      assumed: false,
    };
  }

  private endDisagreement(at: number): void {
    const { disagreement } = this.scalars;
    if (disagreement === null) return;
    this.closed.push(disagreementOf({ ...disagreement, durationMs: at - disagreement.openedAt }, at));
    this.scalars.disagreement = null;
  }

  private touch(moment: Moment, at: number): void {
    const { scalars } = this;
    if (scalars.coldestMilliCelsius === null || moment.low < scalars.coldestMilliCelsius)
      scalars.coldestMilliCelsius = moment.low;
    if (scalars.hottestMilliCelsius === null || moment.high > scalars.hottestMilliCelsius)
      scalars.hottestMilliCelsius = moment.high;
    if (this.quiet && this.isCalm(moment)) return;
    for (const account of this.accounts) account.touch(moment, at);
    this.quiet = this.isQuiet(moment);
  }

  private cover(moment: Held, from: number, to: number): void {
    if (to <= from) return;
    this.scalars.coveredMs += to - from;
    this.tally.add(moment.low, moment.high, to - from);
    if (this.quiet) return;
    for (const account of this.accounts) account.cover(moment, from, to, true);
  }

  /**
   * Time in which packaging vouches for what is not read from here on. None after it was measured that it does not keep
   * its range: while what was read last breaks a rule, or a run goes on, until a reading ends that.
   */
  vouchedAfter(): LegState['vouched'] {
    const { last, vouched } = this.scalars;
    const failed = this.accounts.some((account) => account.busy || (last !== null && account.breaksAt(last, last.at)));
    return failed ? [] : vouched;
  }

  /** Time without evidence, less what packaging vouches for. */
  private gap(from: number, to: number, next: Held | null): void {
    let rest = from;
    for (const [since, until] of this.vouchedAfter()) {
      const [begin, end] = [Math.max(rest, since), Math.min(to, until)];
      if (end <= begin) continue;
      this.missing(rest, begin, next);
      this.scalars.vouchedMs += end - begin;
      rest = end;
    }
    this.missing(rest, to, next);
  }

  private missing(from: number, to: number, next: Held | null): void {
    if (to <= from) return;
    const { scalars } = this;
    scalars.gapMs += to - from;
    if (scalars.last !== null) this.gapTally.add(scalars.last.low, scalars.last.high, to - from);
    for (const account of this.accounts) {
      const assumed = this.assumedIn(account, next);
      if (assumed === null) continue;
      account.touch(assumed, from);
      account.cover(assumed, from, to, false);
      this.quiet = false;
    }
    if ((to - from) * 10 < scalars.intervalMs) return;
    this.gaps.push([from, to]);
    if (this.gaps.length > LISTED_GAPS) this.gaps.shift();
  }

  /** What the gap policy of a profile takes time without evidence to be; null: nothing is charged. */
  private assumedIn({ policy, plausible }: ProfileAccount, next: Held | null): Moment | null {
    const { last, coldestMilliCelsius, hottestMilliCelsius } = this.scalars;
    if (policy === 'unknown') return null;
    if (policy === 'last-value') return last;
    const ends = [last, next].filter((moment) => moment !== null);
    const lows = [...ends.map(({ low }) => low), plausible?.minMilliCelsius ?? coldestMilliCelsius];
    const highs = [...ends.map(({ high }) => high), plausible?.maxMilliCelsius ?? hottestMilliCelsius];
    const known = (values: readonly (number | null)[]): readonly number[] => values.filter((value) => value !== null);
    if (known(lows).length === 0) return null;
    return { low: Math.min(...known(lows)), high: Math.max(...known(highs)), humidityPermille: null };
  }
}

function disagreementOf(open: OpenBreach, closedAt: number | null): Excursion {
  return { profile: NO_PROFILE, rule: LOGGERS_DISAGREE, ...open, closedAt, extremePermille: null };
}
