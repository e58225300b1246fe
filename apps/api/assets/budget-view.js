import { byId, degrees, duration, element, time } from './dom.js';

let shown = '';

/** Shows what is left of each published budget, and who had the unit when, with what it went through there. */
export function showBudget(answer, warnings) {
  byId('budget-card').hidden = answer.budgets.length === 0 && answer.legs.length === 0;
  const text = JSON.stringify([answer, warnings]);
  if (text === shown) return;
  shown = text;
  byId('budget-warnings').replaceChildren(...warnings.map(warningItem));
  byId('budgets').replaceChildren(...answer.budgets.map(budgetItem));
  byId('legs').replaceChildren(...legsTable(answer.legs));
}

/** How long the product still has, by the law of its temperature: an estimate, and said as one. */
const warningItem = ({ side, expectedAt }) =>
  element(
    'li',
    {},
    element('strong', {}, '▲ Warning:'),
    ` if nothing changes, the product will be too ${side === 'cold' ? 'cold' : 'warm'} at about `,
    time(expectedAt),
    '. Move the goods before.',
  );

function budgetItem({ profile, product, ranges, combine, exceeded, frozen, spentPercent }) {
  const state = exceeded || frozen ? 'objection' : spentPercent >= 80 ? 'unknown' : 'confirmed';
  const word = frozen ? '✕ frozen' : exceeded ? '✕ spent' : spentPercent >= 80 ? '! nearly spent' : '✓ within';
  return element(
    'li',
    {},
    element(
      'p',
      {},
      element('strong', {}, product ?? profile),
      ' ',
      element('span', { class: 'state', 'data-state': state }, word),
    ),
    ...ranges.map(rangeLine),
    combine === 'sum'
      ? element('p', { class: 'hint' }, `The ranges share one budget: ${spentPercent} % of it is spent.`)
      : null,
  );
}

function rangeLine({ name, activation, usedMs, allowedMs, leftMs, exceeded }) {
  const told =
    allowedMs === 0
      ? `none is allowed; ${usedMs === 0 ? 'none was used' : `${duration(usedMs)} were`}`
      : `${duration(usedMs)} of ${duration(allowedMs)} used, ${exceeded ? 'nothing' : duration(leftMs)} left`;
  const kind = activation === 'consecutive' ? ' in one piece' : '';
  const label = `${name}${kind}: ${told}`;
  return element(
    'p',
    { class: 'range-line' },
    element('meter', {
      min: 0,
      max: Math.max(1, allowedMs),
      low: allowedMs * 0.8,
      high: Math.max(0.5, allowedMs * 0.999),
      optimum: 0,
      value: Math.min(usedMs, Math.max(1, allowedMs)),
      'aria-label': label,
    }),
    ' ',
    label,
  );
}

function legsTable(legs) {
  if (legs.length === 0) return [element('p', { class: 'hint' }, 'No leg with evidence is visible to you.')];
  const names = ['With', 'When', 'Evidence', 'Coldest to warmest', 'Without data', 'Most of one budget'];
  // On a small screen each leg stands as a list with these names, so that no column is out of sight.
  const rows = legs.map((leg) =>
    element(
      'tr',
      { role: 'row' },
      ...legCells(leg).map((cell, column) =>
        element('td', { role: 'cell', 'data-label': names[column] }, element('span', {}, ...cell)),
      ),
    ),
  );
  return [
    element(
      'div',
      { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Legs by custodian' },
      element(
        'table',
        { class: 'stacked', role: 'table' },
        element('thead', {}, element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name)))),
        element('tbody', { role: 'rowgroup' }, ...rows),
      ),
    ),
  ];
}

function legCells({ custodian, from, to, evidence, coldestMilliCelsius, hottestMilliCelsius, gapMs, spent }) {
  return [
    [custodian],
    [time(from), ' to ', to === null ? 'now' : time(to)],
    [evidence === '' ? 'none' : evidence],
    [coldestMilliCelsius === null ? '–' : `${degrees(coldestMilliCelsius)} to ${degrees(hottestMilliCelsius)}`],
    [gapMs === 0 ? 'none' : duration(gapMs)],
    [duration(Math.max(0, ...spent.flatMap(({ usedMs }) => usedMs)))],
  ];
}
