import { byId, degrees, element, time } from './dom.js';

/** Shows the open cases of the organisation; `ask` opens the unit of one. */
export function showInbox(cases, ask) {
  byId('inbox').hidden = cases.length === 0;
  byId('inbox-title').textContent = `Open cases (${cases.length})`;
  byId('inbox-list').replaceChildren(...cases.map((one) => item(one, ask)));
}

function item(one, ask) {
  const button = element('button', { type: 'button', class: 'quiet small' }, `Case ${one.id}: ${one.sscc}`);
  button.addEventListener('click', () => ask(`(00)${one.sscc}`));
  const words = [
    one.activeAlarms > 0 ? '▲ goes on' : '■ ended',
    one.acknowledged ? '✓ acknowledged' : '! not acknowledged',
    ...(one.held ? ['✕ in quarantine'] : []),
    ...(one.hottestMilliCelsius === null
      ? []
      : [`${degrees(one.coldestMilliCelsius)} to ${degrees(one.hottestMilliCelsius)} while out`]),
  ];
  return element('li', {}, button, ' ', words.join(', '), ', since ', time(one.openedAt));
}
