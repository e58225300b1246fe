import {
  type Gtin,
  type Lot,
  type LocalDate,
  parseCode,
  type ParsedCode,
  type Serial,
  type Sscc,
} from '@coldchain/gs1';
import { RequestProblem } from '../http/request-problem.js';

/** What a code asks about. */
export type Subject =
  | {
      readonly kind: 'pack';
      readonly gtin: Gtin;
      readonly serial: Serial;
      readonly lot: Lot | null;
      readonly expiry: LocalDate | null;
      readonly link: string;
    }
  | {
      readonly kind: 'batch';
      readonly gtin: Gtin;
      readonly lot: Lot;
      readonly expiry: LocalDate | null;
      readonly link: string;
    }
  | { readonly kind: 'unit'; readonly sscc: Sscc; readonly link: string };

/**
 * Stand-ins for the separator FNC1 (U+001D) that keyboards and scanner settings make: none of them can be part of a GS1
 * value (character set 82) or of a URI.
 */
const SEPARATORS = /\{GS\}|<GS>|\[GS\]|\u241d|\^/gi;

/**
 * Reads a typed or scanned code.
 * @throws Gs1Error; RequestProblem `code-names-no-object` where it names neither pack, batch nor unit
 */
export function subjectOf(code: string, now: number): Subject {
  const parsed = parseCode(code.replace(SEPARATORS, '\u001d'), new Date(now).getUTCFullYear());
  const { sscc, gtin, serial, lot } = parsed;
  if (sscc !== undefined) return { kind: 'unit', sscc, link: linkOf(parsed) };
  const expiry = parsed.expiry ?? null;
  if (gtin !== undefined && serial !== undefined) {
    return { kind: 'pack', gtin, serial, lot: lot ?? null, expiry, link: linkOf(parsed) };
  }
  if (gtin !== undefined && lot !== undefined) return { kind: 'batch', gtin, lot, expiry, link: linkOf(parsed) };
  throw new RequestProblem(
    'code-names-no-object',
    'needed are a serial number (21) or a batch (10) with the GTIN (01), or an SSCC (00)',
  );
}

/** A code that holds a key always has a link. */
const linkOf = (parsed: ParsedCode): string => parsed.digitalLink ?? '';
