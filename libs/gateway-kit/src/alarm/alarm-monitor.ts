import {
  ascendingSamples,
  type Excursion,
  foldReadings,
  type FrameReading,
  type LegState,
  mergeReadings,
  type Sample,
  startLeg,
  type ThermalProfile,
} from '@coldchain/telemetry';

/** What rings: a rule of a profile that readings of a logger break. */
export interface Alarm {
  readonly logger: string;
  /** `gtin/version` */
  readonly profile: string;
  readonly rule: string;
  /** ms since 1970, logger's clock: the reading that broke it first. */
  readonly since: number;
  /** Time that readings cover while it was broken. */
  readonly durationMs: number;
  readonly extremeMilliCelsius: number;
}

/** An alarm begins or ends. */
export interface AlarmEvent {
  readonly state: 'ringing' | 'quiet';
  readonly alarm: Alarm;
}

/** When an alarm begins and ends. */
export interface AlarmRules {
  readonly profile: ThermalProfile;
  /** Declared interval of the loggers: a reading holds so long. */
  readonly intervalMs: number;
  /** A rule has to be broken for so long before it rings. Default 0: the first reading rings. */
  readonly ringAfterMs?: number;
  /** A rule has to be kept for so long before it is quiet again, or a compressor would ring with each cycle. Default 15 minutes. */
  readonly quietAfterMs?: number;
}

const QUIET_AFTER_MS = 15 * 60_000;
/** Samples that a late reading can still be put among. */
const REMEMBERED = 4_000;

interface Watched {
  /** Folded, and out of reach of what comes late. */
  base: LegState;
  /** What came since, ascending, and the state after it. */
  recent: readonly Sample[];
  state: LegState;
  readonly ringing: Map<string, { readonly alarm: Alarm; readonly brokenUntil: number }>;
  /** What rang and is over; a late reading makes the fold tell of it again. */
  told: readonly Told[];
}

interface Told {
  readonly rule: string;
  readonly from: number;
  readonly until: number;
}

/**
 * The engine that the platform judges with, on the gateway: an alarm rings also where nobody can be asked. Readings may
 * come late and twice. It does not survive a restart: what is still broken then rings again with the next reading.
 */
export class AlarmMonitor {
  private readonly loggers = new Map<string, Watched>();

  constructor(private readonly rules: AlarmRules) {}

  /** Takes readings of any loggers and says what began and what ended. */
  take(readings: readonly FrameReading[]): readonly AlarmEvent[] {
    const byLogger = new Map<string, FrameReading[]>();
    for (const reading of readings) {
      const known = byLogger.get(reading.logger);
      if (known === undefined) byLogger.set(reading.logger, [reading]);
      else known.push(reading);
    }
    return [...byLogger].flatMap(([logger, own]) => this.takeOf(logger, own));
  }

  private takeOf(logger: string, readings: readonly FrameReading[]): AlarmEvent[] {
    const watched = this.watchedOf(logger, readings);
    const { base, state } = watched;
    // What lies before all that is remembered is for the platform to judge.
    const known = base.evaluatedTo;
    const fresh = mergeReadings(readings.filter(({ at }) => known === null || at > known));
    const before = state.evaluatedTo ?? -Infinity;
    watched.recent = ascendingSamples([...watched.recent, ...fresh]);
    const isLate = fresh.some(({ at }) => at <= before);
    const folded = foldReadings(isLate ? base : state, isLate ? watched.recent : fresh);
    if (folded.late) return [];
    watched.state = folded.state;
    this.forget(watched);
    const newest = folded.state.evaluatedTo ?? before;
    const broken = [...folded.closed, ...folded.open];
    return [...this.begun(logger, watched, broken, newest), ...this.ended(watched, folded.open, newest)];
  }

  private watchedOf(logger: string, readings: readonly FrameReading[]): Watched {
    const known = this.loggers.get(logger);
    if (known !== undefined) return known;
    const startedAt = Math.min(...readings.map(({ at }) => at));
    const { profile, intervalMs } = this.rules;
    const start = startLeg([profile], { startedAt, intervalMs });
    const watched: Watched = { base: start, recent: [], state: start, ringing: new Map(), told: [] };
    this.loggers.set(logger, watched);
    return watched;
  }

  private begun(logger: string, watched: Watched, broken: readonly Excursion[], newest: number): AlarmEvent[] {
    const { ringAfterMs = 0 } = this.rules;
    const { ringing, told } = watched;
    return broken.flatMap(({ profile, rule, openedAt, closedAt, durationMs, extremeMilliCelsius }) => {
      const brokenUntil = closedAt ?? newest;
      const known = ringing.get(rule);
      if (known === undefined && brokenUntil - openedAt < ringAfterMs) return [];
      if (told.some((one) => one.rule === rule && one.from <= brokenUntil && openedAt <= one.until)) return [];
      const since = known?.alarm.since ?? openedAt;
      const alarm = { logger, profile, rule, since, durationMs, extremeMilliCelsius };
      ringing.set(rule, { alarm, brokenUntil });
      return known === undefined ? [{ state: 'ringing' as const, alarm }] : [];
    });
  }

  private ended(watched: Watched, open: readonly Excursion[], newest: number): AlarmEvent[] {
    const { quietAfterMs = QUIET_AFTER_MS } = this.rules;
    const { ringing } = watched;
    const ended: AlarmEvent[] = [];
    for (const [rule, { alarm, brokenUntil }] of ringing) {
      if (open.some((excursion) => excursion.rule === rule) || newest - brokenUntil < quietAfterMs) continue;
      ringing.delete(rule);
      watched.told = [...watched.told, { rule, from: alarm.since, until: brokenUntil }];
      ended.push({ state: 'quiet', alarm });
    }
    return ended;
  }

  /** The older half is folded for good when too much is remembered. */
  private forget(watched: Watched): void {
    if (watched.recent.length < REMEMBERED) return;
    const folded = foldReadings(watched.base, watched.recent.slice(0, REMEMBERED / 2));
    if (folded.late) return;
    watched.base = folded.state;
    watched.recent = watched.recent.slice(REMEMBERED / 2);
    watched.told = watched.told.filter(({ until }) => until > (folded.state.evaluatedTo ?? -Infinity));
  }
}
