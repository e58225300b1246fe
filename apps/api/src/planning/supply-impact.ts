import type { AnswerOf } from '@coldchain/api-contract';
import { formatDay, supplyImpact, type SupplySite } from '@coldchain/forecast';
import { dailyDemand } from './forecast-age.js';
import { storedDocument } from './forecast-series.js';
import { type AdviceFacts, ageOf } from './reorder.js';
import type { FreeElsewhere } from './shared-stock.js';
import { stockLot } from './stock-position.js';

type Impact = AnswerOf<'getSupplyImpact'>;

/** Who asks for what lies further away has other means: days of a forecast that are looked at. */
const MOST_DAYS = 1_100;

/**
 * Which sites run dry, and when, without a batch; sites whose stock is not known are not among them. All is counted in
 * days: forecasts of the sites may have periods of different lengths, and began at different times. Of a site whose forecast
 * is out of date it says that, and counts on none of its stock.
 * @param elsewhere what other organisations share of theirs
 */
export function impactOf(
  facts: readonly AdviceFacts[],
  batchKey: string,
  elsewhere: readonly FreeElsewhere[] = [],
): Pick<Impact, 'affected' | 'freeStock'> {
  const judged = facts.flatMap(judgedSite);
  const bySite = new Map(judged.map((one) => [one.supply.site, one]));
  const { affected, freeStock: all } = supplyImpact(
    judged.map(({ supply }) => supply),
    batchKey,
  );
  const freeStock = all.filter(({ site }) => bySite.get(site)?.outOfDate === false);
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    affected: affected.map(({ site, lost, dryAfter, dryAfterWithout }) => {
      const { today = 0, outOfDate = true, until = today } = bySite.get(site) ?? {};
      const dayOf = (days: number | null): string | null =>
        days === null || outOfDate ? null : formatDay(Math.floor(today + days));
      const dryOnWithout = dayOf(dryAfterWithout);
      const free = freeStock.filter((other) => other.site !== site).reduce((sum, other) => sum + other.free, 0);
      return {
        site,
        lost: round(lost),
        dryOn: dayOf(dryAfter),
        dryOnWithout,
        sentence: [
          outOfDate
            ? 'The forecast is out of date: when it runs dry without it is not known'
            : dryOnWithout === null
              ? `Lasts beyond the forecast (until ${formatDay(until)}) without it`
              : `Runs dry on ${dryOnWithout} without it`,
          free > 0 ? `${round(free)} are free at other sites` : 'no other site of yours has free stock',
          ...elsewhereText(elsewhere),
        ].join('; '),
      };
    }),
    freeStock: freeStock.map(({ site, free }) => ({ site, free: round(free) })),
  };
}

/** Who else has how much, in so many words; nothing when nobody shares any. */
function elsewhereText(elsewhere: readonly FreeElsewhere[]): string[] {
  if (elsewhere.length === 0) return [];
  const free = Math.round(elsewhere.reduce((sum, other) => sum + other.free, 0) * 1000) / 1000;
  const names = [...new Set(elsewhere.map(({ name }) => name))];
  return [`${free} are free at ${names.length > 2 ? `${names.length} other organisations` : names.join(' and ')}`];
}

/** A site with what is known of its demand, in days. */
interface JudgedSite {
  readonly supply: SupplySite;
  readonly today: number;
  /** First day that is not looked at. */
  readonly until: number;
  readonly outOfDate: boolean;
}

function judgedSite({ forecast, article, lots, now }: AdviceFacts): JudgedSite[] {
  if (lots === null) return [];
  const { reorder } = storedDocument(forecast.document);
  const age = ageOf(forecast, now);
  const demand = dailyDemand(age, now, MOST_DAYS);
  const today = Math.floor(now / 86_400_000);
  const baseUnitsOf = (gtin: string): number => article?.packs.find((one) => one.gtin === gtin)?.baseUnits ?? 1;
  const here = lots.filter((lot) => lot.state !== 'on-the-way');
  return [
    {
      supply: {
        site: forecast.site,
        lots: here.map((lot) => stockLot(lot, baseUnitsOf(lot.gtin), now, 1)),
        demand,
        needed: reorder.reorderPoint,
      },
      today,
      until: today + demand.length,
      outOfDate: age.outOfDate,
    },
  ];
}
