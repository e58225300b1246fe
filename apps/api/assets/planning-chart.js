import { svg } from './dom.js';

const HEIGHT = 300;
const MARGIN = { top: 22, right: 12, bottom: 30, left: 52 };
/** Pixels that a period has at least: on a small screen less history is shown. */
const LEAST_WIDTH = 6;
const MOST_SHOWN = 104;

/**
 * Demand that was, and the forecast as a fan: its mean, the range for four out of five and for nineteen out of twenty. All
 * are told apart without colour: solid and dashed lines, darker and lighter areas, hatching where stock ran out.
 */
export function drawPlan(periods, steps, width) {
  const room = Math.floor((width - MARGIN.left - MARGIN.right) / LEAST_WIDTH) - steps.length;
  const history = periods.slice(-Math.max(12, Math.min(MOST_SHOWN, room)));
  const count = history.length + steps.length;
  const values = [...history.map(({ quantity }) => quantity ?? 0), ...steps.map(({ upper95 }) => upper95)];
  const high = Math.max(1, ...values) * 1.05;
  const low = Math.min(0, ...values);
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const x = (at) => MARGIN.left + ((at + 0.5) * inner.width) / Math.max(1, count);
  const y = (value) => MARGIN.top + ((high - value) * inner.height) / (high - low);
  const picture = svg('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    height: HEIGHT,
    role: 'img',
    'aria-label': 'Chart of demand and forecast; the sentences above and the table below say the same',
  });
  picture.append(hatching(), ...grid(low, high, y, width), ...days(history, steps, x, width));
  picture.append(...stockouts(history, x, inner.width / Math.max(1, count)));
  const from = history.length;
  picture.append(
    area(steps, 'lower95', 'upper95', 'fan95', from, x, y),
    area(steps, 'lower80', 'upper80', 'fan80', from, x, y),
  );
  picture.append(...lines(history, x, y));
  if (steps.length > 0) {
    const d = `M${steps.map(({ mean }, at) => point(x(from + at), y(mean))).join('L')}`;
    const between = (x(from - 1) + x(from)) / 2;
    picture.append(
      svg('path', { class: 'expected', d }),
      svg('line', { class: 'today', x1: between, x2: between, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }),
      svg('text', { x: width - MARGIN.right, y: MARGIN.top - 6, 'text-anchor': 'end' }, 'forecast'),
    );
  }
  return picture;
}

const point = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;

function hatching() {
  const line = svg('line', { x1: 0, y1: 0, x2: 0, y2: 8, class: 'gap-line' });
  const turned = {
    id: 'no-stock',
    width: 8,
    height: 8,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  };
  return svg('defs', {}, svg('pattern', turned, line));
}

function grid(low, high, y, width) {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const nodes = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    nodes.push(
      svg('line', { class: 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
      svg('text', { x: MARGIN.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, String(Number(value.toPrecision(6)))),
    );
  }
  return nodes;
}

function days(history, steps, x, width) {
  const all = [...history, ...steps];
  const ticks = Math.max(2, Math.min(6, Math.floor(width / 150)));
  return Array.from({ length: ticks }, (_, tick) => {
    const at = Math.round((tick * (all.length - 1)) / (ticks - 1));
    const anchor = tick === 0 ? 'start' : tick === ticks - 1 ? 'end' : 'middle';
    return svg('text', { x: x(at), y: HEIGHT - 10, 'text-anchor': anchor }, all[at]?.from ?? '');
  });
}

/** Periods that were without stock for more than half of their days. */
function stockouts(history, x, width) {
  return history.flatMap(({ available }, at) =>
    available >= 0.5
      ? []
      : [
          svg('rect', {
            x: x(at) - width / 2,
            y: MARGIN.top,
            width: Math.max(width, 2),
            height: HEIGHT - MARGIN.top - MARGIN.bottom,
            fill: 'url(#no-stock)',
          }),
        ],
  );
}

function area(steps, lower, upper, name, from, x, y) {
  const top = steps.map((step, at) => point(x(from + at), y(step[upper])));
  const bottom = steps.map((step, at) => point(x(from + at), y(step[lower]))).reverse();
  return svg('path', { class: name, d: steps.length === 0 ? '' : `M${[...top, ...bottom].join('L')}Z` });
}

/** A line never crosses a period of which nothing is known. */
function lines(history, x, y) {
  const runs = [];
  let run = [];
  history.forEach(({ quantity }, at) => {
    if (quantity !== null) run.push(point(x(at), y(quantity)));
    else if (run.length > 0) {
      runs.push(run);
      run = [];
    }
  });
  if (run.length > 0) runs.push(run);
  return runs.map((points) => svg('path', { class: 'history', d: `M${points.join('L')}` }));
}
