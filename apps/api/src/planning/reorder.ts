import type { AnswerOf } from '@coldchain/api-contract';
import { daysIn, orderByPlan, periodsOfStock } from '@coldchain/forecast';
import { type ForecastAge, forecastAge } from './forecast-age.js';
import { storedDocument } from './forecast-series.js';
import type { Article, ArticlePack } from './planning.queries.js';
import { type LotInStock, stockLot } from './stock-position.js';
import type { ForecastRow } from './stock.queries.js';

type Advice = AnswerOf<'listReorder'>['advice'][number];

/** What advice on one product and site is given from. */
export interface AdviceFacts {
  readonly forecast: ForecastRow;
  /** null: a GTIN that belongs to no article. */
  readonly article: Article | null;
  readonly name: string;
  /** Stock of all packs of the article; null: of this site no stock is known. */
  readonly lots: readonly LotInStock[] | null;
  /** When the stock was counted; null: it is known from custody, or not at all. */
  readonly countedAt: Date | null;
  readonly now: number;
}

/** Without an article a pack is its own base unit, and is ordered one by one. */
const SINGLE: Omit<ArticlePack, 'gtin'> = { baseUnits: 1, packsPerCase: 1, role: 'current' };

/** The members that say where a forecast comes from. */
export const provenanceOf = (row: ForecastRow) => ({
  product: row.product,
  site: row.site,
  source: row.source as Advice['source'],
  model: row.model,
  job: row.job_id,
  computedAt: row.computed_at.toISOString(),
  windowFrom: row.window_from,
  windowUntil: row.window_until,
  inputSha256: row.input_sha256,
});

/** What a stored forecast still says. */
export const ageOf = (row: ForecastRow, now: number): ForecastAge =>
  forecastAge(storedDocument(row.document), row.window_until, now);

/** What is ordered: the pack that is current, or the product itself. */
function orderedPack({ forecast, article }: AdviceFacts): ArticlePack | null {
  if (article === null) return { ...SINGLE, gtin: forecast.product };
  return article.packs.find(({ role }) => role === 'current') ?? null;
}

/**
 * Advice from a forecast that was made before and the stock of now. A forecast that is out of date orders nothing: what it
 * does not know of may be a shortage as well as a shelf too full.
 */
export function adviceOf(facts: AdviceFacts): Advice {
  const { forecast, article, name, now } = facts;
  const document = storedDocument(forecast.document);
  const daysPerPeriod = daysIn(document.frequency);
  const pack = orderedPack(facts);
  const { baseUnits, packsPerCase } = pack ?? SINGLE;
  const baseUnitsOf = (gtin: string): number => article?.packs.find((one) => one.gtin === gtin)?.baseUnits ?? 1;
  const lots = (facts.lots ?? []).toSorted((one, other) =>
    one.expiry < other.expiry ? -1 : Number(one.expiry > other.expiry),
  );
  const quantityOf = (state: LotInStock['state']): number =>
    lots.filter((lot) => lot.state === state).reduce((sum, lot) => sum + lot.packs * baseUnitsOf(lot.gtin), 0);
  const onOrder = quantityOf('on-the-way');
  const here = lots.filter((lot) => lot.state !== 'on-the-way');
  const position = {
    lots: here.map((lot) => stockLot(lot, baseUnitsOf(lot.gtin), now, daysPerPeriod)),
    onOrder,
    packSize: baseUnits * packsPerCase,
    minimumOrder: article?.minimumOrder ?? 0,
  };
  const minimumRemaining = (article?.minimumRemainingDays ?? 0) / daysPerPeriod;
  const clock = { now, daysPerPeriod };
  const order = orderByPlan(document.reorder, position, clock, minimumRemaining, {
    baseUnitsPerPack: baseUnits,
    packsPerCase,
  });
  const { reorderPoint, orderUpTo, safetyStock, meanPerPeriod } = document.reorder;
  const periods = periodsOfStock(order.saleable, meanPerPeriod);
  const known = facts.lots !== null;
  const { outOfDate } = ageOf(forecast, now);
  return {
    ...provenanceOf(forecast),
    outOfDate,
    name,
    baseUnit: article?.baseUnit ?? 'pack',
    sentence: outOfDate ? outOfDateSentence(forecast) : sentenceOf(order.sentence, known, pack, reorderPoint),
    orderGtin: pack?.gtin ?? null,
    orderPacks: known && !outOfDate && pack !== null ? order.orderQuantity / baseUnits : 0,
    reorderPoint,
    orderUpTo,
    safetyStock,
    service: document.service,
    serviceBasis: document.serviceBasis,
    addsUp: document.reconciled,
    stock: known
      ? {
          countedAt: facts.countedAt?.toISOString() ?? null,
          saleable: order.saleable,
          onOrder,
          held: quantityOf('held'),
          recalled: quantityOf('recalled'),
          expired: quantityOf('expired'),
          withoutBudget: quantityOf('without-budget'),
          expectedWaste: order.expectedWaste,
          periodsOfStock: Number.isFinite(periods) && !outOfDate ? Math.round(periods * 100) / 100 : null,
        }
      : null,
    lots: lots.map((lot) => ({
      gtin: lot.gtin,
      lot: lot.lot,
      sscc: lot.sscc,
      expiry: lot.expiry,
      quantity: lot.packs * baseUnitsOf(lot.gtin),
      state: lot.state,
      budgetLeftPercent: lot.budgetLeftPercent,
    })),
  };
}

const outOfDateSentence = ({ window_until: until }: ForecastRow): string =>
  `The forecast is out of date: it knows demand until ${until}. Import what came since, or forecast anew`;

function sentenceOf(sentence: string, stockKnown: boolean, pack: ArticlePack | null, reorderPoint: number): string {
  if (!stockKnown) return `Stock unknown: count it. Order when it is down to ${Math.ceil(reorderPoint)}`;
  return pack === null ? 'Name the pack that is ordered: none of the article is current' : sentence;
}
