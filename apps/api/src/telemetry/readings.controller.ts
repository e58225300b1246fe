import type { EntityTransaction } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import { type Reading, readingsOfRow } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { objectKeysOf } from '../verification/object-keys.js';
import { subjectOf } from '../verification/scanned-code.js';
import { profilesOf } from '../verification/verdict.queries.js';
import { decimate, gapsOf } from './decimate.js';
import { episodesOf } from './episodes.js';
import { excursionsOf, legsOfUnits, type LegSeriesRow, seriesOf } from './readings.queries.js';

interface Window {
  readonly from: number;
  readonly to: number;
}

/** Temperatures of what a code names, for a chart. */
@Controller()
export class ReadingsController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('getReadings')
  async readings(@Req() request: ContextRequest, @Input() { query }: InputOf<'getReadings'>): Promise<unknown> {
    const now = this.clock.now();
    const subject = subjectOf(query.code, now);
    return this.work.read(request, async (tx) => {
      const { unitKeys } = await objectKeysOf(tx, subject);
      const legs = await legsOfUnits(tx, unitKeys);
      const asked: Window = {
        from: query.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(query.from),
        to: query.to === undefined ? now : Date.parse(query.to),
      };
      const measured: MeasuredLeg[] = [];
      for (const leg of legs) {
        const window = {
          from: Math.max(leg.started_at.getTime(), asked.from),
          to: Math.min(leg.ended_at?.getTime() ?? now, asked.to),
        };
        if (window.from <= window.to) measured.push({ leg, window, readings: await readingsOf(tx, leg, window) });
      }
      const excursions = await excursionsOf(
        tx,
        legs.map((leg) => leg.id),
      );
      return {
        ...summaryOf(measured),
        limits: await limitsOf(tx, legs),
        series: measured.map((one) => seriesAnswer(one, measured, query.points)),
        excursions: excursions.map((row) => ({
          profile: row.profile,
          rule: row.rule,
          from: row.opened_at.toISOString(),
          to: row.closed_at?.toISOString() ?? null,
          durationMs: row.duration_ms,
          extremeMilliCelsius: row.extreme_milli_celsius,
        })),
        episodes: episodesAnswer(excursions, legs, now),
      };
    });
  }
}

interface MeasuredLeg {
  readonly leg: LegSeriesRow;
  readonly window: Window;
  readonly readings: readonly Reading[];
}

/** Readings of a leg inside a window, ascending, each time once (two gateways may hear one logger). */
async function readingsOf(tx: EntityTransaction, leg: LegSeriesRow, window: Window): Promise<readonly Reading[]> {
  const rows = await seriesOf(tx, leg.logger_id, new Date(window.from), new Date(window.to));
  const byTime = rows
    .flatMap((row) => [...readingsOfRow(row)])
    .filter(({ at }) => at >= window.from && at <= window.to)
    .sort((a, b) => a.at - b.at || a.milliCelsius - b.milliCelsius);
  return byTime.filter(({ at, milliCelsius }, index) => {
    const before = byTime[index - 1];
    return before === undefined || before.at !== at || before.milliCelsius !== milliCelsius;
  });
}

function summaryOf(measured: readonly MeasuredLeg[]): Record<string, unknown> {
  let [count, coldest, hottest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { readings } of measured) {
    for (const { milliCelsius } of readings) {
      coldest = Math.min(coldest, milliCelsius);
      hottest = Math.max(hottest, milliCelsius);
    }
    count += readings.length;
  }
  const { from, to } = spanOf(measured);
  return {
    from: measured.length === 0 ? null : new Date(from).toISOString(),
    to: measured.length === 0 ? null : new Date(to).toISOString(),
    readings: count,
    coldestMilliCelsius: count === 0 ? null : coldest,
    hottestMilliCelsius: count === 0 ? null : hottest,
  };
}

const spanOf = (measured: readonly MeasuredLeg[]): Window => ({
  from: Math.min(...measured.map(({ window }) => window.from)),
  to: Math.max(...measured.map(({ window }) => window.to)),
});

/** One bucket length for all legs, so that their points share one scale. */
function seriesAnswer(one: MeasuredLeg, all: readonly MeasuredLeg[], points: number): unknown {
  const { leg, window, readings } = one;
  const span = spanOf(all);
  return {
    logger: leg.logger,
    sscc: leg.sscc,
    from: new Date(window.from).toISOString(),
    to: leg.ended_at?.toISOString() ?? null,
    uncalibratedSince: leg.uncalibrated_since?.toISOString() ?? null,
    points: decimate(readings, span.from, span.to, points).map(({ at, low, high }) => [at, low, high]),
    gaps: gapsOf(readings, window.from, window.to, leg.interval_ms ?? 0).map((gap) => ({
      from: new Date(gap.from).toISOString(),
      to: new Date(gap.to).toISOString(),
    })),
  };
}

/** The next reading, also the first of the next leg, comes within an interval; one more for a clock that jitters. */
const TOUCHING_INTERVALS = 2;

function episodesAnswer(
  excursions: Awaited<ReturnType<typeof excursionsOf>>,
  legs: readonly LegSeriesRow[],
  now: number,
): unknown {
  const stored = excursions.map((row) => ({
    leg: row.leg_id,
    rule: row.rule,
    from: row.opened_at.getTime(),
    to: row.closed_at?.getTime() ?? null,
    durationMs: row.duration_ms,
    extremeMilliCelsius: row.extreme_milli_celsius,
  }));
  const touchMs = TOUCHING_INTERVALS * Math.max(0, ...legs.map((leg) => leg.interval_ms ?? 0));
  return episodesOf(stored, now, touchMs).map((episode) => ({
    ...episode,
    from: new Date(episode.from).toISOString(),
    to: episode.to === null ? null : new Date(episode.to).toISOString(),
  }));
}

async function limitsOf(tx: EntityTransaction, legs: readonly LegSeriesRow[]): Promise<unknown> {
  const ids = [...new Set(legs.flatMap((leg) => leg.profiles))];
  return (await profilesOf(tx, ids)).map(({ id, profile }) => ({ profile: id, ...profile.storage }));
}
