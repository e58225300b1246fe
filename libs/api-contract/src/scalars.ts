import {
  type Giai,
  type Gln,
  Gs1Error,
  parseGiai,
  parseGln,
  parseGtin,
  parseLocalDate,
  parseLot,
  parseSerial,
  parseSscc,
  type Gtin,
  type LocalDate,
  type Lot,
  type Serial,
  type Sscc,
} from '@coldchain/gs1';
import { z } from 'zod';

/** Puts a GS1 parser into a schema: the issue carries the parser's code, so that the problem can. */
function gs1<Value>(parse: (text: string) => Value, meta: { readonly description: string; readonly example: string }) {
  return z
    .string()
    .max(200)
    .meta(meta)
    .transform((text, context): Value => {
      try {
        return parse(text);
      } catch (error) {
        if (!(error instanceof Gs1Error)) throw error;
        context.addIssue({ code: 'custom', message: error.message, params: { code: error.code } });
        return z.NEVER;
      }
    });
}

/** Keys in requests: text in, branded and checked value out. */
export const GtinText = gs1<Gtin>(parseGtin, {
  description: 'GTIN with 8, 12, 13 or 14 digits and its check digit',
  example: '09506000134352',
});
export const SsccText = gs1<Sscc>(parseSscc, { description: 'SSCC, 18 digits', example: '095060001343520017' });
export const LotText = gs1<Lot>(parseLot, { description: 'Batch or lot, 1 to 20 characters', example: 'A1B2' });
export const SerialText = gs1<Serial>(parseSerial, {
  description: 'Serial number, 1 to 20 characters',
  example: 'SN1',
});
export const GlnText = gs1<Gln>(parseGln, { description: 'GLN, 13 digits', example: '9506000134352' });
export const GiaiText = gs1<Giai>(parseGiai, {
  description: 'GIAI, up to 30 characters',
  example: '9506000TRUCK7',
});
export const DayText = gs1<LocalDate>(parseLocalDate, { description: 'Day, YYYY-MM-DD', example: '2027-12-31' });

/** Of an organisation's slug. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
  .meta({ description: 'Short name of an organisation', example: 'city-pharmacy' });

/** Names an organisation in a request. */
export const OrganisationName = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'Slug or ledger party of the organisation', example: 'city-pharmacy' });

/** Words of people; kept here, never on the ledger. */
export const Note = z.string().min(1).max(1000).meta({ description: 'In words; kept here, never on the ledger' });

/** Name of a logger as it sends it. */
export const LoggerSerial = z
  .string()
  .min(1)
  .max(128)
  .meta({ description: 'Serial number that the logger sends', example: 'LOG-0001' });

/** When an act happened; the offset of the place is kept in the event. */
export const EventTime = z.iso.datetime({ offset: true }).meta({
  description: 'When it happened, RFC 3339 with offset; now when absent',
  example: '2026-11-20T14:02:00+01:00',
});

/** An instant in an answer. */
export const Instant = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });

/** An opaque position in a list and how many entries a page holds. */
const Paging = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'Entries per page, at most 1000' }),
  after: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/)
    .optional()
    .meta({ description: 'Opaque cursor: taken from the Link header of the page before' }),
} as const;

/** Query of a list. */
export const Page = z.strictObject(Paging);

/** Keys of the examples in the document. */
export const GTIN_EXAMPLE = '09506000134352';
export const SSCC_EXAMPLE = '095060001343520017';
