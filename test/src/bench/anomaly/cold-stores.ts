import {
  anomalyDetector,
  COLD_STORE_FAULTS,
  type ColdStoreFault,
  ExcursionForecast,
  FAULT_DURATION_MS,
  FRIDGE_EXCURSION,
  simulateColdStore,
  StoreForesight,
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

/** Counts of one trace. A trace begins as if the product were outside: what is so from the start left nothing. */
class Announcements {
  readonly aheadMinutes: number[] = [];
  exits = 0;
  announcements = 0;
  falseAnnouncements = 0;
  private outside = true;
  /** Begin of the announcement that is in force, or was within the last hour; and its end. */
  private began: number | null = null;
  private ended: number | null = null;

  see(at: number, outlook: { readonly outside: boolean; readonly announced: boolean }): void {
    if (outlook.outside) {
      if (!this.outside) this.leave(at);
    } else {
      this.forget(at);
      if (outlook.announced) this.announce(at);
      else if (this.began !== null) this.ended ??= at;
    }
    this.outside = outlook.outside;
  }

  private leave(at: number): void {
    this.exits++;
    if (this.began !== null) {
      this.announcements++;
      this.aheadMinutes.push((at - this.began) / 60_000);
    }
    [this.began, this.ended] = [null, null];
  }

  private announce(at: number): void {
    this.began ??= at;
    this.ended = null;
  }

  /** An announcement that nothing followed within an hour of its end was false. */
  private forget(at: number): void {
    if (this.ended === null || at - this.ended <= LATEST_MS) return;
    this.announcements++;
    this.falseAnnouncements++;
    [this.began, this.ended] = [null, null];
  }
}

/** An announcement is false when no exit follows within an hour of its end; an exit counts once per stay outside. */
export function announceExcursions(
  traces: Iterable<Iterable<{ readonly at: number; readonly value: number }>>,
): ExcursionResult {
  const all = [...traces].map((trace) => {
    const forecast = new ExcursionForecast();
    const seen = new Announcements();
    for (const { at, value } of trace) seen.see(at, forecast.step(at, value));
    return seen;
  });
  const sum = (of: (seen: Announcements) => number): number => all.reduce((total, seen) => total + of(seen), 0);
  return {
    exits: sum(({ exits }) => exits),
    announced: sum(({ aheadMinutes }) => aheadMinutes.length),
    aheadMinutes: all.flatMap(({ aheadMinutes }) => aheadMinutes),
    announcements: sum(({ announcements }) => announcements),
    falseAnnouncements: sum(({ falseAnnouncements }) => falseAnnouncements),
  };
}

/** Fridges in whose lives a door is left open, power is lost and a compressor grows weak. */
export function* troubledFridges(
  seed: string,
  fridges: number,
  intervalMs = 300_000,
): Generator<Iterable<{ at: number; value: number }>> {
  for (const kind of ['door-open', 'door-ajar', 'power-loss', 'weak-compressor'] as const) {
    for (let fridge = 0; fridge < fridges; fridge++) {
      const atMs = 3 * DAY_MS + (fridge * 7 + 5) * HOUR_MS;
      const fault = { kind, atMs, magnitude: 1.2 };
      yield simulateColdStore({ seed: `${seed} ${kind} ${fridge}`, days: 9, intervalMs, fault });
    }
  }
}

/** Weak compressors that were told of. */
export interface CompressorResult {
  readonly told: number;
  /** Told before the air left 2 to 8 °C, or where it never did. */
  readonly before: number;
  readonly of: number;
  /** Hours from being told to the air leaving, where there were both. */
  readonly aheadHours: readonly number[];
}

const WEAK_FROM_DAY = 10;
const WEAK_DAYS = 8;

/** Compressors that lose their cooling after ten days, followed for eight. */
export function tellWeakCompressors(seed: string, fridges: number, magnitude: number): CompressorResult {
  const aheadHours: number[] = [];
  let [told, before] = [0, 0];
  for (let fridge = 0; fridge < fridges; fridge++) {
    const atMs = WEAK_FROM_DAY * DAY_MS + Math.floor((fridge * 7.3) % 24) * HOUR_MS;
    const fault = { kind: 'weak-compressor', atMs, magnitude } as const;
    const foresight = new StoreForesight();
    let [toldAt, leftAt]: (number | null)[] = [null, null];
    for (const { at, value } of simulateColdStore({
      seed: `${seed} ${fridge}`,
      days: WEAK_FROM_DAY + WEAK_DAYS,
      fault,
    })) {
      if (foresight.next(at, value).some(({ cause }) => cause === 'compressor') && at > atMs) toldAt ??= at;
      if (at > atMs && value > FRIDGE_EXCURSION.high) leftAt ??= at;
    }
    if (toldAt === null || toldAt === undefined) continue;
    told++;
    if (leftAt !== null && leftAt !== undefined) aheadHours.push((leftAt - toldAt) / HOUR_MS);
    if (leftAt === null || leftAt === undefined || toldAt < leftAt) before++;
  }
  return { told, before, of: fridges, aheadHours };
}

/** Compressors told of in fridges without faults, in 28 days. */
export function compressorsToldInVain(seed: string, fridges: number, days: number): number {
  let told = 0;
  for (let fridge = 0; fridge < fridges; fridge++) {
    const foresight = new StoreForesight();
    for (const { at, value } of simulateColdStore({ seed: `${seed} sound ${fridge}`, days: LEARNING_DAYS + days })) {
      const flags = foresight.next(at, value);
      if (at >= LEARNING_DAYS * DAY_MS) told += flags.filter(({ cause }) => cause === 'compressor').length;
    }
  }
  return (told / (fridges * days)) * 28;
}
