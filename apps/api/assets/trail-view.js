import { byId, element, time, timeText } from './dom.js';

const ANCHORS = { anchored: '✓ anchored', pending: '… anchor pending', refused: '✕ refused by the ledger' };
let shown = '';

/** Shows the events, newest first, each with its anchor; a row of the same records as one. Details that are open stay open. */
export function showTrail({ entries, complete }) {
  byId('trail-card').hidden = false;
  const anchored = entries.filter((entry) => entry.anchor.state === 'anchored').length;
  byId('trail-summary').textContent =
    entries.length === 0
      ? 'No events are visible to you.'
      : `${entries.length} events${complete ? '' : ' (the newest)'}, ${anchored} anchored on the ledger.`;
  const text = JSON.stringify(entries);
  if (text === shown) return;
  shown = text;
  const open = new Set([...byId('trail').querySelectorAll('details[open]')].map((details) => details.dataset.key));
  byId('trail').replaceChildren(...folded([...entries].reverse()).map((group) => groupItem(group, open)));
}

/** Entries in groups: records of temperatures that follow each other are one group. */
function folded(entries) {
  const groups = [];
  for (const entry of entries) {
    const first = groups.at(-1)?.[0];
    if (first !== undefined && isSameRecord(first, entry)) groups.at(-1).push(entry);
    else groups.push([entry]);
  }
  return groups;
}

const isSameRecord = (one, other) =>
  one.command === 'recordExposure' && other.command === one.command && other.anchor.state === one.anchor.state;

function groupItem(group, open) {
  const [newest] = group;
  const oldest = group.at(-1);
  if (group.length === 1) return item(newest, open);
  const key = `group ${oldest.commitment}`;
  const details = element(
    'details',
    { 'data-key': key },
    element('summary', {}, 'Each record'),
    element('ol', { class: 'trail' }, ...group.map((entry) => item(entry, open))),
  );
  details.open = open.has(key);
  return element(
    'li',
    { 'data-anchor': newest.anchor.state },
    element('p', { class: 'what' }, `${group.length} × temperatures recorded`),
    element('p', {}, [...new Set(group.map((entry) => entry.organisationName))].join(', ')),
    element(
      'p',
      {},
      time(oldest.eventTime),
      ...(timeText(oldest.eventTime) === timeText(newest.eventTime) ? [] : [' to ', time(newest.eventTime)]),
    ),
    element(
      'p',
      {},
      element('span', { class: 'state', 'data-state': newest.anchor.state }, ANCHORS[newest.anchor.state]),
    ),
    details,
  );
}

function item(entry, open) {
  const { anchor } = entry;
  const facts = [
    ['Event time', time(entry.eventTime)],
    ['Recorded', time(entry.recordedAt)],
    ['Anchored', anchor.anchoredAt === null ? '–' : time(anchor.anchoredAt)],
    ['Transaction', anchor.transactionId ?? '–'],
    ['Block', anchor.block === null ? '–' : String(anchor.block)],
    ['Commitment', entry.commitment],
    ['Event hash', entry.eventHash],
  ];
  const details = element(
    'details',
    { 'data-key': entry.commitment },
    element('summary', {}, 'Proof data'),
    element(
      'dl',
      { class: 'facts code' },
      ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
  );
  details.open = open.has(entry.commitment);
  return element(
    'li',
    { 'data-anchor': anchor.state },
    element('p', { class: 'what' }, entry.sentence),
    element('p', {}, `${entry.organisationName} · `, time(entry.eventTime)),
    element(
      'p',
      {},
      element('span', { class: 'state', 'data-state': anchor.state }, ANCHORS[anchor.state]),
      anchor.block === null ? '' : ` in block ${anchor.block}`,
      anchor.refusal === null ? '' : `: ${anchor.refusal}`,
    ),
    details,
  );
}
