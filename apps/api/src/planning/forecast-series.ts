import {
  type DayNumber,
  dayAfter,
  daysIn,
  type DemandHistory,
  fitDemand,
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

/** All that a forecast is made of. Its JSON is kept, and its digest names it. */
export interface ForecastInput {
  /** Of this form. */
  readonly version: 1;
  readonly frequency: Frequency;
  readonly horizon: number;
  readonly quantities: readonly (number | null)[];
  readonly available: readonly number[];
  readonly lastDay: DayNumber;
  readonly policy: ReorderPolicy;
  /** Base units. */
  readonly minimumOrder: number;
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
  readonly reorder: ReorderPlan;
}

/** A document as text, or why there is none. */
export type SeriesOutcome =
  | { readonly ok: true; readonly model: string; readonly document: string }
  | { readonly ok: false; readonly code: string; readonly detail: string };

const LEVELS = [80, 95] as const;

/** Makes a forecast of the text of an input: the same text gives the same text. */
export function forecastSeries(inputText: string): SeriesOutcome {
  const input = JSON.parse(inputText) as ForecastInput;
  try {
    const document = documentOf(input);
    return { ok: true, model: document.model, document: JSON.stringify(document) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ok: false, code: String(error.code), detail: error.message };
  }
}

function documentOf({ frequency, horizon, policy, ...input }: ForecastInput): ForecastDocument {
  const history: DemandHistory = { quantities: input.quantities, available: input.available, frequency };
  const demand = fitDemand(history, Math.max(horizon, horizonFor(policy)));
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
  return { model: demand.model, frequency, steps, service: policy.service, reorder };
}

/** Service levels of a what-if. */
const SERVICES = [0.8, 0.9, 0.95, 0.97, 0.99] as const;

/** What other service levels would take and give, from the text of an input. @throws ForecastError */
export function whatIfService(inputText: string): { readonly service: number; readonly choices: ServiceChoice[] } {
  const { frequency, policy, ...input } = JSON.parse(inputText) as ForecastInput;
  const history: DemandHistory = { quantities: input.quantities, available: input.available, frequency };
  const demand = fitDemand(history, horizonFor(policy));
  // An order of a review interval's demand, as the levels assume.
  const { meanPerPeriod } = reorderPlan(demand, policy, input.minimumOrder);
  const perOrder = Math.max(meanPerPeriod * policy.review, input.minimumOrder);
  const choices = serviceChoices(demand, policy, SERVICES, perOrder).map((choice) => ({
    service: choice.service,
    reorderPoint: rounded(choice.reorderPoint),
    safetyStock: rounded(choice.safetyStock),
    expectedShortage: rounded(choice.expectedShortage),
    fillRate: rounded(choice.fillRate),
  }));
  return { service: policy.service, choices };
}

/** Days as periods of a frequency. */
export const periodsOf = (days: number, frequency: Frequency): number => days / daysIn(frequency);
