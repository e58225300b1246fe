import type { UnitEvidenceAnswer } from '@coldchain/api-contract';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import {
  type ArrivalForecast,
  type BudgetForecast,
  combineSources,
  type Exposure,
  forecastBudget,
  mergeReadings,
  readingsOfRow,
  type Sample,
} from '@coldchain/telemetry';
import { seriesOf } from '../telemetry/readings.queries.js';
import { percentOf } from '../verification/temperature.js';
import { durationText, instantText } from '../verification/verdict-claims.js';
import type { EvidenceLegRow } from './unit-evidence.queries.js';

type ForecastAnswer = NonNullable<UnitEvidenceAnswer['budgets'][number]['forecast']>;

/** As far back as a slope is looked for. */
const NEWEST_MS = 2 * 3_600_000;

/** The newest samples of an open leg, of all its sources; of loggers that are not visible only what holds now. */
export async function newestSamples(
  transaction: OrganisationTransaction,
  leg: EvidenceLegRow | undefined,
  now: number,
): Promise<readonly Sample[]> {
  if (leg === undefined) return [];
  const sources = [];
  for (const source of leg.sources.filter(({ to }) => to === null)) {
    const rows = await seriesOf(transaction, source.loggerId, new Date(now - NEWEST_MS), new Date(now));
    const samples = mergeReadings(rows.flatMap((row) => [...readingsOfRow(row)]));
    const { from, to, intervalMs } = source;
    sources.push({ samples, from, to, intervalMs: intervalMs ?? NEWEST_MS, accuracyMilliCelsius: null });
  }
  const startedAt = Math.max(leg.started_at.getTime(), now - NEWEST_MS);
  const intervalMs = Math.max(1, ...sources.map((source) => source.intervalMs));
  const { samples } = combineSources(sources, { startedAt, intervalMs });
  if (samples.length > 0) return samples.filter(({ at }) => at <= now);
  return leg.last === null ? [] : [leg.last];
}

/** What is known when it is asked. */
export interface ArrivalQuestion {
  readonly profile: ProductProfile;
  readonly spent: Exposure;
  readonly samples: readonly Sample[];
  readonly now: number;
  readonly shippedAt: number;
  readonly laneHistoryMs: readonly number[];
}

/** The budget at arrival, with what people read of it. */
export function arrivalForecast(question: ArrivalQuestion): ForecastAnswer {
  const forecast = forecastBudget(question);
  const answer = (arrival: ArrivalForecast | null) =>
    arrival === null
      ? null
      : {
          arrivesAt: new Date(arrival.arrivesAt).toISOString(),
          spentPercent: percentOf(arrival.exposure, question.profile),
          exceeded: arrival.exceeded,
          frozen: arrival.freezeTripped,
          brokenAt: arrival.brokenAt === null ? null : new Date(arrival.brokenAt).toISOString(),
        };
  return {
    slopeMilliCelsiusPerHour: forecast.slopePerHour,
    transits: question.laneHistoryMs.length,
    median: answer(forecast.median),
    late: answer(forecast.late),
    sentence: sentenceOf(forecast, question),
  };
}

function sentenceOf(
  { median, late }: BudgetForecast,
  { profile, samples, laneHistoryMs, now }: ArrivalQuestion,
): string {
  if (laneHistoryMs.length === 0) return 'No earlier transit of this lane is known: its arrival cannot be forecast.';
  if (samples.length === 0 || median === null || late === null) {
    return 'Nothing was measured lately: what it will be at arrival cannot be forecast.';
  }
  const broken = median.brokenAt ?? late.brokenAt;
  if (broken !== null) {
    const when = median.brokenAt === null ? 'if it arrives late' : 'before it arrives';
    return `If this goes on, its limits are broken at ${instantText(broken)}, in ${durationText(broken - now)}, ${when}: reroute it or cool it.`;
  }
  return `It is expected at ${instantText(median.arrivesAt)} with ${percentOf(median.exposure, profile)} % of its allowed time spent.`;
}
