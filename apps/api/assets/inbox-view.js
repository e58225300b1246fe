import { byId, degrees, element, time } from './dom.js';

/**
 * Shows the newest open cases of the organisation, and whether there are older ones; `ask` opens the unit of one,
 * `showOlder` brings more.
 */
export function showInbox({ cases, more }, ask, showOlder) {
  byId('inbox').hidden = cases.length === 0;
  byId('inbox-title').textContent = `Open cases (${cases.length}${more ? '+' : ''})`;
  byId('inbox-list').replaceChildren(...cases.map((one) => item(one, ask)));
  byId('inbox-more').hidden = !more;
  byId('inbox-more-text').textContent = `These are the newest ${cases.length}. There are older ones that are open.`;
  byId('inbox-older').onclick = showOlder;
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
