import { account, get, getAll, getPages, Refused } from './api.js';
import { showBudget } from './budget-view.js';
import { forgetCases, showCases } from './case-view.js';
import { draw, showReadings } from './chart-view.js';
import { byId, clockTime, element } from './dom.js';
import { showEvidence } from './evidence-view.js';
import { showInbox } from './inbox-view.js';
import { Live } from './live.js';
import { offerLookBack } from './look-back-view.js';
import { cameBack, offerReturn } from './return-view.js';
import { showTrail } from './trail-view.js';
import { offerTriage } from './triage-view.js';
import { offerUpload } from './upload-view.js';
import { newQuestion, showProblem, showVerdict } from './verdict-view.js';

const REFRESH_MS = 3000;
const POINTS = 400;
const INBOX_PAGE = 50;

/** What is being watched; a later question makes the answers to an earlier one worthless. */
let question = { code: null, number: 0 };
let timer;
/** Who asks; null until the key was found good. */
let me = null;
/** The question whose answer was scrolled to. */
let seen = 0;
let paused = false;

const form = byId('ask');
const code = byId('code');
const key = byId('key');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  useKey(key.value.trim());
  ask(code.value);
});

/** Another key may be another person: nothing is known of him yet. */
function useKey(text) {
  if (text !== account.key) {
    me = null;
    inboxPages = 1;
  }
  account.key = text;
}

/** A hand scanner types FNC1 as Ctrl+]; a text field would drop it. */
code.addEventListener('keydown', (event) => {
  if (event.ctrlKey && (event.key === ']' || event.code === 'BracketRight')) {
    event.preventDefault();
    code.setRangeText('{GS}', code.selectionStart, code.selectionEnd, 'end');
  }
});

byId('forget').addEventListener('click', () => {
  account.key = '';
  key.value = '';
  stop();
  byId('result').hidden = true;
  byId('inbox').hidden = true;
  void showAccount();
  key.focus();
});

key.addEventListener('change', () => {
  useKey(key.value.trim());
  void showAccount();
});

byId('pause').addEventListener('click', () => {
  paused = !paused;
  byId('pause').setAttribute('aria-pressed', String(paused));
  byId('pause').textContent = paused ? 'Resume updates' : 'Pause updates';
  if (paused) {
    clearTimeout(timer);
    byId('freshness').textContent += ' Paused: what is shown may be outdated.';
  } else void refresh();
});

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && question.code !== null && !paused) void refresh();
});

let width = 0;
new ResizeObserver(([entry]) => {
  if (Math.abs(entry.contentRect.width - width) < 2) return;
  width = entry.contentRect.width;
  draw();
}).observe(byId('chart-card'));

function stop() {
  clearTimeout(timer);
  question = { code: null, number: question.number + 1 };
}

/** A new question. The code is selected afterwards, so that the next scan replaces it. */
function ask(text) {
  const asked = text.trim();
  if (asked === '') return;
  question = { code: asked, number: question.number + 1 };
  newQuestion();
  forgetCases();
  offerUpload(null);
  offerReturn(null);
  byId('freshness').textContent = 'Checking …';
  code.select();
  void showAccount();
  void refresh();
}

/** The verdict of a new question is what is seen: on a small screen it goes to the top. */
function showFirst() {
  const small = matchMedia('(max-width: 40rem)').matches;
  byId('verdict').scrollIntoView({ block: small ? 'start' : 'nearest' });
}

/** Of several that run at once the last one asks again, else each change would make one more that asks for ever. */
let refreshes = 0;

async function refresh() {
  clearTimeout(timer);
  const { code: asked, number } = question;
  if (asked === null) return;
  const run = ++refreshes;
  if (me === null) void showAccount();
  const again = await check(asked, number);
  if (run !== refreshes) return;
  if (number === question.number && again && !paused && !document.hidden) {
    timer = setTimeout(() => void refresh(), REFRESH_MS);
  }
}

/** Asks and shows; whatever fails takes an earlier answer away. Tells whether asking again can change anything. */
async function check(asked, number) {
  try {
    const verdict = await get('/v1/verdict', { code: asked });
    if (number !== question.number) return false;
    showVerdict(verdict);
    if (number !== seen) showFirst();
    seen = number;
    byId('freshness').textContent = `Checked at ${clockTime(verdict.checkedAt)}; updates every ${REFRESH_MS / 1000} s.`;
    await Promise.all([
      beside('trail-card', number, showTrail, get('/v1/trail', { code: asked })),
      beside('chart-card', number, showReadings, get('/v1/readings', { code: asked, points: String(POINTS) })),
      beside('budget-card', number, showUnit, unitOf(asked)),
    ]);
    return true;
  } catch (error) {
    if (number !== question.number) return false;
    const problem =
      error instanceof Refused ? error.problem : { code: 'unreachable', title: 'This page failed', status: 0 };
    showProblem(problem, account.key !== '');
    byId('freshness').textContent = `No answer at ${clockTime(Date.now())}.`;
    if (problem.status === 401 || problem.status === 403) byId('account').open = true;
    if (number !== seen) showFirst();
    seen = number;
    // What the code or the key is will not change by asking again.
    return problem.status < 400 || problem.status === 429 || problem.status >= 500;
  }
}

/** What stands beside the verdict is shown when it comes and hidden when it does not; the verdict stands without it. */
async function beside(card, number, show, answer) {
  try {
    const shown = await answer;
    if (number === question.number) show(shown);
  } catch {
    if (number === question.number) byId(card).hidden = true;
  }
}

/** Budget and legs of the unit that a code leads to, and its cases; null where the code leads to none. */
async function unitOf(asked) {
  let budget;
  try {
    budget = await get('/v1/budget', { code: asked });
  } catch (error) {
    if (error instanceof Refused && error.problem.status === 404) return null;
    throw error;
  }
  const [{ cases }, { alarms }, evidence] = await Promise.all([
    get('/v1/cases', { sscc: budget.sscc, state: 'all', limit: '20' }),
    get('/v1/alarms', { sscc: budget.sscc, limit: '20' }),
    // The budget stands without it; that it could not be asked is said.
    get(`/v1/units/${budget.sscc}/evidence`).catch(() => null),
  ]);
  const details = await Promise.all(cases.map(({ id }) => get(`/v1/cases/${id}`)));
  return { budget, details, evidence, warnings: alarms.filter(({ kind }) => kind === 'warning') };
}

function showUnit(unit) {
  if (unit === null || me === null) {
    byId('budget-card').hidden = true;
    forgetCases();
    offerReturn(null);
    return;
  }
  showBudget(unit.budget, unit.warnings);
  showEvidence(unit.evidence);
  showCases(unit.details, me);
  const watched = unit.budget.legs.some(({ custodian }) => custodian === me.organisation.slug);
  const returned = cameBack(unit.budget.legs, me.organisation.slug) && me.actions.includes('observe-units');
  offerReturn(returned ? unit.budget.sscc : null);
  offerUpload(watched && me.actions.includes('attach-logger-file') ? unit.budget.sscc : null);
}

/** Asks about what was chosen from a list. */
function askAbout(text) {
  code.value = text;
  ask(text);
}

/** What can be asked without a code, by who asks. */
function offerQuestions() {
  offerTriage(me);
  offerLookBack(me, askAbout);
}

/** How far back open cases are shown. */
let inboxPages = 1;

/** What is open in the organisation, whatever is being looked at. */
async function refreshInbox() {
  if (me === null || !me.actions.includes('read-cases')) return;
  try {
    const { bodies, more } = await getPages('/v1/cases', { limit: String(INBOX_PAGE) }, inboxPages);
    const cases = bodies.flatMap((body) => body.cases);
    showInbox({ cases, more }, askAbout, () => {
      inboxPages++;
      void refreshInbox();
    });
  } catch {
    // It stays as it was: what is open is not taken away because it could not be asked.
  }
}

let changes;
/** Several changes that come together are one question. */
function onChange() {
  clearTimeout(changes);
  changes = setTimeout(() => {
    void refreshInbox();
    if (!paused && question.code !== null) void refresh();
  }, 150);
}

const live = new Live(onChange, (connected) => {
  byId('live-state').textContent = connected
    ? 'Live: changes appear at once.'
    : 'Live updates are away; this page asks by itself.';
});
document.addEventListener('coldchain:changed', onChange);

async function showAccount() {
  const summary = byId('account-summary');
  if (account.key === '') {
    me = null;
    live.restart();
    offerQuestions();
    summary.textContent = 'Account key needed';
    return;
  }
  try {
    const found = await get('/v1/me');
    const isNew = me === null || me.account !== found.account || me.organisation.slug !== found.organisation.slug;
    me = found;
    byId('account').open = false;
    summary.textContent = `Asking as ${me.account} (${me.roles.join(', ')}) of ${me.organisation.name}`;
    offerQuestions();
    if (isNew) {
      live.restart();
      void showUsers();
      // What was asked before it was known who asks is asked again.
      onChange();
    }
  } catch (error) {
    // What could not be asked is asked again with the next check; who was known stays known.
    if (!(error instanceof Refused) || (error.problem.status !== 401 && error.problem.status !== 403)) return;
    me = null;
    offerQuestions();
    summary.textContent = 'The account key is not accepted';
    byId('account').open = true;
  }
}

/** Names that a case can be given to; without them they are typed. */
async function showUsers() {
  const names = await getAll('/v1/users', 'users').catch(() => []);
  byId('users').replaceChildren(...names.map(({ account: name }) => element('option', { value: name })));
}

async function showSamples() {
  let samples;
  try {
    samples = await get('/demo/samples.json', {}, '');
  } catch {
    return; // no demonstration here
  }
  byId('sample-list').replaceChildren(
    ...samples.map((sample) => {
      const button = element('button', { type: 'button', class: 'quiet' }, sample.label);
      button.addEventListener('click', () => {
        useKey(sample.account.apiKey);
        key.value = sample.account.apiKey;
        askAbout(sample.code);
      });
      return element('li', {}, button);
    }),
  );
  byId('samples').hidden = samples.length === 0;
}

async function showAbout() {
  try {
    const version = await get('/version', {}, '');
    byId('about').textContent =
      version.ledger === 'embedded'
        ? `Version ${version.version}. The embedded ledger runs here: it is not a Fabric network.`
        : `Version ${version.version}.`;
  } catch {
    byId('about').textContent = '';
  }
}

key.value = account.key;
byId('account').open = account.key === '';
await Promise.all([showAccount(), showSamples(), showAbout()]);

/** `/#code=…` opens with a code; a fragment stays in the browser and out of logs. */
const linked = new URLSearchParams(location.hash.slice(1)).get('code');
if (linked !== null) {
  code.value = linked;
  ask(linked);
} else {
  code.focus();
}
