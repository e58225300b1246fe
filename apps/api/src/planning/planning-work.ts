import type { EntityTransaction } from '@coldchain/database';
import type { JobInput } from './job.queries.js';
import { type Article, articlesLike, articlesOf, type PlanningKey, planningKeys } from './planning.queries.js';

/** Products of one substance, strength and form at all their sites: they are read together, and share a season. */
export interface PlanningGroup {
  /** To be forecast, product by product. */
  readonly keys: readonly PlanningKey[];
  /** The rest of the group: read for its season only. */
  readonly others: readonly PlanningKey[];
}

/**
 * What a job forecasts, group by group. A product is forecast at all of its sites, also when the job names one of them:
 * forecasts of sites add up to the product's, and those of different days would not.
 */
export async function planningWork(
  transaction: EntityTransaction,
  { product, site }: Pick<JobInput, 'product' | 'site'>,
): Promise<PlanningGroup[]> {
  if (product === undefined && site === undefined) {
    const keys = await planningKeys(transaction, {});
    return groupsOf(keys, keys, await articlesOf(transaction, productsOf(keys)));
  }
  const only = product === undefined ? undefined : [product];
  const asked = productsOf(await planningKeys(transaction, { products: only, site }));
  const articles = await articlesLike(transaction, asked);
  const products = [...new Set([...asked, ...articles.map(({ code }) => code)])];
  const keys = await planningKeys(transaction, { products });
  const chosen = new Set(asked);
  return groupsOf(
    keys,
    keys.filter((key) => chosen.has(key.product)),
    articles,
  );
}

/**
 * What is left of groups when forecasts of some products are prepared: these are read for the season only. Articles can be
 * put into other groups while a job waits to go on: what lies beside a prepared product is still to be forecast.
 */
export function groupsLeft(groups: readonly PlanningGroup[], prepared: ReadonlySet<string>): PlanningGroup[] {
  return groups.flatMap(({ keys, others }) => {
    const left = keys.filter(({ product }) => !prepared.has(product));
    return left.length === 0 ? [] : [{ keys: left, others: [...others, ...keys.filter((key) => !left.includes(key))] }];
  });
}

/** Groups that are prepared together: small ones until they are enough, a great one by itself. */
export function* groupsInSteps(groups: readonly PlanningGroup[], most: number): Generator<PlanningGroup[]> {
  let step: PlanningGroup[] = [];
  let series = 0;
  for (const group of groups) {
    const size = group.keys.length + group.others.length;
    if (step.length > 0 && series + size > most) {
      yield step;
      [step, series] = [[], 0];
    }
    step.push(group);
    series += size;
  }
  if (step.length > 0) yield step;
}

function groupsOf(
  all: readonly PlanningKey[],
  chosen: readonly PlanningKey[],
  articles: readonly Article[],
): PlanningGroup[] {
  const names = new Map(articles.map((article) => [article.code, groupName(article)]));
  const groups = new Map<string, { readonly keys: PlanningKey[]; readonly others: PlanningKey[] }>();
  const isChosen = new Set(chosen);
  for (const key of all) {
    const name = names.get(key.product) ?? key.product;
    const group = groups.get(name) ?? { keys: [], others: [] };
    groups.set(name, group);
    (isChosen.has(key) ? group.keys : group.others).push(key);
  }
  return [...groups.values()];
}

const productsOf = (keys: readonly PlanningKey[]): string[] => [...new Set(keys.map(({ product }) => product))];

/** No code of a product has a line break. */
const groupName = ({ substance, strength, form }: Article): string =>
  [substance, strength, form].map((part) => part.trim().toLowerCase()).join('\n');
