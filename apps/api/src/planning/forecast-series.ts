import {
  type BaseForecast,
  baseForecast,
  type DayNumber,
  dayAfter,
  daysIn,
  type DemandHistory,
  fitDemand,
  type FittedDemand,
  formatDay,
  type Frequency,
  horizonFor,
  reorderPlan,
  type ReorderPlan,
  type ReorderPolicy,
  rounded,
  type ServiceChoice,
  serviceChoices,
  stepsOf,
} from '@coldchain/forecast';
import { DomainError } from '@coldchain/kernel';
import type { ServiceBasis } from './abc-classes.js';

/** All that a forecast is made of. Its JSON is kept, and its digest names it. */
export interface ForecastInput {
  /** Of this form; 1 had neither season nor class, and was not reconciled. */
  readonly version: 1 | 2;
  readonly frequency: Frequency;
  readonly horizon: number;
  readonly quantities: readonly (number | null)[];
  readonly available: readonly number[];
  readonly lastDay: DayNumber;
  readonly policy: ReorderPolicy;
  /** Base units. */
  readonly minimumOrder: number;
  /** Season of the other series of the group, from the first period on; null: none is known. */
  readonly season?: readonly number[] | null;
  /** Means that add up over the sites of the product, and stand for those of the series' own model; null: they do not. */
  readonly reconciled?: readonly number[] | null;
  /** What the service level was chosen by; null: it was told. */
  readonly serviceBasis?: ServiceBasis | null;
}

/** One step; quantities in base units. */
export interface ForecastDocumentStep {
  /** First day of the period. */
  readonly from: string;
  readonly step: number;
  readonly mean: number;
  readonly lower80: number;
  readonly upper80: number;
  readonly lower95: number;
  readonly upper95: number;
}

/** What comes out. Its JSON is kept as it is. */
export interface ForecastDocument {
  readonly model: string;
  readonly frequency: Frequency;
  readonly steps: readonly ForecastDocumentStep[];
  readonly service: number;
  /** null: the service level was told. */
  readonly serviceBasis: ServiceBasis | null;
  /** The means add up over the sites of the product. */
  readonly reconciled: boolean;
  readonly reorder: ReorderPlan;
}

/** A document that was kept; those of before there were classes and sites were reconciled have neither. */
export const storedDocument = (text: string): ForecastDocument => ({
  serviceBasis: null,
  reconciled: false,
  ...(JSON.parse(text) as Omit<ForecastDocument, 'serviceBasis' | 'reconciled'>),
});

/** A document as text, or why there is none. */
export type SeriesOutcome =
  | { readonly ok: true; readonly model: string; readonly document: string }
  | { readonly ok: false; readonly code: string; readonly detail: string };

/** What the series' own model says, or why there is nothing. */
export type BaseOutcome =
  | { readonly ok: true; readonly base: BaseForecast }
  | { readonly ok: false; readonly code: string; readonly detail: string };

const LEVELS = [80, 95] as const;

/** Makes a forecast of the text of an input: the same text gives the same text. */
export function forecastSeries(inputText: string): SeriesOutcome {
  return outcomeOf(inputText, (input) => {
    const document = documentOf(input);
    return { ok: true, model: document.model, document: JSON.stringify(document) };
  });
}

/** Forecasts of the series' own model, before sites are reconciled, as far ahead as its document will need them. */
export function baseOfSeries(inputText: string): BaseOutcome {
  return outcomeOf(inputText, (input) => ({
    ok: true,
    base: baseForecast(historyOf(input), stepsNeeded(input), seasonOf(input)),
  }));
}

function outcomeOf<Outcome>(inputText: string, make: (input: ForecastInput) => Outcome) {
  const input = JSON.parse(inputText) as ForecastInput;
  try {
    return make(input);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ok: false, code: String(error.code), detail: error.message } as const;
  }
}

const historyOf = ({ quantities, available, frequency }: ForecastInput): DemandHistory => ({
  quantities,
  available,
  frequency,
});

const stepsNeeded = ({ horizon, policy }: ForecastInput): number => Math.max(horizon, horizonFor(policy));

const seasonOf = ({ season = null }: ForecastInput): Float64Array | undefined =>
  season === null ? undefined : Float64Array.from(season);

/** The model of an input. Its errors are those of the series' own model: reconciling seldom makes them greater. */
function fitOf(input: ForecastInput, horizon: number): FittedDemand {
  const demand = fitDemand(historyOf(input), horizon, seasonOf(input));
  const { reconciled = null } = input;
  if (reconciled === null) return demand;
  const forecast = demand.fitted.forecast.map((own, h) => reconciled[h] ?? own);
  return { ...demand, fitted: { ...demand.fitted, forecast } };
}

function documentOf(input: ForecastInput): ForecastDocument {
  const { frequency, horizon, policy, serviceBasis = null, reconciled = null } = input;
  const demand = fitOf(input, stepsNeeded(input));
  const steps = stepsOf(demand, { horizon, levels: LEVELS }).map(({ step, mean, intervals }) => {
    const [inner, outer] = intervals;
    return {
      from: formatDay(dayAfter(input.lastDay, frequency, step - 1) + 1),
      step,
      mean,
      lower80: inner?.lower ?? mean,
      upper80: inner?.upper ?? mean,
      lower95: outer?.lower ?? mean,
      upper95: outer?.upper ?? mean,
    };
  });
  const reorder = reorderPlan(demand, policy, input.minimumOrder);
  return {
    model: demand.model,
    frequency,
    steps,
    service: policy.service,
    serviceBasis,
    reconciled: reconciled !== null,
    reorder,
  };
}

/** Service levels of a what-if. */
const SERVICES = [0.8, 0.9, 0.95, 0.97, 0.99] as const;

/** What other service levels would take and give, from the text of an input. @throws ForecastError */
export function whatIfService(inputText: string): { readonly service: number; readonly choices: ServiceChoice[] } {
  const input = JSON.parse(inputText) as ForecastInput;
  const { policy } = input;
  const demand = fitOf(input, horizonFor(policy));
  // An order of a review interval's demand, as the levels assume.
  const { meanPerPeriod } = reorderPlan(demand, policy, input.minimumOrder);
  const perOrder = Math.max(meanPerPeriod * policy.review, input.minimumOrder);
  const choices = serviceChoices(demand, policy, SERVICES, perOrder).map((choice) => ({
    service: choice.service,
    reached: rounded(choice.reached),
    reorderPoint: rounded(choice.reorderPoint),
    safetyStock: rounded(choice.safetyStock),
    expectedShortage: rounded(choice.expectedShortage),
    fillRate: rounded(choice.fillRate),
  }));
  return { service: policy.service, choices };
}

/** Days as periods of a frequency. */
export const periodsOf = (days: number, frequency: Frequency): number => days / daysIn(frequency);
