import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';
import { csvField } from '../demand/csv-lines.js';

interface Keyed {
  readonly product: string;
  readonly site: string;
}

/** A product at a site as one series of a CSV file. */
const seriesOf = ({ product, site }: Keyed): string => csvField(`${product}@${site}`);

/** Every entry of a paged list, as JSON lines or by `line` with `header` before. */
async function print<Entry>(
  invocation: Invocation,
  path: string,
  member: string,
  names: readonly string[],
  header: string | null,
  line: (entry: Entry) => string | null,
): Promise<ExitCode> {
  const { options, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser', 'auditor']));
  const query = Object.fromEntries(
    names.flatMap((name) => {
      const value = options.text(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  if (header !== null && !json) terminal.out(header);
  for await (const page of client.pages(path, query)) {
    for (const entry of (page as Record<string, readonly Entry[]>)[member] ?? []) {
      const text = json ? JSON.stringify(entry) : line(entry);
      if (text !== null && text !== '') terminal.out(text);
    }
  }
  return 0;
}

interface Demand extends Keyed {
  readonly periods: readonly { readonly from: string; readonly quantity: number | null; readonly available: number }[];
}

/** Demand as `coldchain forecast` reads it. */
export function runPlanDemand(invocation: Invocation): Promise<ExitCode> {
  const header = 'series,date,quantity,available';
  return print<Demand>(invocation, '/v1/demand', 'series', ['product', 'site', 'frequency'], header, (series) =>
    series.periods
      .map(({ from, quantity, available }) =>
        [seriesOf(series), from, quantity ?? '', Number(available.toFixed(4))].join(','),
      )
      .join('\n'),
  );
}

interface Forecast extends Keyed {
  readonly model: string;
  readonly steps: readonly {
    readonly from: string;
    readonly step: number;
    readonly mean: number;
    readonly lower80: number;
    readonly upper80: number;
    readonly lower95: number;
    readonly upper95: number;
  }[];
}

/** Forecasts as `coldchain forecast` writes them. */
export function runPlanForecasts(invocation: Invocation): Promise<ExitCode> {
  const header = 'series,date,step,mean,lower80,upper80,lower95,upper95,model';
  return print<Forecast>(invocation, '/v1/forecasts', 'forecasts', ['product', 'site'], header, (forecast) =>
    forecast.steps
      .map(({ from, step, mean, lower80, upper80, lower95, upper95 }) =>
        [seriesOf(forecast), from, step, mean, lower80, upper80, lower95, upper95, forecast.model].join(','),
      )
      .join('\n'),
  );
}

interface Advice extends Keyed {
  readonly name: string;
  readonly sentence: string;
  readonly orderPacks: number;
  readonly orderGtin: string | null;
  readonly reorderPoint: number;
  readonly orderUpTo: number;
  readonly stock: { readonly saleable: number; readonly onOrder: number } | null;
}

/** What to order. */
export function runPlanOrders(invocation: Invocation): Promise<ExitCode> {
  const header = 'product,site,order_packs,gtin,saleable,on_order,reorder_point,order_up_to,sentence';
  return print<Advice>(invocation, '/v1/reorder', 'advice', ['product', 'site'], header, (advice) =>
    [
      csvField(advice.product),
      csvField(advice.site),
      advice.orderPacks,
      advice.orderGtin ?? '',
      advice.stock?.saleable ?? '',
      advice.stock?.onOrder ?? '',
      advice.reorderPoint,
      advice.orderUpTo,
      csvField(advice.sentence),
    ].join(','),
  );
}

interface WhatIf {
  readonly choices: readonly {
    readonly service: number;
    readonly reached: number;
    readonly reorderPoint: number;
    readonly safetyStock: number;
    readonly expectedShortage: number;
    readonly fillRate: number;
  }[];
}

/** Other service levels of one product. */
export async function runPlanWhatIf(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser', 'auditor']));
  const site = options.text('site');
  const query = { product: positionals[0] ?? '', ...(site === undefined ? {} : { site }) };
  const answer = (await client.get('/v1/reorder/what-if', query)) as WhatIf;
  if (json) {
    terminal.out(JSON.stringify(answer));
    return 0;
  }
  terminal.out('service,reached,reorder_point,safety_stock,expected_shortage,fill_rate');
  for (const { service, reached, reorderPoint, safetyStock, expectedShortage, fillRate } of answer.choices) {
    terminal.out([service, reached, reorderPoint, safetyStock, expectedShortage, fillRate].join(','));
  }
  return 0;
}

interface Flag {
  readonly logger: string;
  readonly cause: string;
  readonly at: string;
  readonly milliCelsius: number;
  readonly expectedAt: string | null;
}

/** What is unusual in readings. */
export function runPlanFlags(invocation: Invocation): Promise<ExitCode> {
  return print<Flag>(
    invocation,
    '/v1/flags',
    'flags',
    ['logger'],
    null,
    ({ logger, cause, at, milliCelsius, expectedAt }) =>
      `${at}  ${logger}  ${cause}  ${(milliCelsius / 1000).toFixed(1)} °C${expectedAt === null ? '' : `, about ${expectedAt}`}`,
  );
}

interface Impact {
  readonly affected: readonly { readonly site: string; readonly sentence: string }[];
  readonly freeStock: readonly { readonly site: string; readonly free: number }[];
  readonly freeStockOfOthers: readonly {
    readonly organisation: string;
    readonly site: string;
    readonly free: number;
  }[];
}

/** Who runs dry without a lot. */
export async function runPlanImpact(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser', 'auditor']));
  const [gtin = '', lot = ''] = positionals;
  const impact = (await client.get('/v1/supply-impact', { gtin, lot })) as Impact;
  if (json) terminal.out(JSON.stringify(impact));
  else if (impact.affected.length === 0) terminal.out('no site of yours has usable stock of it');
  else {
    for (const { site, sentence } of impact.affected) terminal.out(`${site}  ${sentence}`);
    for (const { site, free } of impact.freeStock) terminal.out(`${site}  has ${free} to spare`);
    for (const { organisation, site, free } of impact.freeStockOfOthers) {
      terminal.out(`${organisation} ${site}  has ${free} to spare`);
    }
  }
  return 0;
}
