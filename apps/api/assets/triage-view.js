import { get, refusalText } from './api.js';
import { byId, element, localised, timeText } from './dom.js';

/** Tick, exclamation mark and cross: three signs, not three colours. */
const WORDS = {
  usable: ['confirmed', '✓ usable'],
  'usable-until': ['unknown', '! usable until'],
  hold: ['objection', '✕ hold'],
};

/** Offers the question what is to be done where cooling failed, to who may ask it. */
export function offerTriage(me) {
  byId('triage-card').hidden = me === null || !me.actions.includes('read-units');
  if (me === null) forget();
}

function forget() {
  byId('triage-list').replaceChildren();
  byId('triage-status').textContent = '';
}

byId('triage').addEventListener('submit', (event) => {
  event.preventDefault();
  void ask();
});

async function ask() {
  const button = byId('triage').querySelector('button');
  const where = byId('triage-where').value.trim();
  const since = byId('triage-since').value;
  button.disabled = true;
  // An older answer must not be taken for this one.
  forget();
  byId('triage-status').textContent = 'Asking …';
  try {
    const answer = await get('/v1/triage', {
      failedAt: (since === '' ? new Date() : new Date(since)).toISOString(),
      celsius: byId('triage-celsius').value,
      ...(where === '' ? {} : { [byId('triage-kind').value]: where }),
    });
    byId('triage-list').replaceChildren(...answer.entries.map(item));
    byId('triage-status').textContent = summaryOf(answer);
  } catch (error) {
    byId('triage-status').textContent = refusalText(error);
  } finally {
    button.disabled = false;
  }
}

function summaryOf({ entries, complete }) {
  if (entries.length === 0) return 'Nothing of yours is recorded there.';
  const held = entries.filter(({ answer }) => answer === 'hold').length;
  const all = `${entries.length} ${entries.length === 1 ? 'batch' : 'batches'} in units, ${held} to be held.`;
  return complete ? all : `${all} There is more than one answer holds: ask by place or logger.`;
}

function item({ sscc, gtin, lot, product, answer, until, why, call }) {
  const [state, word] = WORDS[answer];
  return element(
    'li',
    {},
    element('span', { class: 'state', 'data-state': state }, until === null ? word : `${word} ${timeText(until)}`),
    ' ',
    element('strong', {}, product ?? gtin ?? 'Unknown contents'),
    `, batch ${lot ?? 'not visible to you'}, unit ${sscc}`,
    element('p', {}, `${localised(why)}. Call ${call.name} (GLN ${call.gln}).`),
  );
}
