import { account, get, getAll, post, Refused, refusalText } from './api.js';
import { byId, element, time } from './dom.js';
import { showDetail, shownPlan } from './planning-detail.js';
import { offerImport } from './planning-import.js';

const JOB_POLL_MS = 1000;

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
  'excursion-ahead': 'a product here will probably leave its range',
  compressor: 'the compressor runs more every day, soon all the time',
};

/** The advice of every product. */
let advice = [];
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
offerImport(() => void load());

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
      getAll('/v1/reorder', 'advice', { limit: '1000' }),
      get('/v1/flags', { limit: '20' }),
    ]);
    if (number !== asked) return;
    byId('account-summary').textContent =
      `Planning as ${me.account} (${me.roles.join(', ')}) of ${me.organisation.name}`;
    advice = reorder.sort(byUrgency);
    byId('plan').hidden = false;
    showProducts();
    showFlags(flags.flags);
    const shown = shownPlan();
    const same = advice.find(({ product, site }) => product === shown?.product && site === shown?.site);
    if (advice.length > 0) await choose(same ?? advice[0], false);
    else byId('detail').hidden = true;
  } catch (error) {
    if (number === asked) showProblem(error);
  }
}

/** What has to be ordered comes first, then what cannot be told, then what lasts the least. */
function byUrgency(one, other) {
  const rank = ({ orderPacks, outOfDate, stock }) => {
    if (orderPacks > 0) return -2;
    if (outOfDate || stock === null) return -1;
    return stock.periodsOfStock ?? Number.MAX_VALUE;
  };
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
    const [forecast] = (await get('/v1/forecasts', { product, site, limit: '1' })).forecasts;
    // In the periods of the forecast, whatever is planned by since.
    const periodic = forecast === undefined ? {} : { frequency: forecast.frequency };
    const demand = await get('/v1/demand', { product, site, limit: '1', ...periodic });
    if (number !== asked) return;
    const steps = forecast?.steps ?? [];
    // The fan begins where the history of the forecast ended, also when demand has come in since.
    const periods = (demand.series[0]?.periods ?? []).filter(({ from }) => from < (steps[0]?.from ?? '9999'));
    showDetail({ ...one, periods, steps, frequency: demand.frequency });
    if (byHand) byId('detail-title').focus();
  } catch (error) {
    if (number === asked) showProblem(error);
  }
}

function showFlags(flags) {
  byId('no-flags').hidden = flags.length > 0;
  byId('flags').replaceChildren(
    ...flags.map(({ logger, cause, at, milliCelsius, expectedAt }) =>
      element(
        'li',
        {},
        element('strong', {}, logger),
        `: ${CAUSES[cause] ?? cause}, ${(milliCelsius / 1000).toFixed(1)} °C at `,
        time(at),
        ...(expectedAt === null ? [] : [', about ', time(expectedAt)]),
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
    // With what it made, not before: who reads that it is done looks for that.
    await load();
    byId('job').textContent = `Job ${job.id} is ${job.state}: ${job.done} of ${job.total ?? 0}${refused}.`;
  } catch (error) {
    byId('job').textContent = refusalText(error);
  } finally {
    byId('forecast-now').disabled = false;
  }
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
