import {
  anomalyDetector,
  COLD_STORE_FAULTS,
  type ColdStoreFault,
  ExcursionForecast,
  FAULT_DURATION_MS,
  FRIDGE_EXCURSION,
  simulateColdStore,
} from '@coldchain/forecast';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Everything learns for so long before anything counts. */
const LEARNING_DAYS = 14;
const LONGEST_FAULT_DAYS = 4;

/** Alerts on fridges without faults, in 28 days. */
export function falseRuns(seed: string, fridges: number, days: number): number {
  let alerts = 0;
  for (let fridge = 0; fridge < fridges; fridge++) {
    const detector = anomalyDetector('cold-chain');
    for (const reading of simulateColdStore({ seed: `${seed} sound ${fridge}`, days: LEARNING_DAYS + days })) {
      const { alert } = detector.next(reading);
      if (alert && reading.at >= LEARNING_DAYS * DAY_MS) alerts++;
    }
  }
  return (alerts / (fridges * days)) * 28;
}

/** How a kind of fault was found. */
export interface FaultResult {
  readonly kind: ColdStoreFault;
  readonly found: number;
  readonly of: number;
  /** Minutes from the fault's begin, of those that were found. */
  readonly minutes: readonly number[];
  /** Minutes from the first alert to the first reading outside of 2 to 8 °C, where there were both. */
  readonly ahead: readonly number[];
}

/** Faults that begin after two weeks at different hours, on fridges that nothing was set by. */
export function findFaults(seed: string, fridges: number, magnitude: number): FaultResult[] {
  return COLD_STORE_FAULTS.map((kind) => {
    const minutes: number[] = [];
    const ahead: number[] = [];
    for (let fridge = 0; fridge < fridges; fridge++) {
      const atMs = LEARNING_DAYS * DAY_MS + Math.round((5 + ((fridge * 7.3) % 17)) * 60) * 60_000;
      const untilMs = atMs + Math.min(FAULT_DURATION_MS[kind], LONGEST_FAULT_DAYS * DAY_MS) + HOUR_MS;
      const detector = anomalyDetector('cold-chain');
      let [alerted, left]: (number | null)[] = [null, null];
      const days = Math.ceil(untilMs / DAY_MS);
      for (const reading of simulateColdStore({ seed: `${seed} ${fridge}`, days, fault: { kind, atMs, magnitude } })) {
        const { alert } = detector.next(reading);
        if (reading.at < atMs || reading.at > untilMs) continue;
        if (alert) alerted ??= reading.at;
        if (reading.value < FRIDGE_EXCURSION.low || reading.value > FRIDGE_EXCURSION.high) left ??= reading.at;
      }
      if (alerted !== null && alerted !== undefined) minutes.push((alerted - atMs) / 60_000);
      if (alerted !== null && alerted !== undefined && left !== null && left !== undefined) {
        ahead.push((left - alerted) / 60_000);
      }
    }
    return { kind, found: minutes.length, of: fridges, minutes, ahead };
  });
}

/** Announcements of product excursions. */
export interface ExcursionResult {
  readonly exits: number;
  readonly announced: number;
  readonly aheadMinutes: readonly number[];
  readonly announcements: number;
  readonly falseAnnouncements: number;
}

const LATEST_MS = 60 * 60_000;

/** An announcement is false when no exit follows within an hour of its end; an exit counts once per stay outside. */
export function announceExcursions(
  traces: Iterable<Iterable<{ readonly at: number; readonly value: number }>>,
): ExcursionResult {
  const aheadMinutes: number[] = [];
  let [exits, announced, announcements, falseAnnouncements] = [0, 0, 0, 0];
  for (const trace of traces) {
    const forecast = new ExcursionForecast();
    let began: number | null = null;
    let ended: number | null = null;
    let outside = true;
    for (const { at, value } of trace) {
      const outlook = forecast.step(at, value);
      if (outlook.outside && !outside) {
        exits++;
        const recent = began !== null && (ended === null || at - ended <= LATEST_MS);
        if (recent && began !== null && at > began) {
          announced++;
          aheadMinutes.push((at - began) / 60_000);
        }
        began = null;
        ended = null;
      } else if (!outlook.outside) {
        if (outlook.announced && (began === null || ended !== null)) {
          if (began !== null && ended !== null && at - ended > LATEST_MS) falseAnnouncements++;
          if (began === null || (ended !== null && at - ended > LATEST_MS)) {
            began = at;
            announcements++;
          }
          ended = null;
        } else if (!outlook.announced && began !== null) {
          ended ??= at;
          if (at - ended > LATEST_MS) {
            falseAnnouncements++;
            began = null;
            ended = null;
          }
        }
      }
      outside = outlook.outside;
    }
    if (began !== null) announcements--;
  }
  return { exits, announced, aheadMinutes, announcements, falseAnnouncements };
}

/** Fridges in whose lives a door is left open, power is lost and a compressor grows weak. */
export function* troubledFridges(seed: string, fridges: number): Generator<Iterable<{ at: number; value: number }>> {
  for (const kind of ['door-open', 'door-ajar', 'power-loss', 'weak-compressor'] as const) {
    for (let fridge = 0; fridge < fridges; fridge++) {
      const atMs = 3 * DAY_MS + (fridge * 7 + 5) * HOUR_MS;
      yield simulateColdStore({ seed: `${seed} ${kind} ${fridge}`, days: 9, fault: { kind, atMs, magnitude: 1.2 } });
    }
  }
}
