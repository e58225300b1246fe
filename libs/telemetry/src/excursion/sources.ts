import { DomainError } from '@coldchain/kernel';
import type { Sample } from './sample.js';

/**
 * A logger for the time in which what it measures is evidence of a unit: while it is bound to it, or while the unit is in
 * the place that it watches. Half-open: [from, to).
 */
export interface Source {
  /** Ascending, one per instant, in any extent: what lies outside of [from, to) is left out. */
  readonly samples: readonly Sample[];
  readonly intervalMs: number;
  readonly from: number;
  /** null: it goes on. */
  readonly to: number | null;
  /**
   * How far it may be off. Two sources that differ by more than both may be off disagree; null: it is compared with
   * nothing (a sensor on the wall measures something else than one in the box).
   */
  readonly accuracyMilliCelsius: number | null;
}

/** Several sources as one: what the fold of a leg takes. */
export interface CombinedSources {
  /** Up to the newest reading of any source: nothing that comes later changes them, unless it is older than they are. */
  readonly samples: readonly Sample[];
  /** What the sources that still hold say after that, as long as no further reading comes: for the end of a leg. */
  readonly tail: readonly Sample[];
  /** The reading that holds when the leg begins, of sources that were there before; null: none does. */
  readonly carried: Required<Pick<Sample, 'at' | 'low' | 'high' | 'humidityPermille' | 'until'>> | null;
  /** Up to when any source holds; null: none ever spoke. */
  readonly holdsUntil: number | null;
}

/** Sources that cannot be combined: their interval is not positive. */
export class SourceInvalid extends DomainError<'source-invalid'> {
  readonly code = 'source-invalid';
}

/** What one source says from an instant on. */
interface Hold {
  readonly sample: Sample;
  readonly source: Source;
  readonly until: number;
}

/** A source begins to say something, or stops. */
interface Change {
  readonly at: number;
  readonly source: number;
  /** null: it stops. */
  readonly hold: Hold | null;
}

/**
 * Several sources as one, the worst of them at every instant: the highest for heat, the lowest for cold, the wettest.
 * Each reading holds until the next one of its own source, at most for that source's interval and to the end of its time;
 * a leg has a gap only where none holds. Where one stops and others go on there is a derived sample. The result follows
 * from the readings alone, in whatever order they came.
 *
 * @param leg `intervalMs`: the longest interval of all sources, with which the leg was started
 * @throws SourceInvalid
 */
export function combineSources(
  sources: readonly Source[],
  leg: { readonly startedAt: number; readonly intervalMs: number },
): CombinedSources {
  const changes = sources.flatMap(changesOf).sort((one, other) => one.at - other.at || one.source - other.source);
  const lastReadingAt = changes.reduce((last, { at, hold }) => (hold === null ? last : Math.max(last, at)), -Infinity);
  const holding: (Hold | null)[] = sources.map(() => null);
  const samples: Sample[] = [];
  const tail: Sample[] = [];
  let next = 0;
  const takeUntil = (at: number): boolean => {
    let isReading = false;
    for (; next < changes.length && (changes[next] as Change).at <= at; next++) {
      const { source, hold } = changes[next] as Change;
      holding[source] = hold;
      isReading ||= hold !== null;
    }
    return isReading;
  };
  while (next < changes.length && (changes[next] as Change).at < leg.startedAt) takeUntil((changes[next] as Change).at);
  const carried = carriedOf(holding, leg);
  while (next < changes.length) {
    const { at } = changes[next] as Change;
    const isReading = takeUntil(at);
    const sample = worstOf(holding, at, isReading, leg.intervalMs);
    if (sample !== null) (at > lastReadingAt ? tail : samples).push(sample);
  }
  const ends = changes.filter(({ hold }) => hold === null).map(({ at }) => at);
  const holdsUntil = ends.length === 0 ? null : ends.reduce((latest, at) => Math.max(latest, at), -Infinity);
  return { samples, tail, carried, holdsUntil };
}

/** When a source speaks and when it stops; a reading that holds up to the next one does not stop. */
function changesOf(source: Source, index: number): Change[] {
  const { samples, intervalMs, from, to } = source;
  if (!Number.isSafeInteger(intervalMs) || intervalMs <= 0) {
    throw new SourceInvalid('a source needs a positive interval in whole ms', { intervalMs });
  }
  const end = to ?? Infinity;
  const inside = samples.filter(({ at }) => at >= from && at < end);
  return inside.flatMap((sample, place) => {
    const until = Math.min(sample.at + intervalMs, sample.until ?? Infinity, end);
    const spoken: Change = { at: sample.at, source: index, hold: { sample, source, until } };
    const following = inside[place + 1];
    return following !== undefined && following.at <= until
      ? [spoken]
      : [spoken, { at: until, source: index, hold: null }];
  });
}

function worstOf(holding: readonly (Hold | null)[], at: number, isReading: boolean, intervalMs: number): Sample | null {
  const holds = holding.filter((hold) => hold !== null);
  if (holds.length === 0) return null;
  const until = Math.min(...holds.map((hold) => hold.until));
  const apart = disagreementOf(holds);
  return {
    at,
    low: Math.min(...holds.map(({ sample }) => sample.low)),
    high: Math.max(...holds.map(({ sample }) => sample.high)),
    humidityPermille: wettestOf(holds),
    // One that holds as long as the leg lets it says nothing of its own: so a leg with one source is as it always was.
    until: until >= at + intervalMs ? null : until,
    ...(isReading ? {} : { derived: true }),
    ...(apart === null ? {} : { apartMilliCelsius: apart }),
  };
}

/** The first instant of a leg is that of its own sources, not what the leg before ended with. */
function carriedOf(
  holding: readonly (Hold | null)[],
  leg: { readonly startedAt: number; readonly intervalMs: number },
): CombinedSources['carried'] {
  const holds = holding.filter((hold) => hold !== null && hold.until > leg.startedAt) as Hold[];
  if (holds.length === 0) return null;
  const at = Math.max(...holds.map(({ sample }) => sample.at));
  const worst = worstOf(holds, at, true, leg.intervalMs);
  if (worst === null) return null;
  const { low, high, humidityPermille = null, until = null } = worst;
  return { at, low, high, humidityPermille, until };
}

function wettestOf(holds: readonly Hold[]): number | null {
  const known = holds.map(({ sample }) => sample.humidityPermille ?? null).filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** The largest difference among sources that are further apart than both may be off; null: they agree. */
function disagreementOf(holds: readonly Hold[]): number | null {
  let largest: number | null = null;
  for (const [index, one] of holds.entries()) {
    for (const other of holds.slice(index + 1)) {
      if (one.source.accuracyMilliCelsius === null || other.source.accuracyMilliCelsius === null) continue;
      const apart = Math.max(one.sample.high - other.sample.low, other.sample.high - one.sample.low);
      if (apart <= one.source.accuracyMilliCelsius + other.source.accuracyMilliCelsius) continue;
      largest = Math.max(largest ?? 0, apart);
    }
  }
  return largest;
}
