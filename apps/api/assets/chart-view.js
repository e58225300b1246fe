import { byId, degrees, duration, element, shortTime, time } from './dom.js';
import { drawChart } from './chart.js';

const RULES = {
  'above-storage': 'above the storage range',
  'below-storage': 'below the storage range',
  freeze: 'frozen',
};
let latest = null;
let drawn = '';

/** Shows readings: summary in words, chart, excursions and, when opened, every point. */
export function showReadings(readings) {
  byId('chart-card').hidden = false;
  latest = readings;
  const text = JSON.stringify(readings);
  if (text === drawn) return;
  drawn = text;
  byId('chart-summary').textContent = summary(readings);
  draw();
  showExcursions(readings.excursions);
  if (byId('points').open) showPoints(readings);
}

/** Draws again, for instance in another width. */
export function draw() {
  const empty = latest === null || latest.readings === 0;
  byId('chart').hidden = empty;
  byId('chart-legend').hidden = empty;
  byId('points').hidden = empty;
  if (empty) return;
  byId('chart').replaceChildren(drawChart(latest, Math.max(260, byId('chart').clientWidth || 640)));
  byId('chart-legend').replaceChildren(
    ...['▭ storage range', '― lowest to highest of each stretch', '▨ no data', '▲E excursion'].map((word) =>
      element('li', {}, word),
    ),
  );
}

byId('points').addEventListener('toggle', () => {
  if (byId('points').open && latest !== null) showPoints(latest);
});

function summary({ readings, from, to, coldestMilliCelsius, hottestMilliCelsius, limits, series, excursions }) {
  if (readings === 0) return 'No readings are visible to you for it.';
  const gaps = series.flatMap((one) => one.gaps);
  const missing = gaps.reduce((sum, gap) => sum + (Date.parse(gap.to) - Date.parse(gap.from)), 0);
  const open = excursions.filter((excursion) => excursion.to === null).length;
  const range = limits
    .map((limit) => `${degrees(limit.minMilliCelsius)} to ${degrees(limit.maxMilliCelsius)}`)
    .join('; ');
  return [
    `${readings} readings from ${shortTime(from)} to ${shortTime(to)}:`,
    `coldest ${degrees(coldestMilliCelsius)}, warmest ${degrees(hottestMilliCelsius)}${range === '' ? '' : `, storage range ${range}`}.`,
    excursions.length === 0
      ? 'No excursion.'
      : `${count(excursions.length, 'excursion')}${open === 0 ? '' : `, ${open} still open`}.`,
    gaps.length === 0 ? 'No gaps.' : `${count(gaps.length, 'gap')}, ${duration(missing)} without data.`,
  ].join(' ');
}

const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

function showExcursions(excursions) {
  if (excursions.length === 0) {
    byId('excursions').replaceChildren();
    return;
  }
  const rows = excursions.map((excursion, index) =>
    element(
      'tr',
      {},
      element('td', {}, `E${index + 1}`),
      element('td', {}, RULES[excursion.rule] ?? excursion.rule),
      element('td', {}, time(excursion.from)),
      element('td', {}, excursion.to === null ? element('strong', {}, 'still open') : time(excursion.to)),
      element('td', { class: 'number' }, duration(excursion.durationMs)),
      element('td', { class: 'number' }, degrees(excursion.extremeMilliCelsius)),
    ),
  );
  byId('excursions').replaceChildren(
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Excursions' },
      element('table', {}, head(['', 'Rule', 'From', 'To', 'Lasted', 'Extreme']), element('tbody', {}, ...rows)),
    ),
  );
}

function showPoints({ series }) {
  const rows = series.flatMap((one) =>
    one.points.map(([at, low, high]) =>
      element(
        'tr',
        {},
        element('td', {}, time(new Date(at).toISOString())),
        element('td', {}, one.logger),
        element('td', { class: 'number' }, degrees(low)),
        element('td', { class: 'number' }, degrees(high)),
      ),
    ),
  );
  byId('points-table').replaceChildren(head(['From', 'Logger', 'Lowest', 'Highest']), element('tbody', {}, ...rows));
}

const head = (names) =>
  element('thead', {}, element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name))));
