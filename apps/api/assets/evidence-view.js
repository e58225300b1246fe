import { byId, element, localised, timeText } from './dom.js';

const NAMES = {
  'transit-too-long': 'Long on its way',
  'loggers-disagree': 'Loggers disagree',
  'excursion-undetermined': 'Not clear with whom',
  'claimed-late': 'Told too late',
  silent: 'No data',
};

let shown = '';

/**
 * Shows what is wrong with the evidence of a unit, and what its budgets will be at arrival. Without an answer that is
 * said, because an empty list would look like nothing wrong.
 * @param evidence answer about the evidence, or null when it did not come
 */
export function showEvidence(evidence) {
  const forecasts = evidence === null ? [] : forecastsOf(evidence);
  const findings = evidence === null ? ['! This could not be asked. It is asked again.'] : findingsOf(evidence);
  const text = JSON.stringify([forecasts, findings]);
  if (text === shown) return;
  shown = text;
  byId('forecast-title').hidden = forecasts.length === 0;
  byId('forecasts').hidden = forecasts.length === 0;
  byId('forecasts').replaceChildren(...forecasts.map(item));
  byId('findings').replaceChildren(...findings.map(item));
}

/** The first line of an item says most. */
const item = (lines) => {
  const [first, ...others] = [lines].flat();
  return element('li', {}, element('strong', {}, first), ...others.map((line) => element('p', {}, line)));
};

function findingsOf({ findings, evaluatedTo }) {
  if (findings.length > 0) {
    return findings.map(({ kind, from, to, sentence }) => [
      `! ${NAMES[kind] ?? kind}: ${localised(sentence)}`,
      `From ${timeText(from)} ${to === null ? 'until now' : `to ${timeText(to)}`}.`,
    ]);
  }
  return evaluatedTo === null
    ? ['! The readings have not been evaluated yet.']
    : [`Nothing was found up to ${timeText(evaluatedTo)}.`];
}

/** The sentence, and under it the two arrivals that it rests on; an estimate, and said as one. */
function forecastsOf({ budgets }) {
  return budgets.flatMap(({ profile, product, forecast }) => {
    if (forecast === null) return [];
    const { median, late } = forecast;
    const broken = median?.brokenAt ?? late?.brokenAt ?? null;
    return [
      [
        `${broken === null ? '→' : '▲'} ${product ?? profile}: ${localised(forecast.sentence)}`,
        ...(broken === null ? [] : [`Reroute it before ${timeText(broken)}.`]),
        ...(median === null ? [] : [arrivalText('Usual arrival', median)]),
        ...(late === null ? [] : [arrivalText('Late arrival', late)]),
        `An estimate from ${forecast.transits} earlier ${forecast.transits === 1 ? 'transit' : 'transits'} of this way.`,
      ],
    ];
  });
}

function arrivalText(name, { arrivesAt, spentPercent, exceeded, frozen }) {
  const state = frozen ? '✕ frozen' : exceeded ? '✕ spent' : '✓ within';
  return `${name} ${timeText(arrivesAt)}: ${spentPercent} % of the allowed time spent, ${state}.`;
}
