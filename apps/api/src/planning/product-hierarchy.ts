import {
  type BaseForecast,
  type DemandHistory,
  ForecastError,
  productTotal,
  type ProductTotal,
  reconcileSites,
  rounded,
} from '@coldchain/forecast';
import type { BaseOutcome, ForecastInput } from './forecast-series.js';

/** Makes the forecasts of series' own models, in the order of the inputs. */
export type BaseForecaster = (inputs: readonly string[]) => Promise<BaseOutcome[]>;

/** An input, and what its series is of. */
export interface SiteInput {
  readonly product: string;
  readonly source: string;
  readonly input: ForecastInput;
}

/**
 * Inputs whose forecasts add up over the sites of each product: what reconciling gave goes into the input of every site, so
 * that each forecast can be made again from its own input. Sites of one product add up where they know the same kind of
 * demand until the same day; a site that knows of none, cannot be forecast or is young stays with its own model, and so
 * does everything where fewer than two sites are left.
 */
export async function reconciledInputs(
  sites: readonly SiteInput[],
  forecast: BaseForecaster,
): Promise<ForecastInput[]> {
  const inputs = sites.map(({ input }) => input);
  const families = familiesOf(sites).filter(({ length }) => length > 1);
  const own = families.flat();
  const outcomes = await forecast(own.map((at) => textOf(inputs, at)));
  const bases = new Map<number, BaseForecast>();
  outcomes.forEach((outcome, i) => {
    const at = own[i];
    if (at !== undefined && outcome.ok && outcome.base.model !== 'no-demand@1') bases.set(at, outcome.base);
  });
  const totals = families.flatMap((family) => totalOf(family, inputs, bases) ?? []);
  const sums = await forecast(totals.map(({ input }) => JSON.stringify(input)));
  totals.forEach(({ members }, i) => {
    const sum = sums[i];
    if (sum?.ok !== true) return;
    const reconciled = reconcileSites(
      sum.base,
      members.map(({ base }) => base),
    );
    members.forEach(({ at }, member) => {
      const input = inputs[at];
      const values = reconciled[member];
      if (input !== undefined && values !== undefined) {
        inputs[at] = { ...input, reconciled: Array.from(values, rounded) };
      }
    });
  });
  return inputs;
}

/** Indices of the inputs that add up, by product, kind of demand and last day. */
function familiesOf(sites: readonly SiteInput[]): number[][] {
  const families = new Map<string, number[]>();
  sites.forEach(({ product, source, input }, at) => {
    const name = JSON.stringify([product, source, input.lastDay]);
    const family = families.get(name);
    if (family === undefined) families.set(name, [at]);
    else family.push(at);
  });
  return [...families.values()];
}

interface Member {
  readonly at: number;
  readonly base: BaseForecast;
}

/** The total of a family as an input of its own; nothing when it cannot be added up. */
function totalOf(
  family: readonly number[],
  inputs: readonly ForecastInput[],
  bases: ReadonlyMap<number, BaseForecast>,
): { readonly input: ForecastInput; readonly members: readonly Member[] } | undefined {
  const members: Member[] = [];
  for (const at of family) {
    const base = bases.get(at);
    if (base !== undefined) members.push({ at, base });
  }
  const total = addedUp(members.map(({ at }) => historyOf(inputs, at)));
  const [first] = members;
  const input = first === undefined ? undefined : inputs[first.at];
  if (total === null || input === undefined) return undefined;
  const { quantities } = total.history;
  return {
    input: { ...input, quantities, available: quantities.map(() => 1), season: null },
    members: total.members.flatMap((index) => members[index] ?? []),
  };
}

function addedUp(histories: readonly DemandHistory[]): ProductTotal | null {
  try {
    return productTotal(histories);
  } catch (error) {
    if (error instanceof ForecastError) return null;
    throw error;
  }
}

function historyOf(inputs: readonly ForecastInput[], at: number): DemandHistory {
  const input = inputs[at];
  if (input === undefined) throw new Error('a member of a product has no input');
  return { quantities: input.quantities, available: input.available, frequency: input.frequency };
}

function textOf(inputs: readonly ForecastInput[], at: number): string {
  return JSON.stringify(inputs[at]);
}
