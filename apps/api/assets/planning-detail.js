import { get } from './api.js';
import { byId, element, time } from './dom.js';
import { drawPlan } from './planning-chart.js';
import { showImpact, showSupply } from './planning-supply.js';

const SOURCES = {
  dispensed: 'what was dispensed',
  issued: 'what was issued to others',
  ordered: 'what was ordered',
  delivered: 'what was delivered here',
};
const STATES = {
  free: 'free',
  held: 'held: not counted',
  recalled: 'recalled: not counted',
  expired: 'expired: not counted',
  'without-budget': 'no stability budget or evidence: not counted',
  'on-the-way': 'on its way here',
};
/** The product that is shown, with its advice, demand and forecast; null before the first. */
let shown = null;

export const shownPlan = () => shown;

byId('numbers').addEventListener('toggle', () => {
  if (byId('numbers').open) showNumbers();
});

byId('choices').addEventListener('toggle', () => {
  if (byId('choices').open) void showChoices();
});

let width = 0;
new ResizeObserver(([entry]) => {
  if (Math.abs(entry.contentRect.width - width) < 2) return;
  width = entry.contentRect.width;
  draw();
}).observe(byId('detail'));

/** Shows one product: the sentence, the chart, stock and numbers. */
export function showDetail(plan) {
  shown = plan;
  const { name, sentence, site, source, service, model, computedAt, windowFrom, windowUntil, inputSha256, job } = shown;
  byId('detail').hidden = false;
  byId('detail-title').textContent = name;
  byId('sentence').textContent = sentence;
  byId('summary').textContent = summaryText();
  draw();
  byId('legend').replaceChildren(
    ...['― demand', '╌ expected', '▒ four out of five', '░ nineteen out of twenty', '▨ mostly out of stock'].map(
      (word) => element('li', {}, word),
    ),
  );
  showFacts();
  showLots();
  showSupply(shown);
  if (byId('numbers').open) showNumbers();
  if (byId('choices').open) void showChoices();
  byId('provenance').replaceChildren(
    `Site ${site}. Forecast of ${SOURCES[source] ?? source} from ${windowFrom} until ${windowUntil} by ${model}, made `,
    time(computedAt),
    ` in job ${job}; orders keep stock with a probability of ${percent(service)}${basisText()}. Input ${inputSha256.slice(0, 12)}…`,
  );
}

/** What the service level follows from; nothing where the article tells it. */
function basisText() {
  const { serviceBasis } = shown;
  if (serviceBasis === null) return '';
  const { ven, abc, basis } = serviceBasis;
  return `, as ${ven} and ${abc} by ${basis === 'value' ? 'what a year costs' : 'units a year, for want of prices'}`;
}

function summaryText() {
  const { steps, frequency, baseUnit, stock, outOfDate } = shown;
  const [next] = steps;
  const expected =
    next === undefined
      ? ''
      : `Expected in the ${frequency} from ${next.from}: ${rounded(next.mean)} ${units(baseUnit)}, between ${rounded(next.lower80)} and ${rounded(next.upper80)} in four cases out of five.`;
  if (stock === null) return `${expected} The stock of this site is not known: count it.`;
  const counted = stock.countedAt === null ? '' : ` Counted at ${time(stock.countedAt).textContent}.`;
  if (stock.saleable === 0) return `${expected} Nothing usable is in stock.${counted}`;
  const lasts = outOfDate
    ? 'how long it lasts is not known: the forecast is out of date'
    : stock.periodsOfStock === null
      ? 'nothing is demanded'
      : `it lasts for about ${rounded(stock.periodsOfStock)} ${frequency}s`;
  return `${expected} In stock and usable: ${rounded(stock.saleable)}; ${lasts}.${counted}`;
}

/** Whole from a hundred on, one decimal from ten on, else two. */
const rounded = (value) => String(Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)));
const units = (unit) => (unit.endsWith('s') ? unit : `${unit}s`);
const percent = (share) => `${Math.round(share * 1000) / 10} %`;

function draw() {
  if (shown === null) return;
  const place = byId('chart');
  place.replaceChildren(drawPlan(shown.periods, shown.steps, Math.max(260, place.clientWidth || 640)));
}

function showFacts() {
  const { stock, reorderPoint, orderUpTo, safetyStock, orderPacks, orderGtin, baseUnit } = shown;
  const facts = [
    ['Order now', orderPacks > 0 ? `${orderPacks} packs of GTIN ${orderGtin}` : 'nothing'],
    ['Order when down to', rounded(reorderPoint)],
    ['Order up to', rounded(orderUpTo)],
    ['Safety stock in it', rounded(safetyStock)],
    ...(stock === null
      ? []
      : [
          ['Usable stock', rounded(stock.saleable)],
          ['On its way', rounded(stock.onOrder)],
          ['Held', rounded(stock.held)],
          ['Recalled', rounded(stock.recalled)],
          ['Expired', rounded(stock.expired)],
          ['Without stability budget', rounded(stock.withoutBudget)],
          ['Will probably expire unsold', rounded(stock.expectedWaste)],
        ]),
    ['Counted in', units(baseUnit)],
  ];
  byId('facts').replaceChildren(
    ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  );
}

function showLots() {
  const { lots } = shown;
  if (lots.length === 0) {
    byId('lots').replaceChildren();
    return;
  }
  const head = ['Expires', 'Lot', 'Quantity', 'Budget left', 'State', 'Without it'];
  const rows = lots.map((lot) =>
    element(
      'tr',
      {},
      element('td', {}, lot.expiry),
      element('td', {}, lot.lot),
      element('td', { class: 'number' }, rounded(lot.quantity)),
      element('td', { class: 'number' }, `${lot.budgetLeftPercent} %`),
      element('td', {}, STATES[lot.state] ?? lot.state),
      element('td', {}, impactButton(lot)),
    ),
  );
  const table = element(
    'table',
    { class: 'lots-table' },
    element('caption', { class: 'away' }, 'Stock, what expires first comes first'),
    element('thead', {}, element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...rows),
  );
  byId('lots').replaceChildren(
    element('h3', {}, 'Stock, first expired first out'),
    element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Stock by lot' }, table),
  );
}

function impactButton(lot) {
  const button = element('button', { type: 'button', class: 'quiet' }, 'Who runs dry?');
  button.setAttribute('aria-label', `Who runs dry without lot ${lot.lot}?`);
  button.addEventListener('click', () => void showImpact(lot));
  return button;
}

function showNumbers() {
  if (shown === null) return;
  const head = ['From', 'Demand', 'In stock', 'Expected', '4 of 5 between', '19 of 20 between'];
  const past = shown.periods.map(({ from, quantity, available }) => [
    from,
    quantity === null ? 'not known' : rounded(quantity),
    percent(available),
    '',
    '',
    '',
  ]);
  const coming = shown.steps.map(({ from, mean, lower80, upper80, lower95, upper95 }) => [
    from,
    '',
    '',
    rounded(mean),
    `${rounded(lower80)} – ${rounded(upper80)}`,
    `${rounded(lower95)} – ${rounded(upper95)}`,
  ]);
  byId('numbers-table').replaceChildren(
    element('thead', {}, element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name)))),
    element(
      'tbody',
      {},
      ...[...coming, ...past.reverse()].map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, cell)))),
    ),
  );
}

async function showChoices() {
  if (shown === null) return;
  const { product, site } = shown;
  const head = ['Stock lasts with', 'Order when down to', 'Safety stock', 'Short on average', 'Met from stock'];
  let rows;
  try {
    const { service, choices } = await get('/v1/reorder/what-if', { product, site });
    rows = choices.map((choice) => [
      `${percent(choice.service)}${choice.service === service ? ' (now)' : ''}`,
      rounded(choice.reorderPoint),
      rounded(choice.safetyStock),
      rounded(choice.expectedShortage),
      percent(choice.fillRate),
    ]);
  } catch {
    rows = [['not known: open this again', '', '', '', '']];
  }
  if (product !== shown.product || site !== shown.site) return;
  byId('choices-table').replaceChildren(
    element('thead', {}, element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, cell))))),
  );
}
