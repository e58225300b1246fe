import type { AnswerOf } from '@coldchain/api-contract';
import { daysIn, formatDay, supplyImpact, type SupplySite } from '@coldchain/forecast';
import type { ForecastDocument } from './forecast-series.js';
import type { AdviceFacts } from './reorder.js';
import { stockLot } from './stock-position.js';

type Impact = AnswerOf<'getSupplyImpact'>;

/** Which sites run dry, and when, without a batch; sites whose stock is not known are not among them. */
export function impactOf(facts: readonly AdviceFacts[], batchKey: string): Pick<Impact, 'affected' | 'freeStock'> {
  const [first] = facts;
  if (first === undefined) return { affected: [], freeStock: [] };
  const { now } = first;
  const daysPerPeriod = daysIn((JSON.parse(first.forecast.document) as ForecastDocument).frequency);
  const { affected, freeStock } = supplyImpact(
    facts.flatMap((one) => siteOf(one, daysPerPeriod)),
    batchKey,
  );
  const dayOf = (periods: number | null): string | null =>
    periods === null ? null : formatDay(Math.floor(now / 86_400_000 + periods * daysPerPeriod));
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    affected: affected.map(({ site, lost, dryAfter, dryAfterWithout }) => {
      const dryOnWithout = dayOf(dryAfterWithout);
      const free = freeStock.filter((other) => other.site !== site).reduce((sum, other) => sum + other.free, 0);
      return {
        site,
        lost: round(lost),
        dryOn: dayOf(dryAfter),
        dryOnWithout,
        sentence: [
          dryOnWithout === null ? 'Stays in stock without it' : `Runs dry on ${dryOnWithout} without it`,
          free > 0 ? `${round(free)} are free at other sites` : 'no other site of yours has free stock',
        ].join('; '),
      };
    }),
    freeStock: freeStock.map(({ site, free }) => ({ site, free: round(free) })),
  };
}

function siteOf({ forecast, article, lots, now }: AdviceFacts, daysPerPeriod: number): SupplySite[] {
  if (lots === null) return [];
  const document = JSON.parse(forecast.document) as ForecastDocument;
  const baseUnitsOf = (gtin: string): number => article?.packs.find((one) => one.gtin === gtin)?.baseUnits ?? 1;
  const here = lots.filter((lot) => lot.state !== 'on-the-way');
  return [
    {
      site: forecast.site,
      lots: here.map((lot) => stockLot(lot, baseUnitsOf(lot.gtin), now, daysPerPeriod)),
      demand: document.steps.map(({ mean }) => mean),
      needed: document.reorder.reorderPoint,
    },
  ];
}
