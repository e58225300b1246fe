import { post, refusalText } from './api.js';
import { byId } from './dom.js';

let unit = null;

/** Offers to take a unit back into saleable stock; null: it did not come back, or the account may not. */
export function offerReturn(sscc) {
  if (sscc !== unit) byId('return-status').textContent = '';
  unit = sscc;
  byId('return-card').hidden = sscc === null;
}

/** Whether a unit was with somebody else between two of an organisation's own legs, and is with it now. */
export function cameBack(legs, slug) {
  const holders = legs.map(({ custodian }) => custodian);
  const first = holders.indexOf(slug);
  return first !== -1 && holders.at(-1) === slug && holders.slice(first).some((holder) => holder !== slug);
}

byId('return').addEventListener('click', () => void takeBack());

async function takeBack() {
  const status = byId('return-status');
  const button = byId('return');
  if (unit === null) return;
  button.disabled = true;
  try {
    const { repeated } = await post('/v1/returns', { sscc: unit });
    status.textContent = repeated ? 'It was taken back before.' : 'Taken back into saleable stock.';
    document.dispatchEvent(new Event('coldchain:changed'));
  } catch (error) {
    status.textContent = refusalText(error);
  } finally {
    button.disabled = false;
  }
}
