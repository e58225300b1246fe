import { axisText, byId, degrees, duration, element, secondText, time, timeText, zoneText } from './dom.js';
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
  showEpisodes(readings);
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
    ...[
      '▭ storage range',
      '― lowest to highest of each stretch',
      '▨ no data',
      '▲E excursion',
      `times in ${zoneText(latest.to)}`,
    ].map((word) => element('li', {}, word)),
  );
}

byId('points').addEventListener('toggle', () => {
  if (byId('points').open && latest !== null) showPoints(latest);
});

function summary({ readings, from, to, coldestMilliCelsius, hottestMilliCelsius, limits, series, episodes }) {
  if (readings === 0) return 'No readings are visible to you for it.';
  const gaps = series.flatMap((one) => one.gaps);
  const missing = gaps.reduce((sum, gap) => sum + (Date.parse(gap.to) - Date.parse(gap.from)), 0);
  const open = episodes.some((episode) => episode.to === null);
  const range = limits
    .map((limit) => `${degrees(limit.minMilliCelsius)} to ${degrees(limit.maxMilliCelsius)}`)
    .join('; ');
  return [
    `${readings} readings from ${axisText(from)} to ${timeText(to)}:`,
    `coldest ${degrees(coldestMilliCelsius)}, warmest ${degrees(hottestMilliCelsius)}${range === '' ? '' : `, storage range ${range}`}.`,
    episodes.length === 0
      ? 'No excursion.'
      : `${count(episodes.length, 'excursion')}${open ? (episodes.length === 1 ? ', which goes on' : ', the last one goes on') : ''}.`,
    gaps.length === 0 ? 'No gaps.' : `${count(gaps.length, 'gap')}, ${duration(missing)} without data.`,
  ].join(' ');
}

const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

/** Each warming or cooling once, newest last, as a list: it needs no table to be read on a small screen. */
function showEpisodes({ episodes, limits }) {
  byId('excursions').replaceChildren(
    ...(episodes.length === 0
      ? []
      : [
          element(
            'ol',
            { class: 'episodes', 'aria-label': 'Excursions' },
            ...episodes.map((episode, index) => episodeItem(episode, index + 1, limits)),
          ),
        ]),
  );
}

/** Readings that cover all but this share of an episode cover it: the first and the last one stand at its edges. */
const COVERED = 0.98;

function episodeItem({ from, to, durationMs, coveredMs, rules, ...extremes }, number, limits) {
  const names = rules
    .map((rule) => RULES[rule] ?? `range “${rule}”`)
    .sort((a, b) => a.startsWith('range') - b.startsWith('range'));
  return element(
    'li',
    {},
    element('p', {}, element('strong', {}, `E${number}`), ` ${names.join(', ')}`),
    element('p', {}, time(from), ' to ', to === null ? element('strong', {}, 'now, it goes on') : time(to)),
    element(
      'p',
      {},
      `${duration(durationMs)}${to === null ? ' so far' : ''}, ${extremeText(extremes, limits)}`,
      coveredMs < durationMs * COVERED ? `; readings cover ${duration(coveredMs)} of it` : '',
      '.',
    ),
  );
}

/** The side on which it left the range; both when it left on both. */
function extremeText({ coldestMilliCelsius, hottestMilliCelsius }, limits) {
  const hot = limits.some((limit) => hottestMilliCelsius > limit.maxMilliCelsius);
  const cold = limits.some((limit) => coldestMilliCelsius < limit.minMilliCelsius);
  const sides = [
    ...(cold ? [`down to ${degrees(coldestMilliCelsius)}`] : []),
    ...(hot || !cold ? [`up to ${degrees(hottestMilliCelsius)}`] : []),
  ];
  return sides.join(' and ');
}

function showPoints({ series }) {
  const rows = series.flatMap((one) =>
    one.points.map(([at, low, high]) =>
      element(
        'tr',
        {},
        element('td', {}, element('time', { datetime: new Date(at).toISOString() }, secondText(at))),
        element('td', {}, one.logger),
        element('td', { class: 'number' }, degrees(low)),
        element('td', { class: 'number' }, degrees(high)),
      ),
    ),
  );
  byId('points-table').replaceChildren(
    head([`From (${zoneText(latest.to)})`, 'Logger', 'Lowest', 'Highest']),
    element('tbody', {}, ...rows),
  );
}

const head = (names) =>
  element('thead', {}, element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name))));
