import { axisText, svg } from './dom.js';

const HEIGHT = 280;
const MARGIN = { top: 22, right: 10, bottom: 28, left: 46 };

/** A chart as SVG: storage range, lowest-to-highest of each bucket, gaps and episodes of excursion, all told apart without colour. */
export function drawChart(readings, width) {
  const plot = scales(readings, width);
  const picture = svg('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    height: HEIGHT,
    role: 'img',
    'aria-label': 'Chart of temperatures over time; the text above and the tables below say the same',
  });
  picture.append(hatching());
  picture.append(...limits(readings, plot), ...axes(plot), ...gaps(readings, plot));
  for (const series of readings.series) picture.append(...lines(series, plot));
  picture.append(...episodes(readings, plot));
  return picture;
}

function scales(readings, width) {
  const [from, to] = [Date.parse(readings.from), Math.max(Date.parse(readings.to), Date.parse(readings.from) + 1)];
  const bounds = readings.limits.flatMap((limit) => [limit.minMilliCelsius, limit.maxMilliCelsius]);
  const low = Math.min(readings.coldestMilliCelsius, ...bounds) - 1000;
  const high = Math.max(readings.hottestMilliCelsius, ...bounds) + 1000;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  return {
    from,
    to,
    low,
    high,
    width,
    x: (at) => MARGIN.left + (Math.min(Math.max(at, from), to) - from) * (inner.width / (to - from)),
    y: (value) => MARGIN.top + (high - value) * (inner.height / (high - low)),
    bottom: HEIGHT - MARGIN.bottom,
    right: width - MARGIN.right,
  };
}

function hatching() {
  return svg(
    'defs',
    {},
    svg(
      'pattern',
      { id: 'no-data', width: 8, height: 8, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      svg('line', { x1: 0, y1: 0, x2: 0, y2: 8, class: 'gap-line' }),
    ),
  );
}

function limits({ limits: all }, { x, y, from, right }) {
  return all.flatMap((limit) => {
    const [top, bottom] = [y(limit.maxMilliCelsius), y(limit.minMilliCelsius)];
    return [
      svg('rect', { class: 'band', x: x(from), y: top, width: right - x(from), height: Math.max(1, bottom - top) }),
      ...[top, bottom].map((at) => svg('line', { class: 'limit', x1: x(from), x2: right, y1: at, y2: at })),
    ];
  });
}

function axes({ x, y, from, to, low, high, bottom, right, width }) {
  const nodes = [];
  const step = [500, 1000, 2000, 5000, 10000, 20000, 50000].find((size) => (high - low) / size <= 7) ?? 100000;
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    nodes.push(
      svg('line', { class: 'grid', x1: x(from), x2: right, y1: y(value), y2: y(value) }),
      svg('text', { x: MARGIN.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, String(value / 1000)),
    );
  }
  nodes.push(svg('text', { x: 2, y: 12 }, '°C'));
  const ticks = Math.max(2, Math.min(6, Math.floor(width / 170)));
  for (let tick = 0; tick < ticks; tick++) {
    const at = from + ((to - from) * tick) / (ticks - 1);
    const anchor = tick === 0 ? 'start' : tick === ticks - 1 ? 'end' : 'middle';
    nodes.push(svg('text', { x: x(at), y: bottom + 18, 'text-anchor': anchor }, axisText(at)));
  }
  return nodes;
}

function gaps({ series }, { x, bottom }) {
  return series.flatMap((one) =>
    one.gaps.flatMap((gap) => {
      const [left, right] = [x(Date.parse(gap.from)), x(Date.parse(gap.to))];
      const area = svg('rect', {
        x: left,
        y: MARGIN.top,
        width: Math.max(1, right - left),
        height: bottom - MARGIN.top,
        fill: 'url(#no-data)',
      });
      const word = svg(
        'text',
        { class: 'gap-word', x: (left + right) / 2, y: MARGIN.top + 14, 'text-anchor': 'middle' },
        'no data',
      );
      return right - left > 60 ? [area, word] : [area];
    }),
  );
}

/** Runs of points between gaps; a line never crosses a gap. */
function runs({ points, gaps: holes }) {
  const all = [];
  const starts = holes.map((gap) => Date.parse(gap.to));
  let next = 0;
  let run = [];
  for (const point of points) {
    let broken = false;
    while (next < starts.length && starts[next] <= point[0]) {
      broken = true;
      next++;
    }
    if (broken && run.length > 0) {
      all.push(run);
      run = [];
    }
    run.push(point);
  }
  if (run.length > 0) all.push(run);
  return all;
}

function lines(series, { x, y }) {
  return runs(series).flatMap((run) => {
    const upper = run.map(([at, , high]) => `${x(at).toFixed(1)} ${y(high).toFixed(1)}`);
    const lower = run.map(([at, low]) => `${x(at).toFixed(1)} ${y(low).toFixed(1)}`).reverse();
    return [
      svg('path', { class: 'range', d: `M${[...upper, ...lower].join('L')}Z` }),
      svg('path', { class: 'line', d: `M${upper.join('L')}` }),
      svg('path', { class: 'line', d: `M${lower.join('L')}` }),
    ];
  });
}

/** Room for `▲E1–E3`. */
const LABEL_WIDTH = 58;

/** A tint for each episode; labels that would stand on each other are told as a range. */
function episodes({ episodes: all }, { x, to, bottom, right }) {
  const labels = [];
  const areas = all.map((episode, index) => {
    const left = x(Date.parse(episode.from));
    const end = x(episode.to === null ? to : Date.parse(episode.to));
    const last = labels.at(-1);
    if (last !== undefined && left - last.at < LABEL_WIDTH) last.until = index + 1;
    else labels.push({ at: left, since: index + 1, until: index + 1 });
    return svg('rect', {
      class: 'excursion',
      x: left,
      y: MARGIN.top,
      width: Math.max(2, end - left),
      height: bottom - MARGIN.top,
    });
  });
  const words = labels.map(({ at, since, until }) =>
    svg(
      'text',
      { class: 'mark', x: Math.min(at, right - LABEL_WIDTH + 10), y: MARGIN.top - 6 },
      since === until ? `▲E${since}` : `▲E${since}–E${until}`,
    ),
  );
  return [...areas, ...words];
}
