import type { Sample } from './excursion/sample.js';
import { relativeRate, temperatureOfRate } from './mkt.js';
import type { Dwell } from './mkt.js';
import type { MktWindow } from './trace-profile.js';

/** Share of a window that readings must cover for its mean to say anything, in tenths. Ours. */
const COVERED_TENTHS = 9;

/** A stretch of a trace in which one reading holds. */
export interface Hold extends Dwell {
  readonly at: number;
}

/** The worst window of a trace, or why there is none to judge. */
export type MktResult =
  | {
      readonly applicable: true;
      readonly windowMs: number;
      readonly limitCelsius: number;
      readonly highestCelsius: number;
      readonly from: number;
      readonly to: number;
      readonly exceeded: boolean;
    }
  | {
      readonly applicable: false;
      readonly reason: 'no-window-declared' | 'trace-shorter-than-window' | 'evidence-incomplete';
    };

/** The holds of samples up to the end of the trace; where samples conflict, their highest value. */
export function holdsOf(samples: readonly Sample[], intervalMs: number, endedAt: number): readonly Hold[] {
  return samples.flatMap(({ at, high }, index) => {
    const to = Math.min(samples[index + 1]?.at ?? endedAt, at + intervalMs, endedAt);
    return to > at ? [{ at, milliCelsius: high, durationMs: to - at }] : [];
  });
}

/** Mean kinetic temperature over every window that ends with a reading's hold; the highest is the one that counts. */
export function worstWindow(
  holds: readonly Hold[],
  trace: { readonly from: number; readonly to: number },
  window: MktWindow | null,
  activationEnergy: number,
): MktResult {
  if (window === null) return { applicable: false, reason: 'no-window-declared' };
  const { windowMs, limitMilliCelsius } = window;
  if (trace.to - trace.from < windowMs) return { applicable: false, reason: 'trace-shorter-than-window' };
  // Sums up to each hold, so that a window is a difference of two.
  const covered = [0];
  const degraded = [0];
  holds.forEach((hold, index) => {
    covered.push((covered[index] ?? 0) + hold.durationMs);
    degraded.push((degraded[index] ?? 0) + hold.durationMs * relativeRate(hold.milliCelsius, activationEnergy));
  });
  let first = 0;
  let best: { rate: number; to: number } | null = null;
  for (const [index, hold] of holds.entries()) {
    const to = hold.at + hold.durationMs;
    const from = to - windowMs;
    if (from < trace.from) continue;
    while (endOf(holds[first]) <= from) first++;
    // The part of the first hold that lies before the window.
    const outsideMs = Math.max(0, from - (holds[first]?.at ?? from));
    const coveredMs = (covered[index + 1] ?? 0) - (covered[first] ?? 0) - outsideMs;
    if (coveredMs * 10 < windowMs * COVERED_TENTHS) continue;
    const outside = outsideMs * relativeRate(holds[first]?.milliCelsius ?? 0, activationEnergy);
    const rate = ((degraded[index + 1] ?? 0) - (degraded[first] ?? 0) - outside) / coveredMs;
    if (best === null || rate > best.rate) best = { rate, to };
  }
  if (best === null) return { applicable: false, reason: 'evidence-incomplete' };
  const highestCelsius = temperatureOfRate(best.rate, activationEnergy);
  const exceeded = Math.round(highestCelsius * 1000) > limitMilliCelsius;
  const limitCelsius = limitMilliCelsius / 1000;
  return { applicable: true, windowMs, limitCelsius, highestCelsius, from: best.to - windowMs, to: best.to, exceeded };
}

function endOf(hold: Hold | undefined): number {
  return hold === undefined ? Infinity : hold.at + hold.durationMs;
}
