import { byId, element, time } from './dom.js';

const ANCHORS = { anchored: '✓ anchored', pending: '… anchor pending', refused: '✕ refused by the ledger' };
let shown = '';

/** Shows the events, oldest first, each with its anchor. Details that are open stay open. */
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
  const open = new Set(
    [...byId('trail').querySelectorAll('details[open]')].map((details) => details.dataset.commitment),
  );
  byId('trail').replaceChildren(...entries.map((entry) => item(entry, open.has(entry.commitment))));
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
    { 'data-commitment': entry.commitment },
    element('summary', {}, 'Proof data'),
    element(
      'dl',
      { class: 'facts code' },
      ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
  );
  details.open = open;
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
