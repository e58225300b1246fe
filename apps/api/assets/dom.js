/** Small helpers: everything is built from nodes, no text is ever read as markup. */

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes and children (texts or nodes). */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** As `element`, in the namespace of SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

const full = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const short = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** A time element in the zone of this device, which is named; the title says it in UTC. */
export function time(iso) {
  return element('time', { datetime: iso, title: iso }, full.format(new Date(iso)));
}

export const shortTime = (instant) => short.format(new Date(instant));
export const clockTime = (instant) =>
  new Date(instant).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Milli-degrees as degrees with one decimal. */
export const degrees = (milliCelsius) => `${(milliCelsius / 1000).toFixed(1)} °C`;

export function duration(durationMs) {
  const minutes = Math.round(durationMs / 60000);
  if (minutes < 1) return `${Math.round(durationMs / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
