import { ExcursionForecast } from '@coldchain/forecast';
import type { Sample, ThermalProfile } from '@coldchain/telemetry';

const MINUTE_MS = 60_000;
/** A vial follows the air with this lag; the forecast looks this far ahead (research on time to excursion). */
const LAG_MS = 45 * MINUTE_MS;
const HORIZON_MS = 30 * MINUTE_MS;
/** Readings that the forecast is run over: several lags, after which where it began is forgotten. */
export const WARNING_WINDOW_MS = 4 * 60 * MINUTE_MS;

/** The product will leave its storage range if what is happening goes on. Instants in ms since 1970 UTC. */
export interface LimitWarning {
  readonly side: 'hot' | 'cold';
  /** The reading at which it was first to be seen. */
  readonly since: number;
  readonly expectedAt: number;
}

/**
 * A warning before a limit is broken, by the law of the product's temperature: dTp/dt = (Ta − Tp)/lag with the slope of
 * the air. Null while nothing is announced, and once the product has left its range: then the excursion speaks.
 * @param samples of the air, ascending
 */
export function limitWarning(samples: readonly Sample[], { storage }: ThermalProfile): LimitWarning | null {
  const [low, high] = [storage.minMilliCelsius / 1000, storage.maxMilliCelsius / 1000];
  const forecast = new ExcursionForecast({ low, high, lagMs: LAG_MS, horizonMs: HORIZON_MS });
  let warning: LimitWarning | null = null;
  for (const { at, low: coldest, high: hottest } of samples) {
    const milliCelsius = (coldest + hottest) / 2;
    const { product, outside, announced, leavesInMs } = forecast.step(at, milliCelsius / 1000);
    if (!announced || outside) warning = null;
    else {
      const side = milliCelsius / 1000 > product ? 'hot' : 'cold';
      const since: number = warning?.side === side ? warning.since : at;
      warning = { side, since, expectedAt: at + (leavesInMs ?? HORIZON_MS) };
    }
  }
  return warning;
}
