import { encodeLinkValue, epcUrnElements } from '@coldchain/gs1';

const STEM = 'https://id.gs1.org';

const shortNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    gtin: '01',
    itip: '8006',
    cpid: '8010',
    gln: '414',
    party: '417',
    gsrnp: '8017',
    gsrn: '8018',
    gcn: '255',
    sscc: '00',
    gdti: '253',
    ginc: '401',
    gsin: '402',
    grai: '8003',
    giai: '8004',
    cpv: '22',
    lot: '10',
    ser: '21',
  }),
);

/** Keys in the order in which they are looked for in a path. */
const keys = ['00', '01', '253', '255', '401', '402', '414', '417', '8003', '8004', '8006', '8010', '8017', '8018'];

const text = `(?:[!-.0-9:-@A-Z_a-z]|%[0-9A-Fa-f]{2})`;
/** What a link may be after normalisation: the finest key alone. */
const finest = new RegExp(
  `^/(?:00/\\d{18}|01/\\d{14}(?:/(?:10|21)/${text}{1,60}|/235/${text}{1,84})?|253/\\d{13}${text}{0,51}|255/\\d{13}\\d{0,12}` +
    `|401/${text}{1,90}|402/\\d{17}|414/\\d{13}(?:/254/${text}{1,60})?|417/\\d{13}|8003/\\d{14}${text}{0,48}|8004/${text}{1,90}` +
    `|8006/\\d{18}(?:/(?:10|21)/${text}{1,60})?|8010/${text}{1,90}(?:/8011/\\d{1,12})?|801[78]/\\d{18})$`,
);

/**
 * The reference of 2025 escapes what GS1 Digital Link reserves and leaves the other characters of a URN's serial, also
 * its escapes, as they are; since 2026 the text of the URN is kept.
 */
function escapedAs2025(value: string): string {
  return value.replace(/[!()*+,:]/g, encodeLinkValue);
}

function fromUrn(urn: string, before2026: boolean): string | null {
  const elements = epcUrnElements(urn);
  if (elements === null) return null;
  return STEM + elements.map(({ ai, value }) => `/${ai}/${before2026 ? escapedAs2025(value) : value}`).join('');
}

function padded(path: string): string {
  return path.replace(/^\/01\/(\d{12,13}|\d{8})(?=\/|$)/, (_, gtin: string) => `/01/${gtin.padStart(14, '0')}`);
}

/** Leaves the finest level of identification: no consumer product variant, and no lot beside a serial. */
function finestOf(path: string): string {
  const withoutVariant = path.replace(/^(\/(?:01|8006)\/\d+)\/22\/[^/]+/, '$1');
  return withoutVariant.replace(/^(\/(?:01|8006)\/\d+)\/10\/[^/]+(\/21\/)/, '$1$2');
}

function fromLink(link: string): string | null {
  const match = /^https?:\/\/[^/?#]+(\/[^?#]*)/.exec(link);
  if (match === null) return null;
  const path = (match[1] ?? '').replace(/\/([a-z]+)(?=\/)/g, (whole, name: string) => {
    const ai = shortNames.get(name);
    return ai === undefined ? whole : `/${ai}`;
  });
  const key = keys.find((candidate) => path.includes(`/${candidate}/`));
  if (key === undefined) return null;
  const start = /^\/(?:01|8006|8010|414|417|8017|8018|255|00|253|401|402|8003|8004)\/\d{4}[^/]+/.test(path)
    ? 0
    : path.indexOf(`/${key}/`);
  const canonical = finestOf(padded(path.slice(start)));
  return finest.test(canonical) ? STEM + canonical : null;
}

/**
 * The canonical Digital Link of an EPC URN or of a Digital Link of any domain, with the finest key alone and without
 * query string; null where the value is neither.
 */
export function canonicalLink(value: string, before2026: boolean): string | null {
  return value.startsWith('urn:epc:') ? fromUrn(value, before2026) : fromLink(value);
}
