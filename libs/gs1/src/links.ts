import type { Giai, Gln, Gtin, Lot, Serial, Sscc } from './keys.js';

/** The resolver of GS1 under which a Digital Link is canonical. */
export const CANONICAL_STEM = 'https://id.gs1.org';

/**
 * Percent-encodes a value for a Digital Link: everything but the unreserved characters of RFC 3986 §2.3, in upper-case
 * hex (GS1 Digital Link URI Syntax, percent-encoding of reserved characters).
 */
export function encodeLinkValue(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Canonical Digital Link of a product. */
export const gtinLink = (gtin: Gtin): string => `${CANONICAL_STEM}/01/${gtin}`;
/** Canonical Digital Link of one serialised pack; its pseudonymous key on the ledger is made from these bytes. */
export const sgtinLink = (gtin: Gtin, serial: Serial): string =>
  `${CANONICAL_STEM}/01/${gtin}/21/${encodeLinkValue(serial)}`;
/** Canonical Digital Link of a batch. */
export const lgtinLink = (gtin: Gtin, lot: Lot): string => `${CANONICAL_STEM}/01/${gtin}/10/${encodeLinkValue(lot)}`;
/** Canonical Digital Link of a logistic unit. */
export const ssccLink = (sscc: Sscc): string => `${CANONICAL_STEM}/00/${sscc}`;
/** Canonical Digital Link of a place. @param extension what lies inside of it (AI 254) */
export const sglnLink = (gln: Gln, extension?: string): string =>
  `${CANONICAL_STEM}/414/${gln}${extension === undefined ? '' : `/254/${encodeLinkValue(extension)}`}`;
/** Canonical Digital Link of a party. */
export const pglnLink = (gln: Gln): string => `${CANONICAL_STEM}/417/${gln}`;
/** Canonical Digital Link of an asset, here a logger. */
export const giaiLink = (giai: Giai): string => `${CANONICAL_STEM}/8004/${encodeLinkValue(giai)}`;
