import { activationOf, thermalProfileId } from '../thermal-profile.js';
import type { ThermalProfile } from '../thermal-profile.js';
import type { Excursion, OpenBreach, ProfileTrack, Run } from './leg-state.js';
import { breaks, countedRanges, countingOrderOf, rulesOf, thresholdOf } from './rules.js';
import type { CountingOrder, Rule } from './rules.js';

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** A moment as rules see it. */
export interface Moment {
  readonly low: number;
  readonly high: number;
  readonly humidityPermille: number | null;
}

/** A profile made ready to be asked. */
interface Compiled {
  readonly rules: readonly Rule[];
  /** Of `rules`, those of the exposure ranges. */
  readonly ranges: readonly Rule[];
  readonly order: CountingOrder;
  /** Per range: null where all time adds up. */
  readonly pieces: readonly ('instant' | 'consecutive' | null)[];
  readonly freezeFrom: number;
  /** A moment that stays below `hot` and above `cold` breaks no temperature rule. */
  readonly calm: { readonly hot: number; readonly cold: number };
}

/** A leg is folded in many steps with the same profiles. */
const COMPILED = new WeakMap<ThermalProfile, Compiled>();

function compiled(profile: ThermalProfile): Compiled {
  const known = COMPILED.get(profile);
  if (known !== undefined) return known;
  const rules = rulesOf(profile);
  const ranges = rules.slice(2);
  const { freeze, guardBandMilliCelsius = 0 } = profile;
  const freezeFrom =
    freeze === null ? -Infinity : thresholdOf(freeze.comparator, freeze.limitMilliCelsius, guardBandMilliCelsius);
  const thresholds = (side: Rule['side']): readonly number[] =>
    rules.flatMap((rule) => (rule.side === side ? [rule.threshold] : []));
  const made: Compiled = {
    rules,
    ranges,
    order: countingOrderOf(profile, ranges),
    pieces: profile.ranges.map((range) => {
      const activation = activationOf(range);
      return activation === 'cumulative' ? null : activation;
    }),
    freezeFrom,
    calm: { hot: Math.min(...thresholds('hot')), cold: Math.max(freezeFrom, ...thresholds('cold')) },
  };
  COMPILED.set(profile, made);
  return made;
}

/** The running account of one profile under change: its rules made ready, and its track. */
export class ProfileAccount {
  readonly policy: ThermalProfile['gap']['policy'];
  readonly plausible: ThermalProfile['gap']['plausible'];
  /** A moment that stays below `hot` and above `cold` breaks no temperature rule. */
  readonly calm: Compiled['calm'];
  private readonly id: string;
  private readonly rules: Compiled['rules'];
  private readonly ranges: Compiled['ranges'];
  private readonly order: CountingOrder;
  private readonly pieces: Compiled['pieces'];
  private readonly freezeFrom: number;
  private readonly ignoreUntil: number;
  private readonly usedMs: number[];
  private readonly longestMs: number[];
  private readonly breaches: (Mutable<OpenBreach> | null)[];
  private readonly rangeRuns: (Mutable<Run> | null)[];
  private freezeRunMs: number;
  private ignoredMs: number;
  private freezeRun: Mutable<Run> | null;
  private humidityRun: Mutable<Run> | null;

  constructor(
    private readonly profile: ThermalProfile,
    track: ProfileTrack,
    private readonly leg: { readonly startedAt: number; readonly packedAt: number | null },
    private readonly closed: Excursion[],
  ) {
    this.id = thermalProfileId(profile);
    this.policy = profile.gap.policy;
    this.plausible = profile.gap.plausible;
    const { rules, ranges, order, pieces, freezeFrom, calm } = compiled(profile);
    this.rules = rules;
    this.ranges = ranges;
    this.order = order;
    this.pieces = pieces;
    this.freezeFrom = freezeFrom;
    this.calm = calm;
    this.ignoreUntil = leg.packedAt === null ? -Infinity : leg.packedAt + (profile.ignoreAfterPackingMs ?? 0);
    this.usedMs = [...track.usedMs];
    this.longestMs = [...track.longestMs];
    this.breaches = track.breaches.map((breach) => (breach === null ? null : { ...breach }));
    this.rangeRuns = track.rangeRuns.map(copyOfRun);
    this.freezeRunMs = track.freezeRunMs;
    this.ignoredMs = track.ignoredMs;
    this.freezeRun = copyOfRun(track.freezeRun);
    this.humidityRun = copyOfRun(track.humidityRun);
  }

  get watchesHumidity(): boolean {
    return this.profile.humidity !== null;
  }

  /** Whether something is broken or runs, so that a calm moment has something to end. */
  get busy(): boolean {
    return (
      this.freezeRun !== null ||
      this.humidityRun !== null ||
      this.breaches.some((breach) => breach !== null) ||
      this.rangeRuns.some((run) => run !== null)
    );
  }

  /** Whether a moment at an instant breaks a temperature rule, other than while a logger adapts after packing. */
  breaksAt({ low, high }: Moment, at: number): boolean {
    return at >= this.ignoreUntil && this.rules.some((rule) => breaks(rule, low, high));
  }

  /** A moment begins: opens what it breaks, ends what it does not. */
  touch(moment: Moment, at: number): void {
    const ignored = at < this.ignoreUntil;
    for (let index = 0; index < this.rules.length; index++) {
      const rule = this.rules[index] as Rule;
      if (!ignored && breaks(rule, moment.low, moment.high)) this.openBreach(rule, index, moment, at);
      else this.closeBreach(index, at);
    }
    this.touchFreeze(moment, at);
    if (!ignored) this.touchHumidity(moment, at);
  }

  /** Time passes in a moment that was touched. `measured`: readings say so; otherwise a gap policy does. */
  cover(moment: Moment, from: number, to: number, measured: boolean): void {
    if (to <= from) return;
    if (from < this.ignoreUntil) {
      const cut = Math.min(to, this.ignoreUntil);
      if (this.rules.some((rule) => breaks(rule, moment.low, moment.high))) this.ignoredMs += cut - from;
      this.lengthenFreeze(cut);
      if (to > cut) {
        this.touch(moment, cut);
        this.cover(moment, cut, to, measured);
      }
      return;
    }
    this.addUsed(moment, to - from);
    for (const breach of this.breaches) {
      if (breach === null) continue;
      breach.durationMs += to - from;
      if (!measured) breach.assumed = true;
    }
    this.rangeRuns.forEach((run, index) => {
      if (run === null) return;
      run.until = to;
      this.lengthenPiece(run, index);
    });
    this.lengthenFreeze(to);
    if (!measured && this.freezeRun !== null) this.freezeRun.assumed = true;
    if (this.humidityRun !== null && moment.humidityPermille !== null) {
      this.humidityRun.until = to;
      if (!measured) this.humidityRun.assumed = true;
    }
  }

  /** Ends every open excursion at the end of the leg; runs stay, for the next leg of the same unit and logger. */
  close(endedAt: number): void {
    this.breaches.forEach((_, index) => this.endBreach(index, endedAt));
    this.closed.push(...this.trippedFreeze(endedAt), ...this.trippedHumidity(endedAt));
  }

  open(): readonly Excursion[] {
    return [
      ...this.breaches.flatMap((breach, index) => (breach === null ? [] : [this.excursionOf(breach, index, null)])),
      ...this.trippedFreeze(null),
      ...this.trippedHumidity(null),
    ];
  }

  track(): ProfileTrack {
    return {
      usedMs: [...this.usedMs],
      longestMs: [...this.longestMs],
      freezeRunMs: this.freezeRunMs,
      ignoredMs: this.ignoredMs,
      breaches: this.breaches.map((breach) => (breach === null ? null : { ...breach })),
      freezeRun: copyOfRun(this.freezeRun),
      humidityRun: copyOfRun(this.humidityRun),
      rangeRuns: this.rangeRuns.map(copyOfRun),
    };
  }

  private openBreach(rule: Rule, index: number, moment: Moment, at: number): void {
    const value = rule.side === 'hot' ? moment.high : moment.low;
    const breach = this.breaches[index] ?? { openedAt: at, durationMs: 0, extremeMilliCelsius: value, assumed: false };
    breach.extremeMilliCelsius =
      rule.side === 'hot' ? Math.max(breach.extremeMilliCelsius, value) : Math.min(breach.extremeMilliCelsius, value);
    this.breaches[index] = breach;
    const piece = this.pieces[index - 2];
    if (piece === undefined || piece === null) return;
    const known = this.rangeRuns[index - 2];
    // Broken on both sides of a gap is taken as broken throughout: nothing shows that it ended in between.
    const run = known === null || known === undefined ? newRun(at, value, null) : known;
    run.until = at;
    this.rangeRuns[index - 2] = run;
    if (piece === 'instant') this.longestMs[index - 2] = Math.max(this.longestMs[index - 2] ?? 0, 1);
    if (at > this.leg.startedAt) this.lengthenPiece(run, index - 2);
  }

  private closeBreach(index: number, at: number): void {
    this.endBreach(index, at);
    if (index >= 2) this.rangeRuns[index - 2] = null;
  }

  private endBreach(index: number, at: number): void {
    const breach = this.breaches[index];
    if (breach === null || breach === undefined) return;
    this.closed.push(this.excursionOf(breach, index, at));
    this.breaches[index] = null;
  }

  private touchFreeze(moment: Moment, at: number): void {
    if (this.profile.freeze === null) return;
    if (moment.low > this.freezeFrom) {
      if (this.freezeRun === null) return;
      this.closed.push(...this.trippedFreeze(at));
      this.freezeRun = null;
      return;
    }
    // Frozen on both sides of a gap is taken as frozen throughout: nothing shows that it thawed in between.
    const run = this.freezeRun ?? newRun(at, moment.low, null);
    run.extremeMilliCelsius = Math.min(run.extremeMilliCelsius, moment.low);
    this.freezeRun = run;
    run.until = at;
    if (at > this.leg.startedAt) this.lengthenFreeze(at);
  }

  private touchHumidity(moment: Moment, at: number): void {
    // A reading without humidity says nothing about it, like a gap.
    if (this.profile.humidity === null || moment.humidityPermille === null) return;
    if (moment.humidityPermille <= this.profile.humidity.maxPermille) {
      if (this.humidityRun === null) return;
      this.closed.push(...this.trippedHumidity(at));
      this.humidityRun = null;
      return;
    }
    const run = this.humidityRun ?? newRun(at, moment.high, moment.humidityPermille);
    run.until = at;
    run.extremeMilliCelsius = Math.max(run.extremeMilliCelsius, moment.high);
    run.extremePermille = Math.max(run.extremePermille ?? 0, moment.humidityPermille);
    this.humidityRun = run;
  }

  private addUsed({ low, high }: Moment, durationMs: number): void {
    for (const index of countedRanges(this.order, this.ranges, low, high)) {
      this.usedMs[index] = (this.usedMs[index] ?? 0) + durationMs;
    }
  }

  private lengthenPiece(run: Run, index: number): void {
    this.longestMs[index] = Math.max(this.longestMs[index] ?? 0, run.until - run.since);
  }

  private lengthenFreeze(to: number): void {
    if (this.freezeRun === null) return;
    this.freezeRun.until = to;
    this.freezeRunMs = Math.max(this.freezeRunMs, to - this.freezeRun.since);
  }

  private excursionOf(breach: OpenBreach, index: number, closedAt: number | null): Excursion {
    const rule = (this.rules[index] as Rule).name;
    return { profile: this.id, rule, ...breach, closedAt, extremePermille: null };
  }

  private trippedFreeze(closedAt: number | null): readonly Excursion[] {
    return this.tripped('freeze', this.freezeRun, this.profile.freeze?.consecutiveMs ?? null, closedAt);
  }

  private trippedHumidity(closedAt: number | null): readonly Excursion[] {
    return this.tripped('humidity', this.humidityRun, this.profile.humidity?.consecutiveMs ?? null, closedAt);
  }

  /** The excursion of a run that lasted for the time of its rule, and did so in this leg and not only in the one before. */
  private tripped(
    rule: string,
    run: Run | null,
    consecutiveMs: number | null,
    closedAt: number | null,
  ): readonly Excursion[] {
    if (run === null || consecutiveMs === null || run.until <= this.leg.startedAt) return [];
    if (run.until - run.since < consecutiveMs) return [];
    const { since, until, extremeMilliCelsius, extremePermille, assumed } = run;
    const durationMs = until - since;
    const { id: profile } = this;
    return [{ profile, rule, openedAt: since, closedAt, durationMs, extremeMilliCelsius, extremePermille, assumed }];
  }
}

function newRun(at: number, extremeMilliCelsius: number, extremePermille: number | null): Mutable<Run> {
  return { since: at, until: at, extremeMilliCelsius, extremePermille, assumed: false };
}

function copyOfRun(run: Run | null): Mutable<Run> | null {
  return run === null ? null : { ...run };
}
