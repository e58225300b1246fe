import { getFile, refusalText } from './api.js';
import { caseForms, updateForms } from './case-forms.js';
import { byId, degrees, element, time } from './dom.js';

/** What is on the page for each case, by its number. */
const views = new Map();

/** Shows the cases of a unit. What is typed in their forms stays; what they say is always the newest. */
export function showCases(details, me) {
  byId('cases-card').hidden = details.length === 0;
  const numbers = new Set(details.map(({ id }) => id));
  for (const [id, { node }] of views) {
    if (numbers.has(id)) continue;
    node.remove();
    views.delete(id);
  }
  for (const detail of details) {
    const view = views.get(detail.id) ?? newView(detail.id);
    update(view, detail, me);
  }
}

/** Takes all cases away: another code is asked about. */
export function forgetCases() {
  for (const { node } of views.values()) node.remove();
  views.clear();
  byId('cases-card').hidden = true;
}

function newView(id) {
  const view = {
    digest: null,
    detail: null,
    refused: false,
    facts: element('div', {}),
    age: element('p', { class: 'hint' }),
    status: element('p', { class: 'case-status', role: 'status' }),
  };
  view.forms = caseForms(view);
  view.node = element(
    'article',
    { class: 'case', 'aria-label': `Case ${id}` },
    view.facts,
    view.age,
    view.forms.node,
    view.status,
  );
  byId('cases').append(view.node);
  views.set(id, view);
  return view;
}

function update(view, detail, me) {
  view.detail = detail;
  showAge(view.age, detail);
  if (view.digest === detail.digest && view.account === me.account) return;
  // What stood in the way may do so no longer.
  if (view.refused) view.status.textContent = '';
  view.refused = false;
  view.digest = detail.digest;
  view.account = me.account;
  const open = [...view.facts.querySelectorAll('details')].some((one) => one.open);
  view.facts.replaceChildren(...factsOf(detail, view));
  for (const one of view.facts.querySelectorAll('details')) one.open = open;
  updateForms(view.forms, detail, me);
}

/** How old the facts are; that changes without the case. */
function showAge(node, { evaluatedTo, stale }) {
  const told =
    evaluatedTo === null
      ? ['No reading has been evaluated yet.']
      : ['Readings up to ', time(evaluatedTo), ' are in it.'];
  node.replaceChildren(
    ...told,
    ...(stale
      ? [
          ' ',
          element('strong', {}, '! The evaluation is late: newer readings may be missing, and a release is refused.'),
        ]
      : []),
  );
}

const DECISIONS = { release: ['confirmed', '✓ released'], reject: ['objection', '✕ rejected'] };

function factsOf(detail, view) {
  const { id, organisation, custodian, activeAlarms, standingAlarms, acknowledged, decision, held, reopened } = detail;
  const states = [
    standingAlarms === 0
      ? ['confirmed', '✓ nothing was missing or broken']
      : activeAlarms > 0
        ? ['objection', '▲ goes on']
        : ['confirmed', '■ ended'],
    acknowledged ? ['confirmed', '✓ acknowledged'] : ['unknown', '! not acknowledged'],
    decision === null ? ['unknown', '… not decided'] : DECISIONS[decision],
    held ? ['objection', '✕ in quarantine'] : ['confirmed', '✓ not held'],
  ];
  return [
    element(
      'h3',
      {},
      `Case ${id}: with ${organisation}${custodian === organisation || custodian === null ? '' : `, now with ${custodian}`}`,
    ),
    element(
      'p',
      { class: 'states' },
      ...states.map(([state, word]) => element('span', { class: 'state', 'data-state': state }, word)),
    ),
    reopened > 0
      ? element(
          'p',
          { class: 'hint' },
          `Opened again ${reopened} time${reopened === 1 ? '' : 's'}: something was measured after a decision.`,
        )
      : null,
    element('ul', { class: 'alarms' }, ...detail.alarms.map(alarmItem)),
    element('dl', { class: 'facts' }, ...facts(detail)),
    detail.evidence.length === 0
      ? null
      : element('ul', { class: 'alarms' }, ...detail.evidence.map((file) => fileItem(file, view))),
    element(
      'details',
      {},
      element('summary', {}, `What was done (${detail.entries.length})`),
      element('ol', { class: 'trail' }, ...[...detail.entries].reverse().map(entryItem)),
      element('p', { class: 'hint code' }, `digest ${detail.digest}`),
    ),
  ].filter((node) => node !== null);
}

const ALARMS = { excursion: 'Out of range', 'missing-data': 'No data', warning: 'Warning' };
const SIDES = { hot: ' too warm', cold: ' too cold', humid: ' too humid', none: '' };

function alarmItem(alarm) {
  const extreme = alarm.side === 'cold' ? alarm.coldestMilliCelsius : alarm.hottestMilliCelsius;
  return element(
    'li',
    {},
    element('strong', {}, `▲ ${ALARMS[alarm.kind]}`),
    `${SIDES[alarm.side]}${extreme === null ? '' : `, ${alarm.side === 'cold' ? 'down' : 'up'} to ${degrees(extreme)}`}: `,
    time(alarm.openedAt),
    ...(alarm.withdrawn
      ? ['; withdrawn, late readings showed nothing']
      : [' to ', alarm.endedAt === null ? element('strong', {}, 'now') : time(alarm.endedAt)]),
  );
}

function facts({ cause, assignee, holds, otherCases }) {
  const said = holds.flatMap((hold) => [
    hold.reason,
    ...(hold.assessments.length === 0 && hold.kind === 'thermal'
      ? ['not assessed by its owners']
      : hold.assessments.map(({ by, conclusion }) => `${by}: ${conclusion}`)),
  ]);
  return [
    ['Cause', cause],
    ['Assigned to', assignee],
    ['Holds', said.length === 0 ? null : said.join(', ')],
    ['Same unit elsewhere', otherCases.length === 0 ? null : otherCases.map(otherCaseText).join(', ')],
  ]
    .filter(([, value]) => value !== null)
    .flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
}

function otherCaseText({ id, organisation, decision, standingAlarms }) {
  const undecided = standingAlarms === 0 ? 'all alarms withdrawn, nothing to decide' : 'open';
  return `case ${id} with ${organisation}: ${decision ?? undecided}`;
}

function fileItem({ name, sha256, bytes, addedBy }, view) {
  const button = element('button', { type: 'button', class: 'quiet small' }, `Save ${name}`);
  button.addEventListener('click', async () => {
    try {
      const url = URL.createObjectURL(await getFile(`/v1/cases/${view.detail.id}/evidence/${sha256}`));
      element('a', { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    } catch (error) {
      view.status.textContent = refusalText(error);
    }
  });
  return element(
    'li',
    {},
    button,
    ` ${bytes} bytes, by ${addedBy}, SHA-256 `,
    element('code', {}, `${sha256.slice(0, 16)}…`),
  );
}

const KINDS = {
  'alarm-raised': 'Alarm',
  'alarm-changed': 'Alarm changed by late readings',
  'alarm-ended': 'Alarm ended',
  'alarm-withdrawn': 'Alarm withdrawn',
  acknowledged: 'Acknowledged',
  commented: 'Comment',
  assigned: 'Assigned',
  'evidence-added': 'File added',
  'cause-found': 'Cause named',
  assessed: 'Assessed by the owner',
  decided: 'Decided',
};

function entryItem({ at, organisation, account, kind, change }) {
  const { decision, conclusion, cause, reason, text, to, name } = change;
  const words = [decision, conclusion, cause, to === null ? 'nobody' : to, name, text ?? reason].filter(
    (word) => word !== undefined,
  );
  return element(
    'li',
    {},
    element('p', { class: 'what' }, KINDS[kind] ?? kind),
    words.length === 0 ? null : element('p', {}, words.join(' · ')),
    element(
      'p',
      { class: 'time' },
      `${account === null ? 'by what was measured' : `${organisation}/${account}`}, `,
      time(at),
    ),
  );
}
