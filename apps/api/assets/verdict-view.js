import { byId, element, localised, time } from './dom.js';

const WORDS = { ok: 'OK', 'do-not-use': 'DO NOT USE', unknown: 'UNKNOWN' };
const KINDS = {
  'not-found': 'Not found',
  'data-not-received': 'Data not received',
  'cannot-check-now': 'Cannot check now',
  unreadable: 'The code cannot be read',
  refused: 'The question was refused',
};
/** Tick in a circle; bar in an octagon; question mark in a diamond: three shapes, not three colours. */
const ICONS = {
  ok: 'M24 4a20 20 0 1 0 0 40a20 20 0 1 0 0-40M14 25l7 7l13-15',
  'do-not-use': 'M16 4h16l12 12v16l-12 12h-16l-12-12v-16zM14 24h20',
  unknown: 'M24 3l21 21l-21 21l-21-21zM19 19.5c0-7 10-7 10 0c0 4-5 4-5 8M24 33v.5',
};
const STATES = { confirmed: '✓ confirmed', objection: '✕ objection', unknown: '? unknown' };
const CLAIMS = {
  identified: 'Identified',
  registered: 'Registered',
  certified: 'Certified',
  'not-recalled': 'Recall',
  'not-expired': 'Expiry',
  'not-decommissioned': 'Not used before',
  authorised: 'Authorisation',
  'in-your-custody': 'Custody',
  'not-held': 'Quarantine',
  temperature: 'Temperature',
  'nothing-outstanding': 'Open events',
  'ledger-confirmed': 'Ledger',
};

let announced = '';

/** Says a verdict aloud, once for each change of what matters in it. */
function announce(text, matters) {
  if (matters === announced) return;
  announced = matters;
  byId('announcer').textContent = text;
}

/** The next answer is announced even if it is the same as the last one: a new scan was made. */
export function newQuestion() {
  announced = '';
  byId('announcer').textContent = '';
}

function showBanner({ answer, kind, sentence: told, nextStep, warning, asOf }) {
  const sentence = localised(told);
  const caution = warning === null || warning === undefined ? '' : localised(warning);
  const word = WORDS[answer];
  byId('verdict').dataset.answer = answer;
  byId('verdict-warning').hidden = caution === '';
  byId('warning-sentence').textContent = caution;
  byId('verdict-path').setAttribute('d', ICONS[answer]);
  byId('verdict-word').textContent = word;
  byId('verdict-kind').textContent = kind === null ? '' : (KINDS[kind] ?? '');
  byId('verdict-kind').hidden = kind === null;
  byId('verdict-sentence').textContent = sentence;
  byId('next-step').textContent = nextStep;
  byId('verdict-time').replaceChildren(...(asOf === null ? [] : ['Data as of ', time(asOf)]));
  byId('result').hidden = false;
  document.title = `${word}${caution === '' ? '' : ', with a warning'} · cold chain`;
  // Figures change with every reading: it is read out when something else does.
  announce(
    [`${word}.`, sentence, ...(caution === '' ? [] : [`Warning: ${caution}`]), nextStep].join(' '),
    [answer, kind, told.replaceAll(/\d+/g, ''), caution !== '', nextStep].join(),
  );
}

/** Shows a verdict of the API. */
export function showVerdict(verdict) {
  showBanner(verdict);
  const { subject } = verdict;
  const facts = [
    ['Product', subject.productName],
    ['GTIN', subject.gtin],
    ['Batch', subject.lot],
    ['Serial', subject.serial],
    ['Logistic unit', subject.sscc],
  ].filter(([, value]) => value !== null);
  byId('subject').replaceChildren(
    ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    element('dt', {}, 'Link'),
    element('dd', { class: 'code' }, subject.link),
  );
  byId('claims').replaceChildren(...verdict.claims.map(claimItem));
  for (const card of ['subject-card', 'claims-card']) byId(card).hidden = false;
}

function claimItem({ name, state, sentence, asOf }) {
  return element(
    'li',
    {},
    element('span', { class: 'state', 'data-state': state }, STATES[state]),
    element('span', {}, element('strong', {}, `${CLAIMS[name] ?? name}: `), localised(sentence)),
    asOf === null ? null : element('p', { class: 'time' }, 'as of ', time(asOf)),
  );
}

/** Codes that say "set up wrong" or "misread", never "suspected". */
const SCANNER = new Set(['scanner-set-up-wrong', 'separator-missing']);

/** Shows that no verdict could be had; an earlier one is taken away, so that nobody trusts an old answer. */
export function showProblem(problem, hasKey) {
  const unreachable = problem.code === 'unreachable' || problem.status === 429 || problem.status >= 500;
  const refused = problem.status === 401 || problem.status === 403;
  showBanner({
    answer: 'unknown',
    kind: unreachable ? 'cannot-check-now' : refused ? 'refused' : 'unreadable',
    sentence: problemSentence(problem, hasKey),
    nextStep: nextStep(problem, unreachable),
    asOf: null,
  });
  for (const card of [
    'subject-card',
    'claims-card',
    'chart-card',
    'trail-card',
    'budget-card',
    'cases-card',
    'upload-card',
    'return-card',
  ])
    byId(card).hidden = true;
}

function problemSentence({ status, title, detail }, hasKey) {
  if (status === 401) {
    return hasKey
      ? 'The account key is not known here, or it was switched off. Nothing was checked.'
      : 'No account key has been entered. Nothing was checked.';
  }
  if (status === 403) return 'This account may not check codes. Nothing was checked.';
  const told = detail === undefined || detail.toLowerCase() === title.toLowerCase() ? title : `${title}: ${detail}`;
  return `${told.replaceAll('`', '')}.`;
}

function nextStep(problem, unreachable) {
  if (unreachable) return 'Put it aside. It is asked again in a few seconds.';
  if (problem.status === 401) {
    return 'Enter the key of your account in the field “Account key” above, then check again. Your administrator gives out keys.';
  }
  if (problem.status === 403) {
    return 'Enter the key of an account that may check codes in the field “Account key” above, or ask your administrator for the role.';
  }
  if (SCANNER.has(problem.code))
    return 'Check the settings of the scanner, then scan again. This says nothing about the pack.';
  return 'Scan again, or type the code as it is printed.';
}
