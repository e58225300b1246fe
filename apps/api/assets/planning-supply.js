import { get, getAll, post, refusalText } from './api.js';
import { byId, element, time } from './dom.js';

/** The product that is shown; shares are of products, and a lot is asked about with its GTIN. */
let shown = null;

byId('sharing').addEventListener('toggle', () => {
  if (byId('sharing').open) void showShares();
});
byId('share').addEventListener('submit', (event) => {
  event.preventDefault();
  share();
});

/** Begins with another product: what was said of the one before is taken away. */
export function showSupply(plan) {
  shown = plan;
  byId('impact').replaceChildren();
  byId('share-status').textContent = '';
  byId('shares').replaceChildren();
  if (byId('sharing').open) void showShares();
}

/** What if a lot is held or recalled: who runs dry when, and who has some. */
export async function showImpact({ gtin, lot }) {
  const plan = shown;
  byId('impact').replaceChildren(element('p', {}, 'Looking …'));
  let content;
  try {
    content = impactNodes(lot, await get('/v1/supply-impact', { gtin, lot }));
  } catch (error) {
    content = [element('p', {}, refusalText(error))];
  }
  if (plan === shown) byId('impact').replaceChildren(...content);
}

function impactNodes(lot, { affected, freeStock, freeStockOfOthers }) {
  const { baseUnit } = shown;
  const has = (free) => ` has ${free} ${unitsOf(baseUnit)} to spare`;
  return [
    element('h3', {}, `If lot ${lot} is held or recalled`),
    affected.length === 0 ? element('p', {}, 'No site of yours has usable stock of it.') : null,
    element(
      'ul',
      {},
      ...affected.map(({ site, sentence }) => element('li', {}, element('strong', {}, site), `: ${sentence}.`)),
      ...freeStock.map(({ site, free }) => element('li', {}, element('strong', {}, site), has(free))),
      ...freeStockOfOthers.map(({ name, site, free }) =>
        element('li', {}, element('strong', {}, name), ` (${site})${has(free)}`),
      ),
    ),
  ].filter((node) => node !== null);
}

const unitsOf = (unit) => (unit.endsWith('s') ? unit : `${unit}s`);

async function showShares() {
  const plan = shown;
  if (plan === null) return;
  let rows;
  try {
    const shares = await getAll('/v1/stock-shares', 'shares', { limit: '200' });
    rows = shares
      .filter(
        ({ withdrawnAt, direction, product }) =>
          withdrawnAt === null && (direction === 'received' || product === plan.product),
      )
      .map(shareRow);
    if (rows.length === 0) rows = [element('li', {}, 'Nobody is told, and nobody tells you.')];
  } catch (error) {
    rows = [element('li', {}, refusalText(error))];
  }
  if (plan === shown) byId('shares').replaceChildren(...rows);
}

function shareRow({ id, direction, organisation, product, sharedAt }) {
  if (direction === 'received') {
    return element('li', {}, element('strong', {}, organisation), ` tells you of ${product} since `, time(sharedAt));
  }
  const button = element('button', { type: 'button', class: 'quiet' }, `Stop telling ${organisation}`);
  button.addEventListener(
    'click',
    () => void change(`/v1/stock-shares/${id}/withdrawal`, {}, `${organisation} is told no more.`),
  );
  return element('li', {}, element('strong', {}, organisation), ' is told since ', time(sharedAt), ' ', button);
}

function share() {
  const receiver = byId('share-with').value.trim();
  if (shown === null || receiver === '') {
    byId('share-status').textContent = 'Name an organisation first.';
    return;
  }
  void change(
    '/v1/stock-shares',
    { product: shown.product, receiver },
    `${receiver} is told from now on how much of ${shown.name} is free.`,
  );
}

async function change(path, body, done) {
  const status = byId('share-status');
  try {
    await post(path, body);
    status.textContent = done;
    byId('share').reset();
  } catch (error) {
    status.textContent = refusalText(error);
  }
  await showShares();
}
