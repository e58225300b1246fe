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

/** One form everywhere: `2026-11-21 03:30 CET`, in the zone of this device. */
const format = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

function parts(instant) {
  const found = Object.fromEntries(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return {
    day: `${found.year}-${found.month}-${found.day}`,
    minute: `${found.hour}:${found.minute}`,
    second: found.second,
    zone: found.timeZoneName,
  };
}

/** `2026-11-21 03:30 CET`. */
export function timeText(instant) {
  const { day, minute, zone } = parts(instant);
  return `${day} ${minute} ${zone}`;
}

/** A time element; the title says it in UTC. */
export const time = (iso) => element('time', { datetime: iso, title: iso }, timeText(iso));

/** With seconds and without the zone, which the table's head names. */
export function secondText(instant) {
  const { day, minute, second } = parts(instant);
  return `${day} ${minute}:${second}`;
}

/** Without the zone, which the legend of a chart names. */
export function axisText(instant) {
  const { day, minute } = parts(instant);
  return `${day} ${minute}`;
}

export const zoneText = (instant) => parts(instant).zone;

/** `03:30:05 CET`. */
export function clockTime(instant) {
  const { minute, second, zone } = parts(instant);
  return `${minute}:${second} ${zone}`;
}

/** The times in a sentence of the API, which are in UTC, as all others on the page. */
export const localised = (sentence) =>
  sentence.replace(/(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/g, (_, day, minute) => timeText(`${day}T${minute}:00Z`));

/** Text in which what stands between backticks is code. */
export const withCode = (text) =>
  text.split('`').map((part, index) => (index % 2 === 0 ? part : element('code', {}, part)));

/** Milli-degrees as degrees with one decimal. */
export const degrees = (milliCelsius) => `${(milliCelsius / 1000).toFixed(1)} °C`;

export function duration(durationMs) {
  const minutes = Math.round(durationMs / 60000);
  if (minutes < 1) return `${Math.round(durationMs / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
