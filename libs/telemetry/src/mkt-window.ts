import { thresholdOf } from './excursion/rules.js';
import type { Sample } from './excursion/sample.js';
import { DEFAULT_ACTIVATION_ENERGY, relativeRate, temperatureOfRate } from './mkt.js';
import type { MktRule, ThermalProfile } from './thermal-profile.js';

/** Share of a window that readings must cover for its mean to say anything, in tenths. Ours. */
const COVERED_TENTHS = 9;
/** Windows are looked at as often as this in their length. */
const MOST_STEPS = 1440;

/** Why a mean kinetic temperature is not to be used (USP <1079.2>): it weighs warmth, and only an isolated excursion. */
export type MktReason =
  | 'no-window-declared'
  | 'no-readings'
  | 'frozen-storage'
  | 'window-not-full'
  | 'gaps'
  | 'freezing'
  | 'above-ceiling'
  | 'repeated-excursions';

/** The warmest window of a trace. */
export interface WarmestWindow {
  readonly highestCelsius: number;
  readonly from: number;
  readonly to: number;
}

/** What the mean kinetic temperature over every window says. `exceeded` holds whether or not the mean applies. */
export type MktResult =
  | ({
      readonly applicable: true;
      readonly windowMs: number;
      readonly limitCelsius: number;
      readonly exceeded: boolean;
    } & WarmestWindow)
  | {
      readonly applicable: false;
      readonly reason: MktReason;
      readonly exceeded: boolean;
      /** Over the warmest full window that is covered, for information. */
      readonly highestCelsius: number | null;
    };

/** Running totals at the end of a step. */
interface Mark {
  readonly coveredMs: number;
  readonly degraded: number;
  readonly gapMs: number;
  readonly frozenMs: number;
  readonly aboveCeilingMs: number;
  /** Excursions above the storage range that have begun so far, and whether one goes on. */
  readonly excursions: number;
  readonly outside: boolean;
}

const START: Mark = {
  coveredMs: 0,
  degraded: 0,
  gapMs: 0,
  frozenMs: 0,
  aboveCeilingMs: 0,
  excursions: 0,
  outside: false,
};

/**
 * The mean kinetic temperature of a profile over every window of its declared length, as time passes: constant memory,
 * and the same result however time was cut into pieces. A window ends at every 1440th part of its length.
 */
export class MktStream {
  private readonly stepMs: number;
  private readonly steps: number;
  private readonly ring: Mark[];
  private mark: Mark = START;
  private pending = { milliCelsius: Number.NaN, durationMs: 0 };
  /** Steps that have ended. */
  private ended = 0;
  private to: number;
  private readonly storageFrom: number;
  private readonly frozenFrom: number;
  private warmest: { readonly rate: number; readonly to: number } | null = null;
  private inapplicable: MktReason | null = null;

  constructor(
    private readonly rule: MktRule,
    private readonly profile: ThermalProfile,
    private readonly activationEnergy: number,
    private readonly startedAt: number,
  ) {
    let steps = Math.min(MOST_STEPS, rule.windowMs);
    while (rule.windowMs % steps !== 0) steps--;
    this.steps = steps;
    this.stepMs = rule.windowMs / steps;
    this.ring = [START];
    this.to = startedAt;
    this.storageFrom = thresholdOf('>', profile.storage.maxMilliCelsius, 0);
    this.frozenFrom =
      profile.freeze === null ? 0 : thresholdOf(profile.freeze.comparator, profile.freeze.limitMilliCelsius, 0);
  }

  /** Time at a temperature (of disagreeing values both), from where the stream is up to `to`. */
  hold(low: number, high: number, to: number): void {
    if (high !== this.pending.milliCelsius) {
      this.settle();
      this.pending = { milliCelsius: high, durationMs: 0 };
    }
    const outside = high >= this.storageFrom;
    this.pass(to, (mark, durationMs) => {
      this.pending.durationMs += durationMs;
      return {
        coveredMs: mark.coveredMs + durationMs,
        degraded: mark.degraded,
        gapMs: mark.gapMs,
        frozenMs: mark.frozenMs + (low <= this.frozenFrom ? durationMs : 0),
        aboveCeilingMs: mark.aboveCeilingMs + (high > (this.rule.ceilingMilliCelsius ?? Infinity) ? durationMs : 0),
        excursions: mark.excursions + (outside && !mark.outside ? 1 : 0),
        outside,
      };
    });
  }

  /** Time without evidence up to `to`. */
  gap(to: number): void {
    this.pass(to, (mark, durationMs) => ({ ...mark, gapMs: mark.gapMs + durationMs }));
  }

  result(): MktResult {
    const { windowMs, limitMilliCelsius } = this.rule;
    const { warmest } = this;
    const highestCelsius = warmest === null ? null : temperatureOfRate(warmest.rate, this.activationEnergy);
    const exceeded = highestCelsius !== null && Math.round(highestCelsius * 1000) > limitMilliCelsius;
    const reason = this.reason();
    if (reason !== null || warmest === null || highestCelsius === null) {
      return { applicable: false, reason: reason ?? 'gaps', exceeded, highestCelsius };
    }
    const { to } = warmest;
    const limitCelsius = limitMilliCelsius / 1000;
    return { applicable: true, windowMs, limitCelsius, exceeded, highestCelsius, from: to - windowMs, to };
  }

  private reason(): MktReason | null {
    if (this.profile.storage.maxMilliCelsius <= 0) return 'frozen-storage';
    if (this.ended < this.steps) return 'window-not-full';
    return this.inapplicable;
  }

  /** What was spent at the present temperature, as one product: so the sum does not depend on how time was cut. */
  private settle(): void {
    const { milliCelsius, durationMs } = this.pending;
    if (durationMs === 0) return;
    const degraded = this.mark.degraded + durationMs * relativeRate(milliCelsius, this.activationEnergy);
    this.mark = { ...this.mark, degraded };
    this.pending.durationMs = 0;
  }

  private pass(to: number, after: (mark: Mark, durationMs: number) => Mark): void {
    while (this.to < to) {
      const stepEnd = this.startedAt + (this.ended + 1) * this.stepMs;
      const until = Math.min(to, stepEnd);
      this.mark = after(this.mark, until - this.to);
      this.to = until;
      if (until === stepEnd) this.endStep();
    }
  }

  private endStep(): void {
    this.settle();
    this.ended++;
    const { ring, steps, ended, mark } = this;
    const slots = steps + 1;
    // The slot of `ended` held the step before the window that ends now.
    const before = ended < steps ? null : (ring[(ended - steps) % slots] ?? START);
    ring[ended % slots] = mark;
    if (before === null) return;
    const coveredMs = mark.coveredMs - before.coveredMs;
    if (coveredMs * 10 >= this.rule.windowMs * COVERED_TENTHS) {
      const rate = (mark.degraded - before.degraded) / coveredMs;
      if (this.warmest === null || rate > this.warmest.rate) this.warmest = { rate, to: this.to };
    }
    this.inapplicable ??= this.whyNot(before, mark);
  }

  private whyNot(before: Mark, mark: Mark): MktReason | null {
    if (mark.gapMs - before.gapMs > this.profile.gap.allowedMs) return 'gaps';
    if (mark.frozenMs > before.frozenMs) return 'freezing';
    if (mark.aboveCeilingMs > before.aboveCeilingMs) return 'above-ceiling';
    return mark.excursions - before.excursions + (before.outside ? 1 : 0) > 1 ? 'repeated-excursions' : null;
  }
}

/** The activation energy that a profile is judged with, kJ/mol: its own, else the one given, else that of USP <1160>. */
export function activationEnergyOf(profile: ThermalProfile, other: number | null = null): number {
  const { activationEnergyJoule } = profile;
  return activationEnergyJoule === undefined ? (other ?? DEFAULT_ACTIVATION_ENERGY) : activationEnergyJoule / 1000;
}

/** The mean kinetic temperature over the declared windows of a trace. */
export function mktOfTrace(
  samples: readonly Sample[],
  trace: { readonly from: number; readonly to: number; readonly intervalMs: number },
  profile: ThermalProfile,
  activationEnergy: number,
): MktResult {
  if (profile.mkt === undefined) return notApplicable('no-window-declared');
  if (samples.length === 0) return notApplicable('no-readings');
  const stream = new MktStream(profile.mkt, profile, activationEnergy, trace.from);
  samples.forEach(({ at, low, high }, index) => {
    stream.gap(at);
    const next = samples[index + 1]?.at ?? trace.to;
    stream.hold(low, high, Math.min(next, at + trace.intervalMs, trace.to));
  });
  stream.gap(trace.to);
  return stream.result();
}

/** No mean, and why. */
export function notApplicable(reason: MktReason): Extract<MktResult, { readonly applicable: false }> {
  return { applicable: false, reason, exceeded: false, highestCelsius: null };
}
