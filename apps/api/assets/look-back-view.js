import { get, refusalText } from './api.js';
import { byId, degrees, element, time } from './dom.js';

/** Offers the question what rested on a logger whose calibration failed, to who may ask it; `ask` opens a unit. */
export function offerLookBack(me, ask) {
  byId('look-back-card').hidden = me === null || !me.actions.includes('read-devices');
  open = ask;
  if (me === null) forget();
}

let open = () => undefined;

function forget() {
  byId('look-back-answer').replaceChildren();
  byId('look-back-status').textContent = '';
}

byId('look-back').addEventListener('submit', (event) => {
  event.preventDefault();
  void look();
});

async function look() {
  const button = byId('look-back').querySelector('button');
  const serial = byId('look-back-logger').value.trim();
  const to = byId('look-back-to').value;
  button.disabled = true;
  // An older answer must not be taken for this one.
  forget();
  byId('look-back-status').textContent = 'Asking …';
  try {
    const answer = await get(`/v1/loggers/${encodeURIComponent(serial)}/look-back`, {
      from: new Date(byId('look-back-from').value).toISOString(),
      ...(to === '' ? {} : { to: new Date(to).toISOString() }),
    });
    byId('look-back-answer').replaceChildren(...(answer.legs.length === 0 ? [] : sections(answer)));
    byId('look-back-status').replaceChildren(...summaryOf(answer));
  } catch (error) {
    byId('look-back-status').textContent = refusalText(error);
  } finally {
    button.disabled = false;
  }
}

function summaryOf({ logger, legs, batches, decisions, from, to }) {
  const span = [' from ', time(from), ' to ', time(to), '.'];
  if (legs.length === 0) return [`Nothing that you see rested on logger ${logger}`, ...span];
  const rested = [counted(legs, 'leg'), counted(batches, 'batch', 'batches'), counted(decisions, 'decision')];
  return [`${rested.join(', ')} rested on logger ${logger}`, ...span];
}

const counted = ({ length }, one, many = `${one}s`) => `${length} ${length === 1 ? one : many}`;

function sections({ legs, batches, decisions }) {
  return [
    ...section('Legs', legs.map(legItem)),
    ...section(
      'Batches',
      batches.map(({ gtin, lot, owner }) => [`${gtin}, batch ${lot}, of ${owner}`]),
    ),
    ...section('Decisions', decisions.map(decisionItem)),
  ];
}

function section(title, items) {
  const list = items.map((item) => element('li', {}, ...item));
  return [
    element('h3', {}, title),
    list.length === 0 ? element('p', {}, 'None.') : element('ul', { class: 'alarms', 'aria-label': title }, ...list),
  ];
}

function legItem({ sscc, custodian, from, to, coldestMilliCelsius, hottestMilliCelsius }) {
  const measured =
    coldestMilliCelsius === null
      ? 'nothing measured'
      : `${degrees(coldestMilliCelsius)} to ${degrees(hottestMilliCelsius)}`;
  return [
    unitButton(sscc),
    ` with ${custodian}, `,
    time(from),
    ' to ',
    to === null ? 'now' : time(to),
    `: ${measured}`,
  ];
}

function decisionItem({ case: number, sscc, decision, at, account }) {
  const words = decision === 'release' ? '✓ released' : '✕ rejected';
  return [unitButton(sscc), `, case ${number}: ${words} by ${account}, `, time(at)];
}

function unitButton(sscc) {
  const button = element('button', { type: 'button', class: 'quiet small' }, sscc);
  button.addEventListener('click', () => open(`(00)${sscc}`));
  return button;
}
