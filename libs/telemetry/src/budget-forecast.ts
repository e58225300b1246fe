import { addExposures, judgeBudget } from './budget.js';
import { ProfileAccount } from './excursion/account.js';
import { startLeg } from './excursion/fold.js';
import type { Sample } from './excursion/sample.js';
import { thermalProfileId } from './thermal-profile.js';
import type { Exposure, ThermalProfile } from './thermal-profile.js';

/** What is known when the budget at arrival is asked for. */
export interface ForecastQuestion {
  readonly profile: ThermalProfile;
  /** What the unit has spent so far, the time up to `now` in it. */
  readonly spent: Exposure;
  /** The newest samples of the leg, ascending; the slope is that of the last {@link SLOPE_MS}. */
  readonly samples: readonly Sample[];
  readonly now: number;
  readonly shippedAt: number;
  /** Durations of earlier transits over this lane, ms, in any order. */
  readonly laneHistoryMs: readonly number[];
}

/** The budget at one arrival. */
export interface ArrivalForecast {
  readonly arrivesAt: number;
  readonly exposure: Exposure;
  readonly exceeded: boolean;
  readonly freezeTripped: boolean;
  /** When the budget or the freeze rule will be broken on the way; null: not before arrival. */
  readonly brokenAt: number | null;
}

/** Advisory: what the budget will be when the goods arrive, if what is happening now goes on. */
export interface BudgetForecast {
  /** Milli-degrees per hour; 0 where too little is known. */
  readonly slopePerHour: number;
  /** Half of the earlier transits arrived by then, and nine of ten. Null without history. */
  readonly median: ArrivalForecast | null;
  readonly late: ArrivalForecast | null;
}

/** The slope is taken over so long; an air sensor's door pulse lasts less (research on time to excursion). */
const SLOPE_MS = 30 * 60_000;
/**
 * How long the slope goes on, in time constants: a rise slows down as goods come near to what surrounds them. The slope
 * decays with this constant, so that in all it adds slope × constant.
 */
const DECAY_MS = 45 * 60_000;
/** The forecast goes in steps of a minute. */
const STEP_MS = 60_000;
/** No forecast goes further than this from now. */
const MOST_MS = 60 * 24 * 3_600_000;

/** Forecasts the budget at arrival from the present slope and the lane's history. Integers in, integers out. */
export function forecastBudget(question: ForecastQuestion): BudgetForecast {
  const { samples, now, shippedAt, laneHistoryMs } = question;
  const slopePerHour = slopeOf(samples, now);
  const last = samples.at(-1);
  const history = laneHistoryMs.toSorted((one, other) => one - other);
  const arrival = (share: number): ArrivalForecast | null => {
    const duration = history[Math.min(history.length - 1, Math.floor(share * history.length))];
    if (duration === undefined || last === undefined) return null;
    // Who is late already arrives at the soonest now.
    return pass(question, last, slopePerHour, Math.max(now, shippedAt + duration));
  };
  return { slopePerHour, median: arrival(0.5), late: arrival(0.9) };
}

/** Slope of a straight line through the newest samples (least squares over their middles), milli-degrees per hour. */
function slopeOf(samples: readonly Sample[], now: number): number {
  const recent = samples.filter(({ at }) => at >= now - SLOPE_MS && at <= now);
  if (recent.length < 3) return 0;
  const points = recent.map(({ at, low, high }) => ({ hours: (at - now) / 3_600_000, milli: (low + high) / 2 }));
  const meanHours = points.reduce((sum, { hours }) => sum + hours, 0) / points.length;
  const meanMilli = points.reduce((sum, { milli }) => sum + milli, 0) / points.length;
  const spread = points.reduce((sum, { hours }) => sum + (hours - meanHours) ** 2, 0);
  const together = points.reduce((sum, { hours, milli }) => sum + (hours - meanHours) * (milli - meanMilli), 0);
  return spread === 0 ? 0 : Math.round(together / spread);
}

/** The temperature after a time: the slope goes on and dies away. */
function after(value: number, slopePerHour: number, elapsedMs: number): number {
  const reachedHours = (DECAY_MS / 3_600_000) * (1 - Math.exp(-elapsedMs / DECAY_MS));
  return Math.round(value + slopePerHour * reachedHours);
}

function pass(
  { profile, spent, now }: ForecastQuestion,
  last: Sample,
  slopePerHour: number,
  arrivesAt: number,
): ArrivalForecast {
  const start = startLeg([profile], { startedAt: now, intervalMs: STEP_MS });
  const [track] = start.tracks;
  if (track === undefined) throw new Error('a leg has a track per profile');
  const account = new ProfileAccount(profile, track, start, []);
  const before = judgeBudget(profile, spent);
  let brokenAt: number | null = null;
  let exposure = spent;
  const until = Math.min(arrivesAt, now + MOST_MS);
  for (let from = now; from < until; from += STEP_MS) {
    const to = Math.min(from + STEP_MS, until);
    const low = after(last.low, slopePerHour, to - now);
    const high = after(last.high, slopePerHour, to - now);
    const moment = { low, high, humidityPermille: null };
    account.touch(moment, from);
    account.cover(moment, from, to, false);
    const { usedMs, longestMs, freezeRunMs } = account.track();
    const ahead: Exposure = { profile: thermalProfileId(profile), usedMs, freezeRunMs };
    exposure = addExposures(spent, spent.longestMs === undefined ? ahead : { ...ahead, longestMs });
    const judged = judgeBudget(profile, exposure);
    const isNew = (judged.exceeded && !before.exceeded) || (judged.freezeTripped && !before.freezeTripped);
    if (brokenAt === null && isNew) brokenAt = to;
  }
  const { exceeded, freezeTripped } = judgeBudget(profile, exposure);
  return { arrivesAt, exposure, exceeded, freezeTripped, brokenAt };
}
