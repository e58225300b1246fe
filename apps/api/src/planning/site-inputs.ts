import { groupSeasons, periodOf, rounded, serviceLevelFor } from '@coldchain/forecast';
import { LEAST_CLASS, type ProductClass } from './abc-classes.js';
import type { PlanningHistory } from './demand-history.js';
import { type ForecastInput, periodsOf } from './forecast-series.js';
import type { KeyedHistory } from './history-reader.js';
import type { PlanningGroup } from './planning-work.js';
import type { PlanningSetting } from './planning.queries.js';

/** Without an article: a week to deliver, a look each week, as an essential product. */
const USUAL_DAYS = 7;

/** A product at a site of which some demand is known, with what its forecast is made of. */
export interface KnownSite extends KeyedHistory {
  readonly history: PlanningHistory;
  readonly input: ForecastInput;
}

/** What goes into the forecasts of groups, in their order; nothing for series of which nothing is known. */
export function siteInputs(
  groups: readonly PlanningGroup[],
  histories: readonly KeyedHistory[],
  setting: PlanningSetting,
  classes: ReadonlyMap<string, ProductClass>,
): KnownSite[] {
  const { frequency } = setting;
  const known = new Map(histories.map((one) => [one.key, one]));
  return groups.flatMap((group) => {
    const members = [...group.keys, ...group.others].flatMap((key) => {
      const { article = null, history = null } = known.get(key) ?? {};
      return history === null ? [] : [{ key, article, history }];
    });
    const seasons = groupSeasons(
      members.map(({ history: { quantities, available, firstDay } }) => ({
        history: { quantities, available, frequency },
        firstPeriod: periodOf(firstDay, frequency),
      })),
    );
    const chosen = new Set(group.keys);
    return members.flatMap((member, at) => {
      if (!chosen.has(member.key)) return [];
      const productClass = classes.get(member.key.product) ?? LEAST_CLASS;
      return [{ ...member, input: inputOf(member, setting, seasons[at] ?? null, productClass) }];
    });
  });
}

function inputOf(
  { article, history }: KeyedHistory & { readonly history: PlanningHistory },
  { frequency, horizon }: PlanningSetting,
  season: Float64Array | null,
  productClass: ProductClass,
): ForecastInput {
  const { quantities, available, lastDay } = history;
  const told = article?.service ?? null;
  const ven = article?.ven ?? 'essential';
  return {
    version: 2,
    frequency,
    horizon,
    quantities,
    available,
    lastDay,
    policy: {
      leadTime: periodsOf(article?.leadTimeDays ?? USUAL_DAYS, frequency),
      leadTimeSpread: periodsOf(article?.leadTimeSpreadDays ?? 0, frequency),
      review: periodsOf(article?.reviewDays ?? USUAL_DAYS, frequency),
      service: told ?? serviceLevelFor(ven, productClass.abc),
    },
    minimumOrder: article?.minimumOrder ?? 0,
    season: season === null ? null : Array.from(season, rounded),
    reconciled: null,
    serviceBasis: told === null ? { ...productClass, ven } : null,
  };
}
