import { account, get, Refused } from './api.js';
import { byId, element, time } from './dom.js';
import { drawPlan } from './planning-chart.js';

const JOB_POLL_MS = 1000;

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
const CAUSES = {
  warm: 'warmer than usual here',
  cold: 'colder than usual here',
  door: 'warm and humid: a door was open',
  cooling: 'warm without room air: cooling is failing',
  unsteady: 'swings more than it does',
  flatline: 'does not move as it does: the sensor may be stuck',
  gap: 'readings are missing',
  pattern: 'unlike this time of day',
  level: 'the mean has moved',
};

/** What is shown: the advice of every product, and the one that was chosen with its demand and forecast. */
let advice = [];
let shown = null;
let asked = 0;

const key = byId('key');

byId('account').addEventListener('submit', (event) => {
  event.preventDefault();
  account.key = key.value.trim();
  void load();
});
byId('forget').addEventListener('click', () => {
  account.key = '';
  key.value = '';
  byId('plan').hidden = true;
  byId('account-summary').textContent = '';
  key.focus();
});
byId('forecast-now').addEventListener('click', () => void forecastNow());
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

async function load() {
  const number = ++asked;
  byId('problem').hidden = true;
  if (account.key === '') {
    byId('plan').hidden = true;
    byId('account-summary').textContent = 'An account key is needed.';
    return;
  }
  try {
    const [me, reorder, flags] = await Promise.all([
      get('/v1/me'),
      get('/v1/reorder', { limit: '200' }),
      get('/v1/flags', { limit: '20' }),
    ]);
    if (number !== asked) return;
    byId('account-summary').textContent =
      `Planning as ${me.account} (${me.roles.join(', ')}) of ${me.organisation.name}`;
    advice = [...reorder.advice].sort(byUrgency);
    byId('plan').hidden = false;
    showProducts();
    showFlags(flags.flags);
    const same = advice.find(({ product, site }) => product === shown?.product && site === shown?.site);
    if (advice.length > 0) await choose(same ?? advice[0], false);
    else byId('detail').hidden = true;
  } catch (error) {
    if (number === asked) showProblem(error);
  }
}

/** What has to be ordered comes first, then what lasts the least. */
function byUrgency(one, other) {
  const rank = ({ orderPacks, stock }) => (orderPacks > 0 ? -1 : (stock?.periodsOfStock ?? Number.MAX_VALUE));
  return rank(one) - rank(other) || one.name.localeCompare(other.name);
}

function showProblem(error) {
  const problem = error instanceof Refused ? error.problem : { title: 'This page failed' };
  byId('problem').textContent = [problem.title, problem.detail, problem.nextStep].filter(Boolean).join(': ');
  byId('problem').hidden = false;
  byId('plan').hidden = true;
}

function showProducts() {
  byId('nothing').hidden = advice.length > 0;
  byId('products').replaceChildren(
    ...advice.map((one) => {
      const sentence = element('span', one.orderPacks > 0 ? { class: 'due' } : {}, one.sentence);
      const button = element(
        'button',
        { type: 'button', 'aria-pressed': 'false' },
        element('strong', {}, one.name),
        sentence,
      );
      button.addEventListener('click', () => void choose(one, true));
      return element('li', {}, button);
    }),
  );
}

async function choose(one, byHand) {
  const number = ++asked;
  advice.forEach((other, at) => {
    byId('products').children[at]?.firstElementChild?.setAttribute('aria-pressed', String(other === one));
  });
  try {
    const { product, site } = one;
    const [demand, forecasts] = await Promise.all([
      get('/v1/demand', { product, site, limit: '1' }),
      get('/v1/forecasts', { product, site, limit: '1' }),
    ]);
    if (number !== asked) return;
    const steps = forecasts.forecasts[0]?.steps ?? [];
    // The fan begins where the history of the forecast ended, also when demand has come in since.
    const periods = (demand.series[0]?.periods ?? []).filter(({ from }) => from < (steps[0]?.from ?? '9999'));
    shown = { ...one, periods, steps, frequency: demand.frequency };
    showDetail();
    if (byHand) byId('detail-title').focus();
  } catch (error) {
    if (number === asked) showProblem(error);
  }
}

function showDetail() {
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
  if (byId('numbers').open) showNumbers();
  if (byId('choices').open) void showChoices();
  byId('provenance').replaceChildren(
    `Site ${site}. Forecast of ${SOURCES[source] ?? source} from ${windowFrom} until ${windowUntil} by ${model}, made `,
    time(computedAt),
    ` in job ${job}; orders keep stock with a probability of ${percent(service)}. Input ${inputSha256.slice(0, 12)}…`,
  );
}

function summaryText() {
  const { steps, frequency, baseUnit, stock } = shown;
  const [next] = steps;
  const expected =
    next === undefined
      ? ''
      : `Expected in the ${frequency} from ${next.from}: ${rounded(next.mean)} ${units(baseUnit)}, between ${rounded(next.lower80)} and ${rounded(next.upper80)} in four cases out of five.`;
  if (stock === null) return `${expected} The stock of this site is not known here.`;
  if (stock.saleable === 0) return `${expected} Nothing usable is in stock.`;
  const lasts =
    stock.periodsOfStock === null
      ? 'nothing is demanded'
      : `it lasts for about ${rounded(stock.periodsOfStock)} ${frequency}s`;
  return `${expected} In stock and usable: ${rounded(stock.saleable)}; ${lasts}.`;
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
  const head = ['Expires', 'Lot', 'Quantity', 'Budget left', 'State'];
  const rows = lots.map((lot) =>
    element(
      'tr',
      {},
      element('td', {}, lot.expiry),
      element('td', {}, lot.lot),
      element('td', { class: 'number' }, rounded(lot.quantity)),
      element('td', { class: 'number' }, `${lot.budgetLeftPercent} %`),
      element('td', {}, STATES[lot.state] ?? lot.state),
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
  let rows = [];
  try {
    const { service, choices } = await get('/v1/reorder/what-if', { product, site });
    rows = choices.map((choice) => [
      `${percent(choice.service)}${choice.service === service ? ' (now)' : ''}`,
      rounded(choice.reorderPoint),
      rounded(choice.safetyStock),
      rounded(choice.expectedShortage),
      percent(choice.fillRate),
    ]);
  } catch (error) {
    showProblem(error);
  }
  if (product !== shown.product || site !== shown.site) return;
  byId('choices-table').replaceChildren(
    element('thead', {}, element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, cell))))),
  );
}

function showFlags(flags) {
  byId('no-flags').hidden = flags.length > 0;
  byId('flags').replaceChildren(
    ...flags.map(({ logger, cause, at, milliCelsius }) =>
      element(
        'li',
        {},
        element('strong', {}, logger),
        `: ${CAUSES[cause] ?? cause}, ${(milliCelsius / 1000).toFixed(1)} °C at `,
        time(at),
      ),
    ),
  );
}

async function forecastNow() {
  byId('forecast-now').disabled = true;
  try {
    let job = await post('/v1/jobs', { kind: 'forecast' });
    while (job.state === 'queued' || job.state === 'running') {
      byId('job').textContent =
        job.total === null ? 'Waiting for a worker …' : `${job.done} of ${job.total} forecasts made …`;
      await new Promise((resolve) => setTimeout(resolve, JOB_POLL_MS));
      job = await get(`/v1/jobs/${job.id}`);
    }
    const refused = job.refused === 0 ? '' : `, ${job.refused} could not be made`;
    byId('job').textContent = `Job ${job.id} is ${job.state}: ${job.done} of ${job.total ?? 0}${refused}.`;
    await load();
  } catch (error) {
    const problem = error instanceof Refused ? error.problem : { title: 'The service cannot be reached' };
    byId('job').textContent = [problem.title, problem.detail].filter(Boolean).join(': ');
  } finally {
    byId('forecast-now').disabled = false;
  }
}

/** POSTs JSON. @throws Refused */
async function post(path, body) {
  let response;
  let answer;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${account.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(8000),
    });
    answer = await response.json();
  } catch {
    throw new Refused({ code: 'unreachable', title: 'The service cannot be reached', status: 0 });
  }
  if (!response.ok) throw new Refused(answer);
  return answer;
}

async function showSamples() {
  let samples;
  try {
    samples = await get('/demo/samples.json', {}, '');
  } catch {
    return; // no demonstration here
  }
  const accounts = new Map(samples.map((sample) => [sample.account.organisation, sample.account.apiKey]));
  byId('sample-list').replaceChildren(
    ...[...accounts].map(([organisation, apiKey]) => {
      const button = element('button', { type: 'button', class: 'quiet' }, organisation);
      button.addEventListener('click', () => {
        account.key = apiKey;
        key.value = apiKey;
        void load();
      });
      return element('li', {}, button);
    }),
  );
  byId('samples').hidden = accounts.size === 0;
}

key.value = account.key;
await Promise.all([showSamples(), load()]);
