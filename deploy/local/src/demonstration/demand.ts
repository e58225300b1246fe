import { SeededRandom } from '@coldchain/kernel';
import type { ApiClient } from './api-client.js';
import { type DemonstrationProduct, TABLET, VACCINE } from './catalogue.js';

const WEEK_MS = 7 * 86_400_000;
/** Three years of weeks. */
const WEEKS = 156;

/** How much of a product a pharmacy gives out in a week, in base units. */
interface DemandedProduct {
  readonly product: DemonstrationProduct;
  readonly article: {
    readonly code: string;
    readonly substance: string;
    readonly strength: string;
    readonly form: string;
    readonly baseUnit: string;
    readonly ven: 'vital' | 'essential' | 'necessary';
    readonly leadTimeDays: number;
    readonly minimumRemainingDays: number;
  };
  readonly baseUnits: number;
  readonly packsPerCase: number;
  /** Packs in a week, and by how much of it the season and chance move it. */
  readonly packs: number;
  readonly season: number;
  readonly chance: number;
}

const DEMANDED: readonly DemandedProduct[] = [
  {
    product: VACCINE,
    article: {
      code: 'auroravax-0.5ml',
      substance: 'Auroravax',
      strength: '0.5 ml',
      form: 'suspension for injection',
      baseUnit: 'dose',
      ven: 'vital',
      leadTimeDays: 4,
      minimumRemainingDays: 30,
    },
    baseUnits: 1,
    packsPerCase: 10,
    packs: 3,
    season: 0.6,
    chance: 0.5,
  },
  {
    product: TABLET,
    article: {
      code: 'aurorazepin-20mg-tablet',
      substance: 'Aurorazepin',
      strength: '20 mg',
      form: 'tablet',
      baseUnit: 'tablet',
      ven: 'essential',
      leadTimeDays: 3,
      minimumRemainingDays: 90,
    },
    baseUnits: 30,
    packsPerCase: 10,
    packs: 2.5,
    season: 0.1,
    chance: 0.6,
  },
];

/**
 * What two pharmacies gave out before they used the platform, told as a list, and what their articles are; forecasts of it
 * are asked for.
 */
export async function tellDemand(api: ApiClient, pharmacies: readonly string[], now: number): Promise<void> {
  for (const pharmacy of pharmacies) {
    for (const { product, article, baseUnits, packsPerCase } of DEMANDED) {
      const packs = [{ gtin: product.gtin, baseUnits, packsPerCase, role: 'current' }];
      await api.post(pharmacy, 'quality', '/v1/articles', { ...article, packs });
    }
    await api.postCsv(pharmacy, 'quality', '/v1/demand', demandList(pharmacy, now));
    await api.post(pharmacy, 'quality', '/v1/jobs', { kind: 'forecast' });
  }
}

function demandList(pharmacy: string, now: number): string {
  const random = new SeededRandom(pharmacy);
  const rows = DEMANDED.flatMap(({ product, packs, season, chance }) =>
    Array.from({ length: WEEKS }, (_, week) => {
      const at = now - (WEEKS - week) * WEEK_MS;
      // Highest in the middle of October, when vaccination begins.
      const yearly = Math.cos((2 * Math.PI * (at / 86_400_000 - 288)) / 365.25);
      const expected = packs * (1 + season * yearly);
      const given = Math.max(0, Math.round(expected + packs * chance * (random.unit() + random.unit() - 1)));
      return `${product.gtin},${new Date(at).toISOString().slice(0, 10)},${given}\n`;
    }),
  );
  return `product,date,quantity\n${rows.join('')}`;
}
