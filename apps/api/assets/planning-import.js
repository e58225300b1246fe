import { postFile, Refused, refusalText } from './api.js';
import { byId, element } from './dom.js';

const PATHS = { demand: '/v1/demand', prices: '/v1/article-prices' };

/** Sends a list when its form is sent; `changed` is called when something of it was taken. */
export function offerImport(changed) {
  byId('import').addEventListener('submit', (event) => {
    event.preventDefault();
    void importList(changed);
  });
}

async function importList(changed) {
  const [file] = byId('import-file').files;
  const kind = byId('import-kind').value;
  if (file === undefined) {
    show('Choose a file first.');
    return;
  }
  const button = byId('import').querySelector('button');
  button.disabled = true;
  show(`Reading ${file.name} …`);
  try {
    const answer = await postFile(PATHS[kind], 'text/csv', file);
    show(kind === 'demand' ? demandText(answer) : pricesText(answer), (answer.problems ?? []).map(problemText));
    byId('import').reset();
    byId('import-kind').value = kind;
    changed();
  } catch (error) {
    const errors = error instanceof Refused ? (error.problem.errors ?? []) : [];
    // The rows are listed: they need not stand in the sentence as well.
    if (errors.length > 0) delete error.problem.detail;
    show(
      refusalText(error),
      errors.map(({ pointer, detail }) => `${pointer}: ${detail}`),
    );
  } finally {
    button.disabled = false;
  }
}

function show(sentence, rows = []) {
  byId('import-status').textContent = sentence;
  byId('import-problems').replaceChildren(...rows.map((row) => element('li', {}, row)));
}

const problemText = ({ line, detail }) => `line ${line}: ${detail}`;

function demandText({ repeated, rows, series, refusedSeries }) {
  const taken = `${rows} rows of ${series} products and sites taken${repeated ? ': the same file was imported before, and counts once' : ''}.`;
  const refused =
    refusedSeries === 0
      ? ''
      : ` Nothing was taken of ${refusedSeries} with wrong rows: correct them and import the list again.`;
  return `${taken}${refused}${rows === 0 ? '' : ' Forecasts take it up with the next “Forecast now”, or tonight.'}`;
}

const pricesText = ({ articles, changed }) =>
  `Prices of ${articles} articles taken, ${changed} of them changed. They rank articles with the next forecast.`;
